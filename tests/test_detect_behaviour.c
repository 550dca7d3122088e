/* What a detector promises beside its boxes: transfers, allocations, sizes, names, errors. */
#include "detect_run.h"
#include "failing_alloc.h"

#include <locale.h>

static void open_markers(struct bench *b, struct run *r)
{
    if (!open_device(b, "opencl") && !open_device(b, "cpu"))
        fail();
    load_detector(b, r, "markers.onnx", NULL);
    load_image(r, "demo.jpg");
}

static void same_boxes(const struct run *r, const struct detcl_detection *before, int count)
{
    assert_int_equal(r->count, count);
    assert_memory_equal(r->found, before, (size_t)count * sizeof *before);
}

static void a_frame_is_one_upload_and_one_read(void **state)
{
    (void)state;
    struct bench b;
    static struct run r;
    open_markers(&b, &r);
    const struct detcl_image image = view(&r.image);
    detect(&b, &r, &image);
    for (int i = 0; i < 3; i++) {
        b.uploads = b.reads = 0;
        detect(&b, &r, &image);
        assert_int_equal(b.uploads, 1);
        assert_int_equal(b.reads, 1);
    }
    end(&r);
    detcl_context_destroy(&b.ctx);
}

/* Once frames are flowing the library allocates nothing. */
static void steady_state_allocates_nothing(void **state)
{
    (void)state;
    enum { MANY = 1000000 };
    struct bench b;
    static struct run r;
    open_markers(&b, &r);
    const struct detcl_image image = view(&r.image);
    detect(&b, &r, &image);
    countdown = MANY;
    for (int i = 0; i < 3; i++)
        detect(&b, &r, &image);
    const long left = countdown;
    countdown = -1;
    assert_int_equal(left, MANY);
    end(&r);
    detcl_context_destroy(&b.ctx);
}

/* Create, detect; true when all of it worked. */
static bool use_detector(struct bench *b, struct run *r, const struct detcl_image *image)
{
    const struct detcl_detection *list;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    params.model = MARKERS "markers.onnx";
    enum detcl_status status = detcl_detector_create(b->ctx, &params, &r->detector);
    if (status == DETCL_OK)
        status = detcl_detector_enqueue(r->detector, image);
    if (status == DETCL_OK)
        status = detcl_detector_fetch(r->detector, &list, &r->count);
    if (status == DETCL_OK)
        memcpy(r->found, list, (size_t)r->count * sizeof *list);
    detcl_detector_destroy(&r->detector);
    return status == DETCL_OK;
}

/* An allocation that fails gives an error, or the right answer all the same. */
static void failing_allocations_are_survived(void **state)
{
    (void)state;
    struct bench b;
    static struct run r;
    static struct detcl_detection before[MAX_FOUND];
    assert_true(open_device(&b, "cpu"));
    load_image(&r, "demo.jpg");
    const struct detcl_image image = view(&r.image);
    assert_true(use_detector(&b, &r, &image));
    const int count = r.count;
    memcpy(before, r.found, sizeof before);
    int failed = 0;
    long left = -1;
    for (long n = 0; left < 0; n += 1 + n / 6) {
        countdown = n;
        const bool worked = use_detector(&b, &r, &image);
        left = countdown;
        countdown = -1;
        failed += !worked;
        if (worked)
            same_boxes(&r, before, count);
    }
    assert_true(failed > 20);
    end(&r);
    detcl_context_destroy(&b.ctx);
}

/* A program that writes 0,5 for a half gets the same boxes. */
static void locales_make_no_difference(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "nb_NO.UTF-8", "de_DE"};
    struct bench b;
    static struct run r;
    static struct detcl_detection before[MAX_FOUND];
    bool found = false;
    assert_true(open_device(&b, "cpu"));
    load_image(&r, "demo.jpg");
    const struct detcl_image image = view(&r.image);
    assert_true(use_detector(&b, &r, &image));
    const int count = r.count;
    memcpy(before, r.found, sizeof before);
    for (size_t i = 0; i < sizeof locales / sizeof *locales && !found; i++)
        found = setlocale(LC_NUMERIC, locales[i]) != NULL;
    if (found) {
        if (!use_detector(&b, &r, &image))
            fail_with(&b, "detect");
        same_boxes(&r, before, count);
        setlocale(LC_NUMERIC, "C");
    } else {
        print_message("skipped: no locale with a decimal comma\n");
        skipped++;
    }
    end(&r);
    detcl_context_destroy(&b.ctx);
}

/* Blue first, wide rows and an empty border make no difference; nor does what was detected before.
 */
static void pixel_layouts_are_equal(void **state)
{
    (void)state;
    struct bench b;
    static struct run r;
    static struct detcl_detection before[MAX_FOUND];
    open_markers(&b, &r);
    struct detcl_image image = view(&r.image);
    detect(&b, &r, &image);
    const int count = r.count;
    assert_true(count > 0);
    memcpy(before, r.found, sizeof before);
    const size_t stride = 3 * (size_t)image.width + 17;
    uint8_t *bgr = calloc(stride, (size_t)image.height);
    assert_non_null(bgr);
    for (int y = 0; y < image.height; y++)
        for (int x = 0; x < 3 * image.width; x++)
            bgr[(size_t)y * stride + (size_t)x] =
                image.pixels[3 * (y * image.width + x / 3) + 2 - x % 3];
    const struct detcl_image other = {bgr, image.width, image.height, stride, 1};
    detect(&b, &r, &other);
    same_boxes(&r, before, count);
    const uint8_t gray[3] = {114, 114, 114};
    const struct detcl_image dot = {gray, 1, 1, 0, 0};
    detect(&b, &r, &dot);
    assert_int_equal(r.count, 0);
    detect(&b, &r, &image);
    same_boxes(&r, before, count);
    free(bgr);
    end(&r);
    detcl_context_destroy(&b.ctx);
}

/* A picture beyond the prepared capacity makes room once, and boxes scale with the picture. */
static void large_images_make_room(void **state)
{
    (void)state;
    struct bench b;
    static struct run r;
    static struct detcl_detection before[MAX_FOUND];
    open_markers(&b, &r);
    const struct detcl_image image = view(&r.image);
    detect(&b, &r, &image);
    const int count = r.count;
    memcpy(before, r.found, sizeof before);
    const int factor = 4, width = image.width * factor, height = image.height * factor;
    uint8_t *large = malloc((size_t)width * (size_t)height * 3);
    assert_non_null(large);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            memcpy(large + 3 * ((size_t)y * (size_t)width + (size_t)x),
                   image.pixels + 3 * ((y / factor) * image.width + x / factor), 3);
    const struct detcl_image enlarged = {large, width, height, 0, 0};
    detect(&b, &r, &enlarged);
    assert_true(r.count > 0);
    float box[4];
    for (int k = 0; k < 4; k++)
        box[k] = r.found[0].box[k] / (float)factor;
    assert_true(iou(box, before[0].box) > 0.9);
    detect(&b, &r, &image);
    same_boxes(&r, before, count);
    free(large);
    end(&r);
    detcl_context_destroy(&b.ctx);
}

static void thresholds_and_counts_are_kept(void **state)
{
    (void)state;
    struct bench b;
    static struct run all, some;
    open_markers(&b, &all);
    const struct detcl_image image = view(&all.image);
    detect(&b, &all, &image);
    assert_true(all.count > 3);
    for (int i = 1; i < all.count; i++)
        assert_true(all.found[i].score <= all.found[i - 1].score);
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    params.model = MARKERS "markers.onnx";
    params.max_detections = 2;
    assert_int_equal(detcl_detector_create(b.ctx, &params, &some.detector), DETCL_OK);
    detect(&b, &some, &image);
    same_boxes(&some, all.found, 2);
    detcl_detector_destroy(&some.detector);
    params.max_detections = 0;
    params.score = (all.found[1].score + all.found[2].score) / 2;
    assert_int_equal(detcl_detector_create(b.ctx, &params, &some.detector), DETCL_OK);
    detect(&b, &some, &image);
    same_boxes(&some, all.found, 2);
    detcl_detector_destroy(&some.detector);
    params.score = 1;
    assert_int_equal(detcl_detector_create(b.ctx, &params, &some.detector), DETCL_OK);
    detect(&b, &some, &image);
    assert_int_equal(some.count, 0);
    end(&some);
    end(&all);
    detcl_context_destroy(&b.ctx);
}

static void classes_have_names(void **state)
{
    (void)state;
    struct bench b;
    static struct run r;
    open_markers(&b, &r);
    assert_string_equal(detcl_detector_label(r.detector, 0), "QR code");
    assert_string_equal(detcl_detector_label(r.detector, 3), "ArUco");
    assert_string_equal(detcl_detector_label(r.detector, 4), "unknown class");
    assert_string_equal(detcl_detector_label(r.detector, -1), "unknown class");
    assert_non_null(strstr(detcl_detector_summary(r.detector), "head yolox (sidecar)\n"));
    assert_non_null(strstr(detcl_detector_summary(r.detector), "labels 4: QR code"));
    end(&r);
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    params.model = MARKERS "markers.onnx";
    params.labels = "tests/golden/one_label.txt";
    assert_int_equal(detcl_detector_create(b.ctx, &params, &r.detector), DETCL_OK);
    assert_string_equal(detcl_detector_label(r.detector, 0), "square");
    assert_string_equal(detcl_detector_label(r.detector, 1), "class 1");
    end(&r);
    detcl_context_destroy(&b.ctx);
}

static void the_graph_can_be_examined(void **state)
{
    (void)state;
    struct bench b;
    static struct run r;
    open_markers(&b, &r);
    const struct detcl_image image = view(&r.image);
    detect(&b, &r, &image);
    struct detcl_graph *g = detcl_detector_graph(r.detector);
    assert_int_equal(detcl_graph_input_count(g), 1);
    assert_int_equal(detcl_graph_output_count(g), 1);
    struct detcl_graph_stats stats;
    assert_int_equal(detcl_graph_stats(g, &stats), DETCL_OK);
    assert_true(stats.nodes > 10);
    if (detcl_graph_validate(g, NULL, NULL) != DETCL_OK)
        fail_with(&b, "validate");
    end(&r);
    detcl_context_destroy(&b.ctx);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    struct bench b;
    static struct run r;
    open_markers(&b, &r);
    const struct detcl_image good = view(&r.image);
    const struct detcl_detection *list;
    int count;
    assert_int_equal(detcl_detector_fetch(r.detector, &list, &count), DETCL_ERROR_ARGUMENT);
    const struct detcl_image wrong[] = {{NULL, 8, 8, 0, 0},
                                        {good.pixels, 0, 8, 0, 0},
                                        {good.pixels, 8, -1, 0, 0},
                                        {good.pixels, 65536, 8, 0, 0},
                                        {good.pixels, 8, 65536, 0, 0},
                                        {good.pixels, 8, 8, 23, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(detcl_detector_enqueue(r.detector, &wrong[i]), DETCL_ERROR_ARGUMENT);
    assert_int_equal(detcl_detector_enqueue(r.detector, NULL), DETCL_ERROR_ARGUMENT);
    assert_int_equal(detcl_detector_enqueue(NULL, &good), DETCL_ERROR_ARGUMENT);
    detect(&b, &r, &good);
    assert_true(r.count > 0);
    end(&r);
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    assert_int_equal(detcl_detector_create(b.ctx, &params, &r.detector), DETCL_ERROR_ARGUMENT);
    params.model = "/nonexistent/m.onnx";
    assert_int_equal(detcl_detector_create(b.ctx, &params, &r.detector), DETCL_ERROR_IO);
    assert_non_null(strstr(detcl_context_error(b.ctx), "/nonexistent/m.onnx"));
    params.model = MARKERS "markers.onnx";
    params.sidecar = "/nonexistent/s.json";
    assert_int_equal(detcl_detector_create(b.ctx, &params, &r.detector), DETCL_ERROR_IO);
    params.sidecar = NULL;
    params.head = "yunet";
    assert_int_equal(detcl_detector_create(b.ctx, &params, &r.detector), DETCL_ERROR_MODEL);
    assert_non_null(strstr(detcl_context_error(b.ctx), "markers.onnx"));
    assert_null(r.detector);
    detcl_detector_destroy(NULL);
    detcl_detector_destroy(&r.detector);
    detcl_context_destroy(&b.ctx);
}

/* A network of open size follows the image, back and forth. */
static void the_input_follows_the_image(void **state)
{
    (void)state;
    if (!present("yunet_n_dynamic.onnx", "grace_hopper.png") ||
        !present("yunet_n_dynamic.onnx", "astronaut.png"))
        return;
    struct bench b;
    static struct run r;
    static struct detcl_detection before[MAX_FOUND];
    if (!open_device(&b, "cpu"))
        fail();
    load_detector(&b, &r, "yunet_n_dynamic.onnx", NULL);
    load_image(&r, "grace_hopper.png");
    struct detcl_image image = view(&r.image);
    detect(&b, &r, &image);
    const int count = r.count;
    assert_int_equal(count, 1);
    memcpy(before, r.found, sizeof before);
    const struct detcl_image upper = {image.pixels, image.width, 400, 0, 0};
    detect(&b, &r, &upper);
    assert_int_equal(r.count, 1);
    assert_true(iou(r.found[0].box, before[0].box) > 0.9);
    detect(&b, &r, &image);
    same_boxes(&r, before, count);
    end(&r);
    detcl_context_destroy(&b.ctx);
}

static void a_classifier_needs_to_be_called_one(void **state)
{
    (void)state;
    char path[512];
    struct bench b;
    struct detcl_detector *d = NULL;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    params.model = find_file(SHARED_MODELS, "squeezenet11.onnx", path);
    if (!params.model)
        return;
    assert_true(open_device(&b, "cpu"));
    assert_int_equal(detcl_detector_create(b.ctx, &params, &d), DETCL_ERROR_MODEL);
    assert_non_null(strstr(detcl_context_error(b.ctx),
                           "no detection head recognised: output 'prob' 1x1000 looks like a "
                           "classifier"));
    detcl_context_destroy(&b.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_one_upload_and_one_read),
        cmocka_unit_test(steady_state_allocates_nothing),
        cmocka_unit_test(failing_allocations_are_survived),
        cmocka_unit_test(locales_make_no_difference),
        cmocka_unit_test(pixel_layouts_are_equal),
        cmocka_unit_test(large_images_make_room),
        cmocka_unit_test(thresholds_and_counts_are_kept),
        cmocka_unit_test(classes_have_names),
        cmocka_unit_test(the_graph_can_be_examined),
        cmocka_unit_test(wrong_calls_are_refused),
        cmocka_unit_test(the_input_follows_the_image),
        cmocka_unit_test(a_classifier_needs_to_be_called_one),
    };
    return cmocka_run_group_tests_name("detect behaviour", tests, NULL, report_skipped);
}
