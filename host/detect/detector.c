#include "detcl/detect.h"

#include "detect/decide.h"
#include "detect/network.h"
#include "detect/pipeline.h"
#include "graph/graph.h"
#include "onnx/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Frames have at least room for this many pixels, so that a first small image does not make the
 * next one costly. */
#define USUAL_PIXELS ((size_t)1920 * 1080)
#define MAX_IMAGE_SIDE 65535
#define ROW 6 /* numbers a row of the detections */

struct detcl_detector {
    struct detcl_context *ctx;
    struct dcl_arena arena; /* what lives as long as the detector */
    struct dcl_detect_spec spec;
    const char *model, *summary;
    const char **labels; /* of the classes that the head gives */
    int classes;
    struct dcl_graph network;  /* as loaded */
    struct detcl_graph *graph; /* all of the detector; its constants are the network's */
    int width, height;         /* the network's input as prepared; 0: not prepared */
    size_t capacity;           /* bytes of a frame */
    float *rows;               /* what the device gives, ops/detections.c */
    struct detcl_detection *list;
    bool pending; /* a frame was enqueued */
    struct detcl_graph_options options;
};

static enum detcl_status no_memory(struct detcl_context *ctx)
{
    return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
}

/* --- preparation ------------------------------------------------------------------------- */

static enum detcl_status build(struct detcl_detector *d, int width, int height,
                               struct dcl_graph *out)
{
    DCL_TRY(&d->ctx->error, dcl_network_bind(&d->network, width, height, out));
    const enum detcl_status status = dcl_pipeline_attach(out, &d->spec);
    if (status != DETCL_OK)
        dcl_graph_free(out);
    return status;
}

/* Make the detector's graph one for a network input of that size. The public object stays the same;
 * only when nothing can fail any more is the old graph given up. */
static enum detcl_status resize_graph(struct detcl_detector *d, int width, int height)
{
    struct dcl_graph made;
    DCL_TRY(&d->ctx->error, build(d, width, height, &made));
    d->width = d->height = 0;
    if (!d->graph)
        return dcl_graph_wrap(d->ctx, &made, &d->graph);
    dcl_exec_destroy(&d->graph->exec);
    dcl_graph_free(&d->graph->source);
    d->graph->source = made;
    return DETCL_OK;
}

/* Prepare for a network input of that size and frames of `bytes`, unless that is what is prepared.
 */
static enum detcl_status prepare(struct detcl_detector *d, int width, int height, size_t bytes)
{
    const bool other_size = width != d->width || height != d->height;
    const bool larger = bytes > d->capacity;
    if (!other_size && !larger)
        return DETCL_OK;
    if (larger)
        d->capacity = bytes;
    if (other_size)
        DCL_TRY(&d->ctx->error, resize_graph(d, width, height));
    d->width = d->height = 0;
    const struct detcl_desc frame = {DETCL_U8, 1, {(int64_t)d->capacity}};
    DCL_TRY(&d->ctx->error, detcl_graph_prepare(d->graph, &frame, &d->options));
    d->width = width;
    d->height = height;
    return DETCL_OK;
}

/* Networks of open size are built for some size, so that what does not fit their head shows now,
 * and compiled when the first image tells the size. */
static enum detcl_status prepare_first(struct detcl_detector *d)
{
    const struct dcl_input_size *size = &d->spec.size;
    const size_t bytes = DCL_FRAME_HEADER_BYTES + 3 * USUAL_PIXELS;
    if (!size->multiple)
        return prepare(d, size->width, size->height, bytes);
    int width, height;
    dcl_detect_input_size(&d->spec, DCL_PROBE_SIDE, DCL_PROBE_SIDE, &width, &height);
    d->capacity = bytes;
    DCL_TRY(&d->ctx->error, resize_graph(d, width, height));
    const struct detcl_desc frame = {DETCL_U8, 1, {(int64_t)bytes}};
    struct dcl_graph checked;
    DCL_TRY(&d->ctx->error, dcl_graph_specialise(d->graph, &frame, &checked));
    dcl_graph_free(&checked);
    return DETCL_OK;
}

/* --- creation ---------------------------------------------------------------------------- */

static const char *label_of(struct detcl_detector *d, int class_id)
{
    const struct dcl_labels *labels = &d->spec.labels;
    if (class_id < labels->n && labels->names[class_id])
        return labels->names[class_id];
    char text[32];
    snprintf(text, sizeof text, "class %d", class_id);
    return dcl_arena_text(&d->arena, text);
}

static enum detcl_status name_classes(struct detcl_detector *d)
{
    if (d->classes < d->spec.labels.n)
        d->classes = d->spec.labels.n;
    d->labels = dcl_arena_array(&d->arena, (size_t)d->classes + 1, sizeof *d->labels);
    for (int i = 0; d->labels && i < d->classes; i++)
        if (!(d->labels[i] = label_of(d, i)))
            return no_memory(d->ctx);
    d->summary = dcl_spec_summary(&d->spec, &d->arena);
    return d->labels && d->summary ? DETCL_OK : no_memory(d->ctx);
}

static enum detcl_status make_results(struct detcl_detector *d)
{
    const size_t n = (size_t)dcl_pipeline_rows(&d->spec);
    d->rows = dcl_arena_array(&d->arena, n, ROW * sizeof *d->rows);
    d->list = dcl_arena_array(&d->arena, n, sizeof *d->list);
    return d->rows && d->list ? DETCL_OK : no_memory(d->ctx);
}

/* Errors of the graph do not know the model's file. */
static enum detcl_status name_model(struct detcl_detector *d, enum detcl_status status)
{
    if (status != DETCL_OK)
        dcl_error_prefix(&d->ctx->error, "%s: ", d->model);
    return status;
}

static enum detcl_status open_detector(struct detcl_detector *d,
                                       const struct detcl_detector_params *params)
{
    struct dcl_error *e = &d->ctx->error;
    DCL_TRY(e, dcl_onnx_import(params->model, &d->network));
    DCL_TRY(e, dcl_detect_decide(&d->network, params, &d->arena, e, &d->spec, &d->classes));
    DCL_TRY(e, name_classes(d));
    DCL_TRY(e, make_results(d));
    d->model = dcl_arena_text(&d->arena, params->model);
    if (!d->model)
        return no_memory(d->ctx);
    d->options.profile = params->profile;
    return name_model(d, prepare_first(d));
}

enum detcl_status detcl_detector_create(struct detcl_context *ctx,
                                        const struct detcl_detector_params *params,
                                        struct detcl_detector **out)
{
    if (!ctx)
        return DETCL_ERROR_ARGUMENT;
    if (!params || !params->model || !out)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_ARGUMENT, "params, a model and out are needed");
    struct detcl_detector *d = calloc(1, sizeof *d);
    if (!d)
        return no_memory(ctx);
    d->ctx = ctx;
    dcl_graph_init(&d->network, &ctx->error);
    const enum detcl_status status = open_detector(d, params);
    if (status != DETCL_OK) {
        detcl_detector_destroy(&d);
        return status;
    }
    *out = d;
    return DETCL_OK;
}

void detcl_detector_destroy(struct detcl_detector **d)
{
    if (!d || !*d)
        return;
    detcl_graph_destroy(&(*d)->graph);
    dcl_graph_free(&(*d)->network);
    dcl_arena_free(&(*d)->arena);
    free(*d);
    *d = NULL;
}

/* --- frames ------------------------------------------------------------------------------ */

static enum detcl_status check_image(struct detcl_detector *d, const struct detcl_image *image)
{
    if (!image || !image->pixels)
        return DCL_FAIL(&d->ctx->error, DETCL_ERROR_ARGUMENT, "an image is needed");
    if (image->width < 1 || image->height < 1 || image->width > MAX_IMAGE_SIDE ||
        image->height > MAX_IMAGE_SIDE)
        return DCL_FAIL(&d->ctx->error, DETCL_ERROR_ARGUMENT,
                        "an image of %dx%d pixels: each side must be 1..%d", image->width,
                        image->height, MAX_IMAGE_SIDE);
    if (image->stride && image->stride < 3 * (size_t)image->width)
        return DCL_FAIL(&d->ctx->error, DETCL_ERROR_ARGUMENT,
                        "a stride of %zu bytes is less than a row of %d pixels", image->stride,
                        image->width);
    return DETCL_OK;
}

/* Header and pixels, rows without gaps. */
static void fill_frame(uint8_t *to, const struct detcl_image *image,
                       const struct dcl_frame_header *header)
{
    const size_t row = 3 * (size_t)image->width;
    const size_t stride = image->stride ? image->stride : row;
    uint8_t *pixels = to + DCL_FRAME_HEADER_BYTES;
    memcpy(to, header, sizeof *header);
    if (stride == row)
        memcpy(pixels, image->pixels, row * (size_t)image->height);
    else
        for (size_t y = 0; y < (size_t)image->height; y++)
            memcpy(pixels + y * row, image->pixels + y * stride, row);
}

enum detcl_status detcl_detector_enqueue(struct detcl_detector *d, const struct detcl_image *image)
{
    if (!d)
        return DETCL_ERROR_ARGUMENT;
    struct dcl_error *e = &d->ctx->error;
    DCL_TRY(e, check_image(d, image));
    int width, height;
    dcl_detect_input_size(&d->spec, image->width, image->height, &width, &height);
    const struct dcl_fit fit = dcl_pipeline_fit(&d->spec, width, height);
    struct dcl_frame_header header;
    DCL_TRY(e, dcl_frame_fit(&fit, image->width, image->height, 3 * (int64_t)image->width,
                             image->bgr ? DCL_PIXEL_BGR : DCL_PIXEL_RGB, &header, e));
    const size_t bytes = dcl_frame_bytes(&header);
    d->pending = false;
    DCL_TRY(e, name_model(d, prepare(d, width, height, bytes)));
    struct dcl_exec *x = d->graph->exec;
    const struct dcl_binding at = dcl_exec_place(x, x->graph.inputs[0]);
    void *to;
    DCL_TRY(e, d->ctx->device->map(d->ctx, at.buffer, at.offset, bytes, "frame", &to));
    fill_frame(to, image, &header);
    DCL_TRY(e, d->ctx->device->unmap(d->ctx, at.buffer, to));
    DCL_TRY(e, dcl_exec_run(x, NULL));
    d->pending = true;
    return DETCL_OK;
}

/* Row 0 counts; the background, where there is one, was class 0. */
static int unpack(struct detcl_detector *d)
{
    const int count = (int)d->rows[0];
    for (int i = 0; i < count; i++) {
        const float *row = d->rows + ROW * (size_t)(i + 1);
        struct detcl_detection *to = &d->list[i];
        for (int k = 0; k < 2; k++) {
            to->box[k] = row[k] < row[k + 2] ? row[k] : row[k + 2];
            to->box[k + 2] = row[k] < row[k + 2] ? row[k + 2] : row[k];
        }
        to->score = row[4];
        to->class_id = (int)row[5] - (d->spec.background ? 1 : 0);
    }
    return count;
}

enum detcl_status detcl_detector_fetch(struct detcl_detector *d,
                                       const struct detcl_detection **list, int *count)
{
    if (!d)
        return DETCL_ERROR_ARGUMENT;
    if (!list || !count)
        return DCL_FAIL(&d->ctx->error, DETCL_ERROR_ARGUMENT, "list and count are needed");
    if (!d->pending)
        return DCL_FAIL(&d->ctx->error, DETCL_ERROR_ARGUMENT, "no frame was enqueued");
    struct dcl_exec *x = d->graph->exec;
    DCL_TRY(&d->ctx->error, dcl_exec_read(x, x->graph.outputs[0], d->rows));
    *count = unpack(d);
    *list = d->list;
    return DETCL_OK;
}

/* --- questions --------------------------------------------------------------------------- */

const char *detcl_detector_label(const struct detcl_detector *d, int class_id)
{
    return class_id >= 0 && class_id < d->classes ? d->labels[class_id] : "unknown class";
}

const char *detcl_detector_summary(const struct detcl_detector *d)
{
    return d->summary;
}

struct detcl_graph *detcl_detector_graph(struct detcl_detector *d)
{
    return d->graph;
}
