/* Detectors on photographs: against ONNX Runtime's boxes (golden/boxes.json, written by
 * golden/make_boxes.py), against what the pictures' README says is in them, and on all devices
 * alike. Models and pictures that are not there are skipped and counted. */
#include "detect_run.h"

#define SCORE_TOLERANCE 1e-3
#define PIXEL_TOLERANCE 0.5

/* --- against ONNX Runtime ---------------------------------------------------------------- */

static double box_difference(const float *a, const json_t *box)
{
    double most = 0;
    for (size_t i = 0; i < 4; i++)
        most = fmax(most, fabs((double)a[i] - json_number_value(json_array_get(box, i))));
    return most;
}

/* Each expected box is there once and nothing else is. */
static void compare(const char *name, const struct run *r, const json_t *expected)
{
    bool used[MAX_FOUND] = {false};
    double worst_score = 0, worst_box = 0;
    if (r->count != (int)json_array_size(expected))
        fail_msg("%s: %d boxes instead of %zu (is golden/boxes.json of this model?)", name,
                 r->count, json_array_size(expected));
    for (size_t i = 0; i < json_array_size(expected); i++) {
        const json_t *e = json_array_get(expected, i);
        const double score = json_number_value(json_object_get(e, "score"));
        int best = -1;
        double nearest = INFINITY;
        for (int k = 0; k < r->count; k++) {
            const double d = box_difference(r->found[k].box, json_object_get(e, "box"));
            if (!used[k] && d < nearest &&
                r->found[k].class_id == json_integer_value(json_object_get(e, "class")))
                nearest = d, best = k;
        }
        if (best < 0)
            fail_msg("%s: box %zu is missing", name, i);
        used[best] = true;
        worst_box = fmax(worst_box, nearest);
        worst_score = fmax(worst_score, fabs((double)r->found[best].score - score));
    }
    print_message("%-40s %3d boxes, score within %.1e, box within %.1e px\n", name, r->count,
                  worst_score, worst_box);
    assert_true(worst_score <= SCORE_TOLERANCE);
    assert_true(worst_box <= PIXEL_TOLERANCE);
}

static void same_on_both(const char *name, const struct run *a, const struct run *b)
{
    if (a->count != b->count)
        fail_msg("%s: %d boxes on the CPU, %d on OpenCL", name, a->count, b->count);
    for (int i = 0; i < a->count; i++) {
        assert_int_equal(a->found[i].class_id, b->found[i].class_id);
        assert_true(fabsf(a->found[i].score - b->found[i].score) <= (float)SCORE_TOLERANCE);
        for (int k = 0; k < 4; k++)
            assert_true(fabsf(a->found[i].box[k] - b->found[i].box[k]) <= (float)PIXEL_TOLERANCE);
    }
}

static void agrees_with_onnx_runtime(void **state)
{
    (void)state;
    static const char *const devices[] = {"cpu", "opencl"};
    struct bench b[2];
    const int n = open_device(&b[0], devices[0]) && open_device(&b[1], devices[1]) ? 2 : 1;
    json_t *golden = json_load_file("tests/golden/boxes.json", 0, NULL);
    assert_non_null(golden);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(golden, "cases"), i, item)
    {
        const char *model = json_string_value(json_object_get(item, "model"));
        const char *image = json_string_value(json_object_get(item, "image"));
        struct run *r = calloc(2, sizeof *r);
        assert_non_null(r);
        for (int k = 0; k < n && present(model, image); k++) {
            char name[128];
            snprintf(name, sizeof name, "%s %s %s", model, image, devices[k]);
            load_detector(&b[k], &r[k], model, item);
            load_image(&r[k], image);
            const struct detcl_image pixels = view(&r[k].image);
            detect(&b[k], &r[k], &pixels);
            compare(name, &r[k], json_object_get(item, "detections"));
            end(&r[k]);
        }
        if (n == 2)
            same_on_both(model, &r[0], &r[1]);
        free(r);
    }
    json_decref(golden);
    for (int k = 0; k < n; k++)
        detcl_context_destroy(&b[k].ctx);
}

/* --- against what the pictures hold ------------------------------------------------------ */

static const struct fact {
    const char *model, *image;
    int class_id;
    double least_iou;
    float box[4]; /* of the picture's size where below 1, else pixels */
} facts[] = {
    {"yolox_nano.onnx", "cat.png", 15, 0.8, {29, 39, 377, 341}},
    {"ultraface_rfb320.onnx", "grace_hopper.png", 0, 0.7, {0.29f, 0.21f, 0.74f, 0.57f}},
    {"ultraface_rfb320_raw.onnx", "grace_hopper.png", 0, 0.7, {0.29f, 0.21f, 0.74f, 0.57f}},
    {"yunet_n_dynamic.onnx", "grace_hopper.png", 0, 0.7, {0.29f, 0.21f, 0.74f, 0.57f}},
    {"tiny_face_yolov2.onnx", "grace_hopper.png", 0, 0.7, {0.29f, 0.21f, 0.74f, 0.57f}},
    {"mcunet.onnx", "cat.png", 285, 1, {0, 0, 1, 1}},
    {"mcunet.onnx", "bird.png", 19, 1, {0, 0, 1, 1}},
    {"mcunet.onnx", "hot_dog.jpg", 934, 1, {0, 0, 1, 1}},
    {"mcunet.onnx", "coffee.png", 967, 1, {0, 0, 1, 1}},
    {"squeezenet11.onnx", "cat.png", 285, 1, {0, 0, 1, 1}},
};

static void finds_what_is_in_the_pictures(void **state)
{
    (void)state;
    struct bench b;
    if (!open_device(&b, "opencl") && !open_device(&b, "cpu"))
        fail();
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const struct fact *f = &facts[i];
        struct run *r = calloc(1, sizeof *r);
        assert_non_null(r);
        if (present(f->model, f->image)) {
            load_detector(&b, r, f->model, NULL);
            load_image(r, f->image);
            const struct detcl_image pixels = view(&r->image);
            detect(&b, r, &pixels);
            assert_true(r->count > 0);
            const float sides[2] = {(float)r->image.width, (float)r->image.height};
            float box[4];
            for (int k = 0; k < 4; k++)
                box[k] = f->box[k] * (f->box[3] <= 1 ? sides[k % 2] : 1);
            const double overlap = iou(r->found[0].box, box);
            print_message("%s %s: class %d, IoU %.3f\n", f->model, f->image, r->found[0].class_id,
                          overlap);
            assert_int_equal(r->found[0].class_id, f->class_id);
            assert_true(overlap >= f->least_iou);
            end(r);
        }
        free(r);
    }
    detcl_context_destroy(&b.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_onnx_runtime),
        cmocka_unit_test(finds_what_is_in_the_pictures),
    };
    return cmocka_run_group_tests_name("detect", tests, NULL, report_skipped);
}
