/* Detectors at work in tests: devices that count their transfers, models and pictures that may be
 * absent (skipped and counted), results kept beyond the next call. */
#ifndef TESTS_DETECT_RUN_H
#define TESTS_DETECT_RUN_H

#include "detcl/detect.h"
#include "image/image.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MARKERS "host/models/markers/"
#define SHARED_MODELS "../shared/models/"
#define SHARED_IMAGES "../shared/images/"
#define MAX_FOUND 512

static int skipped;

/* --- the device that a test runs on ------------------------------------------------------- */

struct bench {
    struct detcl_context *ctx;
    int uploads, reads;
};

static inline void count_transfers(void *user, enum detcl_log_level level, const char *text)
{
    struct bench *b = user;
    if (level != DETCL_LOG_TRACE)
        return;
    b->uploads += strncmp(text, "upload", 6) == 0;
    b->reads += strncmp(text, "read", 4) == 0;
}

/* False when there is no such device. */
static inline bool open_device(struct bench *b, const char *device)
{
    const struct detcl_context_params params = {
        .device = device, .log = count_transfers, .log_user = b, .log_level = DETCL_LOG_TRACE};
    *b = (struct bench){0};
    struct detcl_error error;
    if (detcl_context_create(&params, &b->ctx, &error) == DETCL_OK)
        return true;
    print_message("skipped: %s\n", error.text);
    skipped++;
    return false;
}

/* --- files ------------------------------------------------------------------------------- */

/* The path of a model or picture, in the tree or beside it; NULL (and counted) if it is not there.
 */
static inline const char *find_file(const char *shared, const char *name, char path[512])
{
    snprintf(path, 512, MARKERS "%s", name);
    if (access(path, R_OK) == 0)
        return path;
    snprintf(path, 512, "%s%s", shared, name);
    if (access(path, R_OK) == 0)
        return path;
    print_message("skipped: no %s\n", path);
    skipped++;
    return NULL;
}

static inline const char *sidecar_of(const char *model, char path[512])
{
    const int stem = (int)(strlen(model) - strlen(".onnx"));
    snprintf(path, 512, "tests/models/%.*s.detcl.json", stem, model);
    return access(path, R_OK) == 0 ? path : NULL;
}

struct run {
    struct detcl_detector *detector;
    struct dcl_image image;
    struct detcl_detection found[MAX_FOUND];
    int count;
};

static inline struct detcl_image view(const struct dcl_image *image)
{
    return (struct detcl_image){
        .pixels = image->rgb, .width = image->width, .height = image->height};
}

static inline void fail_with(struct bench *b, const char *what)
{
    fail_msg("%s: %s", what, detcl_context_error(b->ctx));
}

/* `golden` may give thresholds. */
static inline void load_detector(struct bench *b, struct run *r, const char *model,
                                 const json_t *golden)
{
    char path[512], sidecar[512];
    struct detcl_detector_params params;
    detcl_detector_params_init(&params);
    if (golden) {
        params.score = (float)json_number_value(json_object_get(golden, "score"));
        params.iou = (float)json_number_value(json_object_get(golden, "iou"));
    }
    params.model = find_file(SHARED_MODELS, model, path);
    params.sidecar = sidecar_of(model, sidecar);
    assert_non_null(params.model);
    if (detcl_detector_create(b->ctx, &params, &r->detector) != DETCL_OK)
        fail_with(b, model);
}

static inline void load_image(struct run *r, const char *name)
{
    char path[512], why[256];
    assert_non_null(find_file(SHARED_IMAGES, name, path));
    if (dcl_image_load(path, &r->image, why, sizeof why) != DETCL_OK)
        fail_msg("%s", why);
}

static inline void detect(struct bench *b, struct run *r, const struct detcl_image *image)
{
    const struct detcl_detection *list;
    if (detcl_detector_enqueue(r->detector, image) != DETCL_OK ||
        detcl_detector_fetch(r->detector, &list, &r->count) != DETCL_OK)
        fail_with(b, "detect");
    assert_in_range(r->count, 0, MAX_FOUND);
    memcpy(r->found, list, (size_t)r->count * sizeof *list);
}

static inline void end(struct run *r)
{
    detcl_detector_destroy(&r->detector);
    dcl_image_free(&r->image);
}

static inline bool present(const char *model, const char *image)
{
    char path[512];
    return find_file(SHARED_MODELS, model, path) && find_file(SHARED_IMAGES, image, path);
}

static inline double area(const float *b)
{
    return (double)(b[2] - b[0]) * (double)(b[3] - b[1]);
}

static inline double iou(const float *a, const float *b)
{
    const float shared[4] = {fmaxf(a[0], b[0]), fmaxf(a[1], b[1]), fminf(a[2], b[2]),
                             fminf(a[3], b[3])};
    const double both = shared[2] > shared[0] && shared[3] > shared[1] ? area(shared) : 0;
    return both / (area(a) + area(b) - both);
}

static inline int report_skipped(void **state)
{
    (void)state;
    print_message("skipped: %d\n", skipped);
    return 0;
}

#endif
