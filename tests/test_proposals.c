/* The typed functions of proposals.h: each once on the CPU device and on OpenCL, with values worked
 * by hand, and misused once. */
#include "detcl/detcl.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define LENGTH(array) ((int)(sizeof(array) / sizeof *(array)))

/* What a test made; freed after each. */
static struct {
    struct detcl_context *contexts[2], *ctx;
    struct detcl_tensor *made[64];
    int n;
} all;

static int open_devices(void **state)
{
    static const char *const names[] = {"cpu", "opencl"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct detcl_context_params params = {.device = names[i]};
        if (detcl_context_create(&params, &all.contexts[i], NULL) != DETCL_OK)
            all.contexts[i] = NULL;
    }
    return all.contexts[0] ? 0 : -1;
}

static int close_devices(void **state)
{
    (void)state;
    detcl_context_destroy(&all.contexts[0]);
    detcl_context_destroy(&all.contexts[1]);
    return 0;
}

static void on_each(void (*test)(void))
{
    for (int i = 0; i < 2; i++) {
        all.ctx = all.contexts[i];
        if (all.ctx)
            test();
        while (all.n > 0)
            detcl_tensor_destroy(&all.made[--all.n]);
    }
}

static struct detcl_tensor *tensor(struct detcl_desc desc, const void *data)
{
    struct detcl_tensor *t = NULL;
    assert_true(all.n < LENGTH(all.made));
    assert_int_equal(detcl_tensor_create(all.ctx, &desc, &t), DETCL_OK);
    const size_t bytes = (size_t)detcl_desc_count(&desc) * detcl_dtype_size(desc.dtype);
    if (data)
        assert_int_equal(detcl_tensor_write(t, data, bytes), DETCL_OK);
    all.made[all.n++] = t;
    return t;
}

#define DIMS(...)                                                                                  \
    .rank = (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), .dims = {__VA_ARGS__}
#define FLOATS(data, ...) tensor((struct detcl_desc){.dtype = DETCL_F32, DIMS(__VA_ARGS__)}, data)
#define INTS(...) tensor((struct detcl_desc){.dtype = DETCL_I32, DIMS(__VA_ARGS__)}, NULL)
#define VALUES(...) ((const float[]){__VA_ARGS__})

static void expect(struct detcl_tensor *t, const float *expected, int n)
{
    float got[64];
    assert_int_equal(detcl_tensor_read(t, got, (size_t)n * sizeof *got), DETCL_OK);
    for (int i = 0; i < n; i++)
        if (!(fabsf(got[i] - expected[i]) <= 1e-5f))
            fail_msg("number %d is %g, not %g", i, (double)got[i], (double)expected[i]);
}

static void expect_ints(struct detcl_tensor *t, const int32_t *expected, int n)
{
    int32_t got[64];
    assert_int_equal(detcl_tensor_read(t, got, (size_t)n * sizeof *got), DETCL_OK);
    for (int i = 0; i < n; i++)
        assert_int_equal(got[i], expected[i]);
}

#define EXPECT(t, ...) expect((t), VALUES(__VA_ARGS__), LENGTH(VALUES(__VA_ARGS__)))
#define EXPECT_INTS(t, ...)                                                                        \
    expect_ints((t), (const int32_t[]){__VA_ARGS__}, LENGTH(((const int32_t[]){__VA_ARGS__})))

static void refused(enum detcl_status got, const char *text)
{
    assert_int_not_equal(got, DETCL_OK);
    if (!strstr(detcl_context_error(all.ctx), text))
        fail_msg("'%s' does not say '%s'", detcl_context_error(all.ctx), text);
}

static void anchors(void)
{
    static const int64_t derived[] = {0}, cells[] = {1, 2};
    struct detcl_tensor *y = FLOATS(NULL, 4, 4);
    struct detcl_grid_anchors_params p = {.height = 16,
                                          .width = 32,
                                          .strides = (const int64_t[]){16},
                                          .n_levels = 1,
                                          .sizes = VALUES(8),
                                          .n_sizes = 1,
                                          .ratios = VALUES(4),
                                          .n_ratios = 1,
                                          .scales = VALUES(1, 2),
                                          .n_scales = 2,
                                          .offset = 0.5f};
    for (int run = 0; run < 2; run++) { /* strides given, then derived from the cells */
        assert_int_equal(detcl_grid_anchors(all.ctx, &p, y, NULL), DETCL_OK);
        EXPECT(y, 6, 0, 10, 16, 4, -8, 12, 24, 22, 0, 26, 16, 20, -8, 28, 24);
        p.strides = derived;
        p.cells = cells;
    }
    p.n_sizes = 65;
    refused(detcl_grid_anchors(all.ctx, &p, y, NULL), "65 sizes");
    struct detcl_prior_box_params q = {.height = 8,
                                       .width = 8,
                                       .feature_height = 1,
                                       .feature_width = 2,
                                       .step = 4,
                                       .offset = 0.5f,
                                       .min_sizes = VALUES(4),
                                       .n_sizes = 1,
                                       .corners = 1};
    struct detcl_tensor *z = FLOATS(NULL, 2, 4);
    assert_int_equal(detcl_prior_box(all.ctx, &q, z, NULL), DETCL_OK);
    EXPECT(z, 0, 0, 0.5f, 0.5f, 0.5f, 0, 1, 0.5f);
    q.n_sizes = 0;
    refused(detcl_prior_box(all.ctx, &q, z, NULL), "0 min_sizes");
}

/* One place, one class. */
struct decoded {
    struct detcl_tensor *boxes, *scores;
};

static struct decoded decoded(void)
{
    return (struct decoded){FLOATS(NULL, 1, 1, 4), FLOATS(NULL, 1, 1, 1)};
}

static void exported(void)
{
    const struct decoded y = decoded();
    struct detcl_tensor *box = FLOATS(VALUES(10, 10, 4, 2), 1, 1, 4);
    struct detcl_tensor *score = FLOATS(VALUES(0), 1, 1, 1);
    struct detcl_decode_boxes_params p = {.coding = DETCL_CODED_CXCYWH};
    assert_int_equal(detcl_decode_boxes(all.ctx, &p, box, score, y.boxes, y.scores, NULL),
                     DETCL_OK);
    EXPECT(y.boxes, 8, 9, 12, 11);
    EXPECT(y.scores, 0);
    p.activation = (enum detcl_score_activation)9;
    refused(detcl_decode_boxes(all.ctx, &p, box, score, y.boxes, y.scores, NULL),
            "activation is 8");
}

static void priors(void)
{
    const struct decoded y = decoded();
    struct detcl_tensor *loc = FLOATS(VALUES(1, 0, 0, 0), 1, 1, 4);
    struct detcl_tensor *conf = FLOATS(VALUES(0), 1, 1, 1);
    struct detcl_tensor *prior = FLOATS(VALUES(0.5f, 0.5f, 0.2f, 0.4f), 1, 4);
    const struct detcl_decode_ssd_params p = {
        .height = 100, .width = 200, .activation = DETCL_SCORES_SIGMOID};
    assert_int_equal(detcl_decode_ssd(all.ctx, &p, loc, conf, prior, y.boxes, y.scores, NULL),
                     DETCL_OK);
    EXPECT(y.boxes, 84, 30, 124, 70); /* moved by variance 0.1 of the width 40 */
    EXPECT(y.scores, 0.5f);
    refused(detcl_decode_ssd(all.ctx, NULL, loc, conf, prior, y.boxes, y.scores, NULL), "params");
    struct detcl_tensor *anchor = FLOATS(VALUES(0, 0, 4, 2), 1, 4);
    struct detcl_tensor *logits = FLOATS(VALUES(0), 1, 1, 1, 1);
    struct detcl_tensor *deltas = FLOATS(VALUES(0.5f, 0, 0.69314718f, 0), 1, 4, 1, 1);
    struct detcl_decode_deltas_params q = {.n_levels = 1};
    assert_int_equal(
        detcl_decode_deltas(all.ctx, &q, anchor, &logits, &deltas, y.boxes, y.scores, NULL),
        DETCL_OK);
    EXPECT(y.boxes, 0, 0, 8, 2);
    EXPECT(y.scores, 0.5f);
    q.n_levels = 9;
    refused(detcl_decode_deltas(all.ctx, &q, anchor, &logits, &deltas, y.boxes, y.scores, NULL),
            "9 tensors of logits");
}

static void yolos(void)
{
    const struct decoded y = decoded();
    const float zeros[6] = {0};
    struct detcl_tensor *map = FLOATS(zeros, 1, 6, 1, 1);
    struct detcl_decode_yolo_params p = {.kind = DETCL_YOLO_V3,
                                         .n_levels = 1,
                                         .strides = (const int64_t[]){16},
                                         .anchors = VALUES(8, 4),
                                         .n_anchors = 1,
                                         .scale_xy = VALUES(1.2f)};
    assert_int_equal(detcl_decode_yolo(all.ctx, &p, &map, y.boxes, y.scores, NULL), DETCL_OK);
    EXPECT(y.boxes, 4, 6, 12, 10);
    EXPECT(y.scores, 0.25f);
    p.n_anchors = 33;
    refused(detcl_decode_yolo(all.ctx, &p, &map, y.boxes, y.scores, NULL), "anchor numbers");
    struct detcl_tensor *x = FLOATS(VALUES(0, 0, 0, 0, 0.5f, 0.5f), 1, 1, 6);
    const int64_t strides[] = {8, 16};
    struct detcl_decode_yolox_params q = {
        .height = 8, .width = 8, .strides = strides, .n_levels = 1};
    assert_int_equal(detcl_decode_yolox(all.ctx, &q, x, y.boxes, y.scores, NULL), DETCL_OK);
    EXPECT(y.boxes, -4, -4, 4, 4);
    EXPECT(y.scores, 0.25f);
    q.n_levels = 2;
    refused(detcl_decode_yolox(all.ctx, &q, x, y.boxes, y.scores, NULL), "stride 16");
    struct detcl_tensor *v1 = FLOATS(VALUES(0.5f, 0.5f, 0.5f, 0.25f, 0.75f, 0.5f), 1, 6);
    struct detcl_decode_yolov1_params r = {.height = 16, .width = 8, .side = 1, .boxes = 1};
    assert_int_equal(detcl_decode_yolov1(all.ctx, &r, v1, y.boxes, y.scores, NULL), DETCL_OK);
    EXPECT(y.boxes, 3, 7.5f, 5, 8.5f);
    EXPECT(y.scores, 0.375f);
    r.side = 0; /* 7 x 7 cells */
    refused(detcl_decode_yolov1(all.ctx, &r, v1, y.boxes, y.scores, NULL), "49 cells");
}

static void distances(void)
{
    const struct decoded y = decoded();
    struct detcl_tensor *in[] = {FLOATS(VALUES(0), 1, 1, 1, 1),
                                 FLOATS(VALUES(0.25f, 0.25f, 0.5f, 0.5f), 1, 4, 1, 1)};
    const int64_t strides[] = {8};
    const struct detcl_decode_distance_params p = {
        .height = 8, .width = 8, .strides = strides, .n_levels = 1, .offset = 0.5f};
    assert_int_equal(detcl_decode_distance(all.ctx, &p, in, 2, y.boxes, y.scores, NULL), DETCL_OK);
    EXPECT(y.boxes, 2, 2, 8, 8);
    EXPECT(y.scores, 0.5f);
    refused(detcl_decode_distance(all.ctx, &p, in, 0, y.boxes, y.scores, NULL), "0 tensors");
    struct detcl_tensor *cls = FLOATS(VALUES(0.25f), 1, 1, 1), *object = FLOATS(VALUES(1), 1, 1, 1);
    struct detcl_tensor *box = FLOATS(VALUES(0, 0, 0, 0), 1, 1, 4);
    struct detcl_tensor *keypoints = FLOATS(VALUES(0.5f, 0.25f), 1, 1, 2);
    struct detcl_tensor *points = FLOATS(NULL, 1, 1, 2);
    const struct detcl_decode_yunet_params q = {
        .height = 8, .width = 8, .strides = strides, .n_levels = 1};
    assert_int_equal(detcl_decode_yunet(all.ctx, &q, &cls, &object, &box, &keypoints, y.boxes,
                                        y.scores, points, NULL),
                     DETCL_OK);
    EXPECT(y.boxes, -4, -4, 4, 4);
    EXPECT(y.scores, 0.5f);
    EXPECT(points, 4, 2);
    assert_int_equal(
        detcl_decode_yunet(all.ctx, &q, &cls, &object, &box, NULL, y.boxes, y.scores, NULL, NULL),
        DETCL_OK);
    refused(detcl_decode_yunet(all.ctx, &q, &cls, NULL, &box, NULL, y.boxes, y.scores, NULL, NULL),
            "tensors of object");
}

/* Two detections of one image. */
struct detections {
    struct detcl_tensor *boxes, *scores, *classes, *count;
};

static struct detections detections(int64_t k)
{
    return (struct detections){FLOATS(NULL, 1, k, 4), FLOATS(NULL, 1, k), INTS(1, k), INTS(1)};
}

static void centers(void)
{
    const struct detections y = detections(2);
    struct detcl_tensor *heat = FLOATS(VALUES(0.25f, 0.75f, 0.5f), 1, 1, 1, 3);
    struct detcl_tensor *size = FLOATS(VALUES(2, 2, 2, 4, 4, 4), 1, 2, 1, 3);
    struct detcl_decode_centernet_params p = {
        .k = 2, .stride = 2, .activation = DETCL_SCORES_PLAIN};
    assert_int_equal(detcl_decode_centernet(all.ctx, &p, heat, size, NULL, y.boxes, y.scores,
                                            y.classes, y.count, NULL),
                     DETCL_OK);
    EXPECT(y.boxes, 1, -3, 5, 5, 0, 0, 0, 0);
    EXPECT(y.scores, 0.75f, 0);
    EXPECT_INTS(y.classes, 0, -1);
    EXPECT_INTS(y.count, 1);
    p.activation = DETCL_SCORES_SOFTMAX;
    refused(detcl_decode_centernet(all.ctx, &p, heat, size, NULL, y.boxes, y.scores, y.classes,
                                   y.count, NULL),
            "activation is 2");
}

static void corners(void)
{
    struct detcl_tensor *x = FLOATS(VALUES(1, 3, 2), 1, 1, 1, 3), *z = FLOATS(NULL, 1, 1, 1, 3);
    assert_int_equal(detcl_corner_pool(all.ctx, DETCL_CORNER_LEFT, x, z, NULL), DETCL_OK);
    EXPECT(z, 3, 3, 2);
    refused(detcl_corner_pool(all.ctx, (enum detcl_corner_pool)4, x, z, NULL), "kind is 4");
    const struct detections y = detections(2);
    const float zeros[3] = {0};
    const struct detcl_corner_maps tl = {FLOATS(VALUES(0.75f, 0, -1), 1, 1, 1, 3),
                                         FLOATS(zeros, 1, 1, 1, 3), NULL};
    const struct detcl_corner_maps br = {FLOATS(VALUES(-1, 0, 0.25f), 1, 1, 1, 3),
                                         FLOATS(zeros, 1, 1, 1, 3), NULL};
    const struct detcl_decode_cornernet_params p = {
        .k = 1, .max_output = 2, .activation = DETCL_SCORES_PLAIN};
    assert_int_equal(
        detcl_decode_cornernet(all.ctx, &p, &tl, &br, y.boxes, y.scores, y.classes, y.count, NULL),
        DETCL_OK);
    EXPECT(y.boxes, 0, 0, 8, 0, 0, 0, 0, 0);
    EXPECT(y.scores, 0.5f, 0);
    EXPECT_INTS(y.classes, 0, -1);
    EXPECT_INTS(y.count, 1);
    refused(
        detcl_decode_cornernet(all.ctx, &p, &tl, NULL, y.boxes, y.scores, y.classes, y.count, NULL),
        "params is NULL");
}

static void queries(void)
{
    const struct detections y = detections(2);
    struct detcl_tensor *logits = FLOATS(VALUES(0, NAN), 1, 1, 2);
    struct detcl_tensor *in = FLOATS(VALUES(0.5f, 0.5f, 0.5f, 1), 1, 1, 4);
    struct detcl_tensor *sizes = FLOATS(VALUES(10, 20), 1, 2);
    assert_int_equal(detcl_decode_detr(all.ctx, DETCL_DETR_SIGMOID, 2, logits, in, sizes, y.boxes,
                                       y.scores, y.classes, y.count, NULL),
                     DETCL_OK);
    EXPECT(y.boxes, 5, 0, 15, 10, 0, 0, 0, 0);
    EXPECT(y.scores, 0.5f, 0);
    EXPECT_INTS(y.classes, 0, -1);
    EXPECT_INTS(y.count, 1);
    refused(detcl_decode_detr(all.ctx, DETCL_DETR_SIGMOID, -1, logits, in, sizes, y.boxes, y.scores,
                              y.classes, y.count, NULL),
            "k is -1");
}

static void proposals(void)
{
    struct detcl_tensor *anchor = FLOATS(VALUES(0, 0, 4, 4, 0, 0, 4, 3, 4, 0, 8, 4), 3, 4);
    struct detcl_tensor *logits = FLOATS(VALUES(0, 0, 1), 1, 3, 1);
    const float zeros[12] = {0};
    struct detcl_tensor *deltas = FLOATS(zeros, 1, 3, 4);
    struct detcl_tensor *boxes = FLOATS(NULL, 1, 3, 4), *scores = FLOATS(NULL, 1, 3);
    struct detcl_tensor *count = INTS(1);
    struct detcl_rpn_params p = {.n_levels = 1, .post_nms_top_n = 3, .height = 8, .width = 6};
    assert_int_equal(detcl_rpn_proposals(all.ctx, &p, anchor, NULL, &logits, &deltas, boxes, scores,
                                         count, NULL),
                     DETCL_OK);
    EXPECT(boxes, 4, 0, 6, 4, 0, 0, 4, 4, 0, 0, 0, 0);
    EXPECT(scores, 0.73105858f, 0.5f, 0);
    EXPECT_INTS(count, 2);
    p.iou_threshold = 2;
    refused(detcl_rpn_proposals(all.ctx, &p, anchor, NULL, &logits, &deltas, boxes, scores, count,
                                NULL),
            "iou_threshold of 2");
}

/* Against a transcription in numpy: float64, the same seeding. */
static void test_cluster(void **state)
{
    (void)state;
    static const float expected[3][10] = {
        {20.1f, 30.4f, 77, 46.6666667f, 56.75f, 129, 203.461538f, 48.3846154f, 152.5f, 139.7f},
        {15, 11, 100, 34.5f, 44, 86.5f, 195, 80, 104, 157},
        {20.75f, 18.375f, 41.3846154f, 99, 111.647059f, 37.8823529f, 222.375f, 60.875f, 130.428571f,
         143.785714f}};
    static const double means[] = {0.54511757433668129, 0.58002817787543315, 0.5589676886259265};
    float sizes[120], anchor[120];
    for (int i = 0; i < 60; i++) {
        sizes[2 * i] = (float)(5 + i * 37 % 101 * (1 + i % 3));
        sizes[2 * i + 1] = (float)(7 + i * 53 % 97 * (1 + i % 2));
    }
    for (int i = 0; i < 3; i++) {
        const struct detcl_cluster_params p = {
            5, i == 1 ? DETCL_CLUSTER_MEDIAN : DETCL_CLUSTER_MEAN, i ? 7 : 0, 0};
        double mean = 0;
        assert_int_equal(detcl_cluster_anchors(&p, sizes, 60, anchor, &mean), DETCL_OK);
        assert_true(fabs(mean - means[i]) < 1e-12);
        for (int k = 0; k < 10; k++)
            assert_true(fabsf(anchor[k] - expected[i][k]) <= 1e-6f * expected[i][k]);
    }
    /* As many clusters as different boxes: each is one of them, and the fit is exact. */
    const float pair[] = {2, 3, 10, 20, 2, 3};
    double mean = 0;
    struct detcl_cluster_params p = {.clusters = 2};
    assert_int_equal(detcl_cluster_anchors(&p, pair, 3, anchor, &mean), DETCL_OK);
    assert_true(anchor[0] == 2 && anchor[1] == 3 && anchor[2] == 10 && anchor[3] == 20 &&
                mean == 1);
    p.clusters = 4;
    assert_int_equal(detcl_cluster_anchors(&p, pair, 3, anchor, NULL), DETCL_ERROR_ARGUMENT);
    p.clusters = 1;
    assert_int_equal(detcl_cluster_anchors(&p, VALUES(1, 0), 1, anchor, NULL),
                     DETCL_ERROR_ARGUMENT);
    assert_int_equal(detcl_cluster_anchors(NULL, pair, 3, anchor, NULL), DETCL_ERROR_ARGUMENT);
}

#define ON_EACH(name)                                                                              \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each(name);                                                                             \
    }
ON_EACH(anchors)
ON_EACH(exported)
ON_EACH(priors)
ON_EACH(yolos)
ON_EACH(distances)
ON_EACH(centers)
ON_EACH(corners)
ON_EACH(queries)
ON_EACH(proposals)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anchors),   cmocka_unit_test(test_exported),
        cmocka_unit_test(test_priors),    cmocka_unit_test(test_yolos),
        cmocka_unit_test(test_distances), cmocka_unit_test(test_centers),
        cmocka_unit_test(test_corners),   cmocka_unit_test(test_queries),
        cmocka_unit_test(test_proposals), cmocka_unit_test(test_cluster)};
    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
