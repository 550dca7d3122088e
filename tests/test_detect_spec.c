/* How the detector decides: sources and their order, recognition of outputs, what is missing. */
#include "detect/network.h"
#include "detect/pipeline.h"
#include "detect/sidecar.h"
#include "temp_dir.h"

#include "detect_support.h"

static void assert_says(const struct fake *f, const char *words)
{
    if (!strstr(f->error.text, words))
        print_error("'%s' is not in: %s\n", words, f->error.text);
    assert_non_null(strstr(f->error.text, words));
}

/* --- recognition ------------------------------------------------------------------------- */

struct shape {
    const char *name;
    int rank, dims[5];
};

static const struct recognised {
    int side;
    struct shape outputs[3];
    int head, decoded, classes, strides;
} table[] = {
    {416, {{"output", 3, {1, 3549, 85}}}, DCL_HEAD_YOLOX, 0, 80, 3},
    {640, {{"output0", 3, {1, 84, 8400}}}, DCL_HEAD_YOLOV8, 1, 80, 3},
    {640, {{"output0", 3, {1, 5, 8400}}}, DCL_HEAD_YOLOV8, 1, 1, 3},
    {640, {{"output", 3, {1, 25200, 85}}}, DCL_HEAD_YOLOV5, 1, 80, 3},
    {416, {{"output", 3, {1, 2535, 7}}}, DCL_HEAD_YOLOV5, 1, 2, 2},
    {1280, {{"output", 3, {1, 102000, 85}}}, DCL_HEAD_YOLOV5, 1, 80, 4},
};

static void outputs_are_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct recognised *r = &table[i];
        struct fake f;
        struct detcl_detector_params params;
        detcl_detector_params_init(&params);
        fake_open(&f, r->side, r->side);
        for (const struct shape *s = r->outputs; s->name; s++)
            fake_output(&f, s->name, s->rank, s->dims[0], s->dims[1], s->dims[2]);
        const enum detcl_status status = fake_decide(&f, &params);
        if (status != DETCL_OK)
            print_error("row %zu: %s\n", i, f.error.text);
        assert_int_equal(status, DETCL_OK);
        assert_int_equal(f.spec.head, r->head);
        assert_int_equal(f.spec.decoded, r->decoded);
        assert_int_equal(f.classes, r->classes);
        assert_int_equal(f.spec.strides.n, r->strides);
        assert_int_equal(f.spec.from[DCL_SET_HEAD], DCL_FROM_MODEL);
        assert_int_equal(f.spec.from[DCL_SET_SIZE], DCL_FROM_MODEL);
        assert_string_equal(f.spec.outputs.v[0], r->outputs[0].name);
        fake_close(&f);
    }
}

static void yunet_is_recognised_by_names(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    fake_open(&f, -1, -1);
    /* Listed in another order than the head reads them. */
    static const char *const names[] = {"kps_8", "obj_16",  "cls_8", "bbox_8",
                                        "obj_8", "bbox_16", "cls_16"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        fake_output(&f, names[i], 3, 1, 6400, names[i][0] == 'b' ? 4 : 1);
    assert_int_equal(fake_decide(&f, &params), DETCL_OK);
    assert_int_equal(f.spec.head, DCL_HEAD_YUNET);
    assert_int_equal(f.spec.strides.n, 2);
    static const char *const order[] = {"cls_8", "cls_16", "obj_8", "obj_16", "bbox_8", "bbox_16"};
    assert_int_equal(f.spec.outputs.n, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(f.spec.outputs.v[i], order[i]);
    assert_string_equal(f.spec.labels.names[0], "face");
    int width, height;
    dcl_detect_input_size(&f.spec, 512, 600, &width, &height);
    assert_int_equal(width, 512);
    assert_int_equal(height, 608);
    dcl_detect_input_size(&f.spec, 4000, 1000, &width, &height);
    assert_int_equal(width, 1280);
    assert_int_equal(height, 320);
    fake_close(&f);
}

/* Boxes with an exponential behind them are decoded; without one they are offsets to priors. */
static void decoded_boxes_are_told_from_offsets(void **state)
{
    (void)state;
    for (int decoded = 0; decoded < 2; decoded++) {
        struct fake f;
        struct detcl_detector_params params;
        detcl_detector_params_init(&params);
        fake_open(&f, 240, 320);
        struct dcl_value *flat = dcl_graph_value(&f.graph, "flat");
        struct dcl_value *boxes = dcl_graph_value(&f.graph, "boxes");
        assert_non_null(flat);
        assert_non_null(boxes);
        assert_int_equal(dcl_graph_node(&f.graph, "reshape", "flat", "kind=reshape shape=1,57600,4",
                                        &f.graph.inputs[0], 1, &flat, 1, NULL),
                         DETCL_OK);
        assert_int_equal(dcl_graph_node(&f.graph, "unary", "curve",
                                        decoded ? "kind=exp" : "kind=abs", &flat, 1, &boxes, 1,
                                        NULL),
                         DETCL_OK);
        assert_int_equal(dcl_graph_add_output(&f.graph, boxes), DETCL_OK);
        fake_output(&f, "scores", 3, 1, 57600, 2);
        assert_int_equal(fake_decide(&f, &params), DETCL_ERROR_MODEL);
        assert_int_equal(f.spec.head, decoded ? DCL_HEAD_CORNER : DCL_HEAD_SSD);
        assert_says(&f, decoded ? "normalised (sidecar key head.normalised)"
                                : "priors (sidecar key head.min_boxes or head.priors)");
        assert_says(&f, "mean (option --mean or sidecar key input.mean)");
        fake_close(&f);
    }
}

/* Nine boxes in each cell of P3 to P7, and anchors as the paper has them. */
static void a_pyramid_of_anchors_is_recognised(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    fake_open(&f, 96, 200);
    const int rows = 9 * (12 * 25 + 6 * 13 + 3 * 7 + 2 * 4 + 1 * 2);
    fake_output(&f, "boxes", 3, 1, rows, 4);
    fake_output(&f, "scores", 3, 1, rows, 7);
    assert_int_equal(fake_decide(&f, &params), DETCL_ERROR_MODEL);
    assert_says(&f, "mean (option --mean or sidecar key input.mean)");
    assert_null(strstr(f.error.text, "head."));
    const struct dcl_detect_spec *s = &f.spec;
    assert_int_equal(s->head, DCL_HEAD_RETINANET);
    assert_int_equal(s->strides.n, 5);
    assert_int_equal(s->sizes.n, 5);
    assert_float_equal(s->sizes.v[4], 512, 0);
    assert_int_equal(s->ratios.n * s->scales.n, 9);
    assert_int_equal(s->activation, DCL_SCORES_SIGMOID);
    assert_int_equal(f.classes, 7);
    fake_close(&f);
}

/* --- building ---------------------------------------------------------------------------- */

#define FEED                                                                                       \
    "\"input\":{\"width\":64,\"height\":32,\"channels\":\"rgb\",\"resize\":\"stretch\","           \
    "\"mean\":[0,0,0],\"scale\":[1,1,1]},"

/* Every head on outputs of zeros: the graph is complete, and its one output has room for 20 boxes.
 */
static const struct built {
    const char *sidecar;
    int classes;
    struct shape outputs[7];
} heads[] = {
    {FEED "\"head\":{\"type\":\"ssd\",\"strides\":[16,32],\"min_boxes\":[[8,16],[24]],"
          "\"activation\":\"softmax\"}",
     2,
     {{"loc", 3, {1, 18, 4}}, {"conf", 3, {1, 18, 3}}}},
    {FEED "\"head\":{\"type\":\"retinanet\",\"strides\":[16,32]}",
     2,
     {{"boxes", 3, {1, 90, 4}}, {"scores", 3, {1, 90, 2}}}},
    {FEED "\"head\":{\"type\":\"retinanet\",\"strides\":[16,32],\"sizes\":[20,40],"
          "\"ratios\":[0.5,2],\"scales\":[1],\"background\":true,\"offset\":0.5}",
     2,
     {{"d0", 4, {1, 8, 2, 4}},
      {"d1", 4, {1, 8, 1, 2}},
      {"c0", 4, {1, 6, 2, 4}},
      {"c1", 4, {1, 6, 1, 2}}}},
    {FEED "\"head\":{\"type\":\"corner\",\"format\":\"yxyx\",\"normalised\":true,"
          "\"background\":false,\"activation\":\"sigmoid\"}",
     5,
     {{"out", 3, {1, 7, 9}}}},
    {FEED "\"head\":{\"type\":\"yolov2\",\"anchors\":[1,2,3,4]}", 3, {{"o", 4, {1, 16, 1, 2}}}},
    {FEED "\"head\":{\"type\":\"yolov3\",\"anchors\":[8,8,16,16],\"strides\":[16,32],"
          "\"decoded\":false,\"multi_label\":true}",
     2,
     {{"a", 4, {1, 7, 2, 4}}, {"b", 4, {1, 7, 1, 2}}}},
    {FEED "\"head\":{\"type\":\"yolov5\",\"decoded\":true,\"class_agnostic\":true}",
     4,
     {{"o", 3, {1, 30, 9}}}},
    {FEED "\"head\":{\"type\":\"yolov8\"}", 6, {{"o", 3, {1, 10, 42}}}},
    {FEED "\"head\":{\"type\":\"yolox\",\"decoded\":true}", 1, {{"o", 3, {1, 42, 6}}}},
    {FEED "\"head\":{\"type\":\"yunet\",\"strides\":[16]}",
     1,
     {{"c", 3, {1, 8, 1}}, {"o", 3, {1, 8, 1}}, {"b", 3, {1, 8, 4}}}},
    {FEED "\"head\":{\"type\":\"distance\",\"strides\":[16,32],\"activation\":\"sigmoid\"}",
     5,
     {{"c0", 4, {1, 5, 2, 4}},
      {"c1", 4, {1, 5, 1, 2}},
      {"d0", 4, {1, 4, 2, 4}},
      {"d1", 4, {1, 4, 1, 2}},
      {"t0", 4, {1, 1, 2, 4}},
      {"t1", 4, {1, 1, 1, 2}}}},
    {FEED "\"head\":{\"type\":\"distance\",\"strides\":[16],\"activation\":\"none\",\"bins\":8,"
          "\"offset\":0}",
     2,
     {{"rows", 3, {1, 8, 34}}}},
    {FEED "\"head\":{\"type\":\"classifier\",\"top\":20}", 30, {{"logits", 4, {1, 30, 1, 1}}}},
};

static void open_built(struct temp_dir *dir, struct fake *f, const struct built *b)
{
    char path[512], text[1024];
    struct detcl_detector_params params;
    snprintf(path, sizeof path, "%s/s.json", dir->path);
    const int n = snprintf(text, sizeof text, "{%s,\"max\":20}", b->sidecar);
    assert_int_equal(temp_dir_write(path, text, (size_t)n), 0);
    detcl_detector_params_init(&params);
    params.sidecar = path;
    fake_open(f, 32, 64);
    for (const struct shape *s = b->outputs; s->name; s++)
        fake_output(f, s->name, s->rank, s->dims[0], s->dims[1], s->dims[2], s->dims[3]);
    if (fake_decide(f, &params) != DETCL_OK)
        fail_msg("%s: %s", b->sidecar, f->error.text);
}

static void every_head_is_built(void **state)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct fake f;
        struct dcl_graph bound;
        open_built(*state, &f, &heads[i]);
        assert_int_equal(f.classes, heads[i].classes);
        assert_int_equal(dcl_network_bind(&f.graph, 64, 32, &bound), DETCL_OK);
        enum detcl_status status = dcl_pipeline_attach(&bound, &f.spec);
        bound.inputs[0]->desc.dims[0] = 4096;
        if (status == DETCL_OK)
            status = dcl_graph_infer(&bound);
        if (status != DETCL_OK)
            fail_msg("%s: %s", heads[i].sidecar, f.error.text);
        assert_int_equal(bound.n_outputs, 1);
        assert_int_equal(bound.outputs[0]->desc.dims[1], 21);
        dcl_graph_free(&bound);
        fake_close(&f);
    }
}

static void outputs_that_do_not_fit_are_named(void **state)
{
    static const struct built cases[] = {
        {FEED "\"head\":{\"type\":\"yolox\",\"decoded\":false}", 0, {{"o", 3, {1, 41, 6}}}},
        {FEED "\"head\":{\"type\":\"retinanet\",\"strides\":[16,32]}",
         0,
         {{"b", 3, {1, 89, 4}}, {"s", 3, {1, 89, 3}}}},
        {FEED "\"head\":{\"type\":\"yolov8\"}", 0, {{"a", 3, {1, 10, 42}}, {"b", 3, {1, 10, 42}}}},
        {FEED "\"head\":{\"type\":\"yolov2\",\"anchors\":[1,2,3,4]}", 0, {{"o", 3, {1, 16, 2}}}},
        {FEED "\"head\":{\"type\":\"classifier\"}", 0, {{"o", 3, {1, 0, 2}}}},
    };
    static const char *const words[] = {"41 rows", "the anchors are not [89, 4]",
                                        "give the sidecar's head.outputs", "'o'", "'o'"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake f;
        struct dcl_graph bound;
        open_built(*state, &f, &cases[i]);
        assert_int_equal(dcl_network_bind(&f.graph, 64, 32, &bound), DETCL_OK);
        enum detcl_status status = dcl_pipeline_attach(&bound, &f.spec);
        bound.inputs[0]->desc.dims[0] = 4096;
        if (status == DETCL_OK)
            status = dcl_graph_infer(&bound);
        assert_int_equal(status, DETCL_ERROR_MODEL);
        assert_says(&f, words[i]);
        dcl_graph_free(&bound);
        fake_close(&f);
    }
}

static void a_classifier_is_refused_by_name(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    fake_open(&f, 227, 227);
    fake_output(&f, "prob", 2, 1, 1000);
    assert_int_equal(fake_decide(&f, &params), DETCL_ERROR_MODEL);
    assert_says(&f, "dir/m.onnx: no detection head recognised: output 'prob' 1x1000 looks like a "
                    "classifier");
    assert_says(&f, "--head");
    fake_close(&f);
}

static void a_task_that_is_no_detection_is_named(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    fake_open(&f, 640, 640);
    fake_output(&f, "output0", 3, 1, 116, 8400);
    fake_output(&f, "output1", 4, 1, 32, 160, 160);
    fake_note(&f, "task", "segment");
    fake_note(&f, "names", "{0: 'person'}");
    assert_int_equal(fake_decide(&f, &params), DETCL_ERROR_MODEL);
    assert_says(&f, "'output0' 1x116x8400, 'output1' 1x32x160x160 (task 'segment')");
    fake_close(&f);
}

static void all_that_is_missing_is_listed(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    fake_open(&f, -1, -1);
    fake_output(&f, "grid", 4, 1, 25, 20, 20);
    assert_int_equal(fake_decide(&f, &params), DETCL_ERROR_MODEL);
    static const char *const words[] = {
        "size (option --size or sidecar key input.width and input.height)",
        "channels (option --channels",
        "resize (option --resize",
        "mean (option --mean",
        "scale (option --scale",
        "anchors (sidecar key head.anchors)"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_says(&f, words[i]);
    fake_close(&f);
}

/* --- sources and their order ------------------------------------------------------------- */

#define ULTRALYTICS_NAMES "{0: 'person', 1: \"driver's seat\", 3: 'dog'}"

static void metadata_of_exporters_is_read(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    fake_open(&f, -1, -1);
    fake_output(&f, "output0", 3, 1, 8, 1260);
    fake_note(&f, "author", "Ultralytics");
    fake_note(&f, "task", "detect");
    fake_note(&f, "stride", "32");
    fake_note(&f, "imgsz", "[192, 320]");
    fake_note(&f, "names", ULTRALYTICS_NAMES);
    assert_int_equal(fake_decide(&f, &params), DETCL_OK);
    assert_int_equal(f.spec.size.width, 320);
    assert_int_equal(f.spec.size.height, 192);
    assert_int_equal(f.spec.from[DCL_SET_SIZE], DCL_FROM_METADATA);
    assert_int_equal(f.spec.head, DCL_HEAD_YOLOV8);
    assert_int_equal(f.spec.labels.n, 4);
    assert_string_equal(f.spec.labels.names[1], "driver's seat");
    assert_null(f.spec.labels.names[2]);
    assert_true(f.spec.centred);
    assert_float_equal(f.spec.scale.v[0], 255, 0);
    fake_close(&f);
}

static void thresholds_in_metadata_are_read(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    fake_open(&f, 416, 416);
    fake_output(&f, "output", 3, 1, 3549, 7);
    fake_note(&f, "class_names", "{\"0\": \"tree\", \"1\": \"b\\u00fcsh\"}");
    fake_note(&f, "det_conf", "0.6");
    fake_note(&f, "det_iou_thresh", "17");
    assert_int_equal(fake_decide(&f, &params), DETCL_OK);
    assert_float_equal(f.spec.score, 0.6f, 0);
    assert_float_equal(f.spec.iou, 0.45f, 0);
    assert_int_equal(f.spec.from[DCL_SET_IOU], DCL_FROM_CONVENTION);
    assert_string_equal(f.spec.labels.names[1], "b\xc3\xbcsh");
    fake_close(&f);
}

static void better_sources_win(void **state)
{
    struct temp_dir *dir = *state;
    static const char sidecar[] =
        "{\"input\":{\"width\":320,\"height\":320,\"channels\":\"bgr\",\"pad\":7},\"score\":0.4,"
        "\"iou\":0.6,\"labels\":[\"a\"]}";
    static const float mean[3] = {1, 2, 3};
    char path[512];
    snprintf(path, sizeof path, "%s/s.json", dir->path);
    assert_int_equal(temp_dir_write(path, sidecar, sizeof sidecar - 1), 0);
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    params.sidecar = path;
    params.score = 0.7f;
    params.mean = mean;
    params.max_detections = 9;
    fake_open(&f, -1, -1);
    fake_output(&f, "output0", 3, 1, 5, 2100);
    fake_note(&f, "imgsz", "640");
    fake_note(&f, "stride", "32");
    fake_note(&f, "names", "['b']");
    assert_int_equal(fake_decide(&f, &params), DETCL_OK);
    const struct dcl_detect_spec *s = &f.spec;
    assert_float_equal(s->score, 0.7f, 0);
    assert_float_equal(s->iou, 0.6f, 0);
    assert_int_equal(s->size.width, 320);
    assert_true(s->bgr);
    assert_int_equal(s->pad, 7);
    assert_float_equal(s->mean.v[2], 3, 0);
    assert_float_equal(s->scale.v[2], 255, 0);
    assert_string_equal(s->labels.names[0], "a");
    static const struct {
        int setting, source;
    } sources[] = {{DCL_SET_SCORE, DCL_FROM_OPTION},   {DCL_SET_MEAN, DCL_FROM_OPTION},
                   {DCL_SET_MAX, DCL_FROM_OPTION},     {DCL_SET_IOU, DCL_FROM_SIDECAR},
                   {DCL_SET_SIZE, DCL_FROM_SIDECAR},   {DCL_SET_LABELS, DCL_FROM_SIDECAR},
                   {DCL_SET_SCALE, DCL_FROM_METADATA}, {DCL_SET_HEAD, DCL_FROM_MODEL},
                   {DCL_SET_STRIDES, DCL_FROM_MODEL}};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        assert_int_equal(s->from[sources[i].setting], sources[i].source);
    const char *summary = dcl_spec_summary(s, &f.arena);
    static const char *const lines[] = {
        "size 320x320 (sidecar)\n", "channels bgr (sidecar)\n",    "resize letterbox (metadata)\n",
        "mean 1,2,3 (option)\n",    "head yolov8 (model)\n",       "outputs output0 (model)\n",
        "score 0.7 (option)\n",     "max detections 9 (option)\n", "labels 1: a (sidecar)\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_non_null(strstr(summary, lines[i]));
    assert_null(strstr(summary, "anchors"));
    fake_close(&f);
}

/* What a sidecar says of one head must not leak into another. */
static void another_head_drops_the_sidecars_details(void **state)
{
    struct temp_dir *dir = *state;
    static const char sidecar[] = "{\"head\":{\"type\":\"yolov5\",\"strides\":[4],\"decoded\":true,"
                                  "\"activation\":\"sigmoid\"},\"score\":0.5}";
    char path[512];
    snprintf(path, sizeof path, "%s/s.json", dir->path);
    assert_int_equal(temp_dir_write(path, sidecar, sizeof sidecar - 1), 0);
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    params.sidecar = path;
    params.head = "yolox";
    fake_open(&f, 416, 416);
    fake_output(&f, "output", 3, 1, 3549, 85);
    assert_int_equal(fake_decide(&f, &params), DETCL_OK);
    assert_int_equal(f.spec.head, DCL_HEAD_YOLOX);
    assert_int_equal(f.spec.strides.n, 3);
    assert_int_equal(f.spec.activation, DCL_SCORES_FINAL);
    assert_false(f.spec.decoded);
    assert_float_equal(f.spec.score, 0.5f, 0);
    assert_int_equal(f.spec.labels.n, 80);
    assert_string_equal(f.spec.labels.names[15], "cat");
    assert_int_equal(f.spec.from[DCL_SET_LABELS], DCL_FROM_CONVENTION);
    fake_close(&f);
}

static void a_fixed_input_cannot_be_resized(void **state)
{
    (void)state;
    struct fake f;
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    params.width = 640;
    params.height = 480;
    fake_open(&f, 416, 416);
    fake_output(&f, "output", 3, 1, 3549, 85);
    assert_int_equal(fake_decide(&f, &params), DETCL_ERROR_MODEL);
    assert_says(&f, "the input is fixed at 416x416, not 640x480");
    fake_close(&f);
}

static void inputs_that_are_no_image_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct detcl_desc desc;
        const char *words;
    } cases[] = {
        {{DETCL_F32, 2, {1, 10}}, "no image"},
        {{DETCL_F32, 4, {1, 1, 28, 28}}, "no image"},
        {{DETCL_U8, 4, {1, 3, 28, 28}}, "is uint8, not float32"},
        {{DETCL_F32, 4, {8, 3, 28, 28}}, "8 images at once"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake f;
        struct detcl_detector_params params;
        detcl_detector_params_init(&params);
        fake_open(&f, 28, 28);
        f.graph.inputs[0]->desc = cases[i].desc;
        assert_int_equal(fake_decide(&f, &params), DETCL_ERROR_UNSUPPORTED);
        assert_says(&f, cases[i].words);
        fake_close(&f);
    }
}

/* --- options ----------------------------------------------------------------------------- */

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    static const float zero[3] = {1, 0, 1};
    struct detcl_detector_params cases[10];
    for (size_t i = 0; i < 10; i++)
        detcl_detector_params_init(&cases[i]);
    cases[0].score = 1.5f;
    cases[1].iou = 2;
    cases[2].max_detections = -1;
    cases[3].width = 320;
    cases[4].channels = "gbr";
    cases[5].resize = "squash";
    cases[6].anchor = "bottom";
    cases[7].scale = zero;
    cases[8].pad = 300;
    cases[9].head = "rcnn";
    static const char *const words[] = {"score: 1.5",
                                        "iou: 2",
                                        "max detections: -1",
                                        "size: 320x0",
                                        "channels: 'gbr' is not rgb or bgr",
                                        "resize: 'squash'",
                                        "anchor: 'bottom'",
                                        "scale: 0",
                                        "pad: 300",
                                        "head: 'rcnn' is not ssd"};
    for (size_t i = 0; i < 10; i++) {
        struct fake f;
        fake_open(&f, 416, 416);
        fake_output(&f, "output", 3, 1, 3549, 85);
        assert_int_equal(fake_decide(&f, &cases[i]), DETCL_ERROR_ARGUMENT);
        assert_says(&f, words[i]);
        fake_close(&f);
    }
}

static int make_dir(void **state)
{
    static struct temp_dir dir;
    *state = &dir;
    return temp_dir_make(&dir);
}

static int remove_dir(void **state)
{
    temp_dir_remove(((struct temp_dir *)*state)->path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_recognised),
        cmocka_unit_test(yunet_is_recognised_by_names),
        cmocka_unit_test(decoded_boxes_are_told_from_offsets),
        cmocka_unit_test(a_pyramid_of_anchors_is_recognised),
        cmocka_unit_test(every_head_is_built),
        cmocka_unit_test(outputs_that_do_not_fit_are_named),
        cmocka_unit_test(a_classifier_is_refused_by_name),
        cmocka_unit_test(a_task_that_is_no_detection_is_named),
        cmocka_unit_test(all_that_is_missing_is_listed),
        cmocka_unit_test(metadata_of_exporters_is_read),
        cmocka_unit_test(thresholds_in_metadata_are_read),
        cmocka_unit_test(better_sources_win),
        cmocka_unit_test(another_head_drops_the_sidecars_details),
        cmocka_unit_test(a_fixed_input_cannot_be_resized),
        cmocka_unit_test(inputs_that_are_no_image_are_refused),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests_name("detect spec", tests, make_dir, remove_dir);
}
