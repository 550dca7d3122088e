#include "detect/heads.h"

#include "detect/text.h"

#include <string.h>

/* A box around every image: detections are clipped to theirs. */
#define EVERYWHERE 1e6f

/* What the heads' builders share. */
struct builder {
    struct dcl_graph *g;
    const struct dcl_detect_spec *spec;
    int width, height;
    struct dcl_value *in[DCL_MAX_HEAD_OUTPUTS + 1]; /* the outputs listed by the spec */
    int n_in;
    struct dcl_value *out[2]; /* boxes, scores */
    struct dcl_text attrs;
};

static enum detcl_status no_memory(struct builder *b)
{
    return DCL_FAIL(b->g->error, DETCL_ERROR_MEMORY, "out of memory while building the detector");
}

static enum detcl_status expect_outputs(struct builder *b, int least, int most)
{
    if (b->n_in >= least && b->n_in <= most)
        return DETCL_OK;
    return DCL_FAIL(b->g->error, DETCL_ERROR_MODEL,
                    "a head of type '%s' reads %d outputs at least and %d at most, %d are there: "
                    "give the sidecar's head.outputs",
                    dcl_head_names[b->spec->head], least, most, b->n_in);
}

static enum detcl_status decode(struct builder *b, const char *op)
{
    return dcl_graph_node(b->g, op, "decode", b->attrs.v, b->in, b->n_in, b->out, 2, NULL);
}

static void put_size(struct builder *b)
{
    dcl_text_put(&b->attrs, "height=%d width=%d ", b->height, b->width);
}

static void put_strides(struct builder *b)
{
    dcl_text_put(&b->attrs, "strides=");
    dcl_text_ints(&b->attrs, b->spec->strides.v, b->spec->strides.n);
    dcl_text_put(&b->attrs, " ");
}

static void put_activation(struct builder *b)
{
    dcl_text_put(&b->attrs, "activation=%s ", dcl_score_activation_names[b->spec->activation]);
}

/* --- priors ------------------------------------------------------------------------------ */

static int64_t count_priors(const struct builder *b)
{
    const struct dcl_priors *p = &b->spec->priors;
    int64_t n = 0;
    for (int i = 0; i < p->n_levels; i++) {
        const int s = b->spec->strides.v[i];
        n += (int64_t)((b->width + s - 1) / s) * ((b->height + s - 1) / s) * p->n_min_boxes[i];
    }
    return n;
}

static float unit(float v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* Squares of min_boxes pixels around the centre of each cell, cell by cell: a map of ceil(side /
 * stride) cells a side covers the input evenly. */
static void fill_priors(const struct builder *b, float *to)
{
    const struct dcl_priors *p = &b->spec->priors;
    const float width = (float)b->width, height = (float)b->height;
    for (int i = 0; i < p->n_levels; i++) {
        const int s = b->spec->strides.v[i];
        const int columns = (b->width + s - 1) / s, rows = (b->height + s - 1) / s;
        for (int cell = 0; cell < rows * columns; cell++)
            for (int k = 0; k < p->n_min_boxes[i]; k++, to += 4) {
                to[0] = ((float)(cell % columns) + 0.5f) / (float)columns;
                to[1] = ((float)(cell / columns) + 0.5f) / (float)rows;
                to[2] = p->min_boxes[i][k] / width;
                to[3] = p->min_boxes[i][k] / height;
            }
    }
}

static enum detcl_status add_priors(struct builder *b)
{
    const struct dcl_priors *p = &b->spec->priors;
    const int64_t n = p->count ? p->count : count_priors(b);
    float *boxes = dcl_arena_array(&b->g->arena, (size_t)n, 4 * sizeof *boxes);
    if (!boxes)
        return no_memory(b);
    if (p->count)
        memcpy(boxes, p->boxes, (size_t)n * 4 * sizeof *boxes);
    else
        fill_priors(b, boxes);
    for (int64_t i = 0; p->clip && i < 4 * n; i++)
        boxes[i] = unit(boxes[i]);
    const struct detcl_desc desc = {DETCL_F32, 2, {n, 4}};
    b->in[b->n_in] = dcl_graph_constant(b->g, "priors", &desc, boxes);
    return b->in[b->n_in++] ? DETCL_OK : no_memory(b);
}

/* --- one function a family --------------------------------------------------------------- */

static enum detcl_status ssd(struct builder *b)
{
    DCL_TRY(b->g->error, expect_outputs(b, 2, 2));
    DCL_TRY(b->g->error, add_priors(b));
    put_size(b);
    put_activation(b);
    dcl_text_put(&b->attrs, "variances=");
    dcl_text_floats(&b->attrs, b->spec->variances, 2, 9);
    return decode(b, "decode_ssd");
}

static enum detcl_status add_anchors(struct builder *b, struct dcl_value **anchors)
{
    const struct dcl_detect_spec *spec = b->spec;
    put_size(b);
    put_strides(b);
    dcl_text_put(&b->attrs, "sizes=");
    dcl_text_floats(&b->attrs, spec->sizes.v, spec->sizes.n, 9);
    dcl_text_put(&b->attrs, " ratios=");
    dcl_text_floats(&b->attrs, spec->ratios.v, spec->ratios.n, 9);
    dcl_text_put(&b->attrs, " scales=");
    dcl_text_floats(&b->attrs, spec->scales.v, spec->scales.n, 9);
    dcl_text_put(&b->attrs, " offset=%.9g", (double)spec->offset);
    *anchors = dcl_graph_value(b->g, "anchors of the head");
    if (!*anchors)
        return no_memory(b);
    DCL_TRY(b->g->error,
            dcl_graph_node(b->g, "grid_anchors", "anchors", b->attrs.v, NULL, 0, anchors, 1, NULL));
    b->attrs = dcl_text_in(b->attrs.v, b->attrs.size);
    return DETCL_OK;
}

static enum detcl_status retinanet(struct builder *b)
{
    const int maps = 2 * b->spec->strides.n, half = b->n_in / 2;
    DCL_TRY(b->g->error, expect_outputs(b, 2, maps));
    struct dcl_value *in[DCL_MAX_HEAD_OUTPUTS + 1];
    DCL_TRY(b->g->error, add_anchors(b, &in[0]));
    for (int i = 0; i < b->n_in; i++) /* the scores before the deltas */
        in[1 + i] = b->in[(i + half) % b->n_in];
    memcpy(b->in, in, (size_t)++b->n_in * sizeof *in);
    put_activation(b);
    dcl_text_put(&b->attrs, "center=%.9g size=%.9g", (double)b->spec->variances[0],
                 (double)b->spec->variances[1]);
    return decode(b, "decode_deltas");
}

/* Boxes that the network has decoded. */
static enum detcl_status boxes(struct builder *b, const char *attrs)
{
    put_activation(b);
    dcl_text_put(&b->attrs, "%s", attrs);
    return decode(b, "decode_boxes");
}

/* Corners and final scores in tables of their own, one row a box. */
static bool is_plain(const struct builder *b)
{
    const struct detcl_desc *boxes = &b->in[0]->desc,
                            *scores = b->n_in == 2 ? &b->in[1]->desc : NULL;
    return scores && b->spec->format == DCL_FORMAT_XYXY &&
           b->spec->activation == DCL_SCORES_FINAL && boxes->dtype == DETCL_F32 &&
           scores->dtype == DETCL_F32 && boxes->rank == 3 && scores->rank == 3 &&
           boxes->dims[0] == scores->dims[0] && boxes->dims[1] == scores->dims[1] &&
           boxes->dims[2] == 4;
}

/* Nothing to decode: boxes are scaled to pixels at most, which the graph may fuse into what makes
 * them. */
static enum detcl_status pass_on(struct builder *b)
{
    const struct detcl_desc desc = {DETCL_F32, 1, {4}};
    b->out[1] = b->in[1];
    if (!b->spec->normalised) {
        b->out[0] = b->in[0];
        return DETCL_OK;
    }
    float *pixels = dcl_arena_array(&b->g->arena, 4, sizeof *pixels);
    if (!pixels)
        return no_memory(b);
    pixels[0] = pixels[2] = (float)b->width;
    pixels[1] = pixels[3] = (float)b->height;
    struct dcl_value *in[] = {b->in[0], dcl_graph_constant(b->g, "pixels", &desc, pixels)};
    if (!in[1])
        return no_memory(b);
    return dcl_graph_node(b->g, "binary", "decode", "kind=mul", in, 2, b->out, 1, NULL);
}

static enum detcl_status corner(struct builder *b)
{
    static const char *const formats[] = {"format=xyxy", "format=xyxy order=yx", "format=cxcywh",
                                          "format=xywh"};
    DCL_TRY(b->g->error, expect_outputs(b, 1, 2));
    if (is_plain(b))
        return pass_on(b);
    put_size(b);
    dcl_text_put(&b->attrs, "normalized=%d ", b->spec->normalised);
    return boxes(b, formats[b->spec->format]);
}

/* The one stride of a YOLOv2 map. */
static enum detcl_status map_stride(const struct builder *b, struct dcl_strides *out)
{
    const struct dcl_value *v = b->in[0];
    if (v->desc.rank != 4 || DCL_DIM(v, 3) < 1 || b->width % DCL_DIM(v, 3))
        return DCL_FAIL(b->g->error, DETCL_ERROR_MODEL,
                        "output '%s' is no map over an input of %d pixels a row", v->name,
                        b->width);
    *out = (struct dcl_strides){1, {b->width / (int)DCL_DIM(v, 3)}};
    return DETCL_OK;
}

static enum detcl_status anchored(struct builder *b)
{
    struct dcl_strides strides = b->spec->strides;
    if (b->spec->head != DCL_HEAD_YOLOV2 && b->spec->decoded) {
        DCL_TRY(b->g->error, expect_outputs(b, 1, 1));
        return boxes(b, "format=cxcywh objectness=1");
    }
    if (b->spec->head == DCL_HEAD_YOLOV2)
        DCL_TRY(b->g->error, map_stride(b, &strides));
    DCL_TRY(b->g->error, expect_outputs(b, strides.n, strides.n));
    dcl_text_put(&b->attrs, "kind=%s strides=", dcl_head_names[b->spec->head]);
    dcl_text_ints(&b->attrs, strides.v, strides.n);
    dcl_text_put(&b->attrs, " anchors=");
    dcl_text_floats(&b->attrs, b->spec->anchors.v, b->spec->anchors.n, 9);
    dcl_text_put(&b->attrs, " ");
    put_activation(b);
    return decode(b, "decode_yolo");
}

static enum detcl_status yolov8(struct builder *b)
{
    DCL_TRY(b->g->error, expect_outputs(b, 1, 1));
    return boxes(b, "format=cxcywh channels_first=1");
}

static enum detcl_status yolox(struct builder *b)
{
    DCL_TRY(b->g->error, expect_outputs(b, 1, 1));
    if (b->spec->decoded)
        return boxes(b, "format=cxcywh objectness=1");
    put_size(b);
    put_strides(b);
    put_activation(b);
    return decode(b, "decode_yolox");
}

static enum detcl_status yunet(struct builder *b)
{
    const int n = b->spec->strides.n;
    DCL_TRY(b->g->error, expect_outputs(b, 3 * n, 3 * n));
    put_size(b);
    put_strides(b);
    return decode(b, "decode_yunet");
}

static enum detcl_status distance(struct builder *b)
{
    const int n = b->spec->strides.n;
    DCL_TRY(b->g->error, expect_outputs(b, b->n_in == 1 ? 1 : 2 * n, 3 * n));
    put_size(b);
    put_strides(b);
    put_activation(b);
    dcl_text_put(&b->attrs, "bins=%d offset=%.9g", b->spec->bins, (double)b->spec->offset);
    return decode(b, "decode_distance");
}

/* One box around everything with a score for each class. */
static enum detcl_status classifier(struct builder *b)
{
    DCL_TRY(b->g->error, expect_outputs(b, 1, 1));
    const int classes = dcl_head_classes(b->g, b->spec);
    if (!classes)
        return DCL_FAIL(b->g->error, DETCL_ERROR_MODEL, "output '%s' holds no class scores",
                        b->in[0]->name);
    struct dcl_value *scores = b->in[0], *flat = dcl_graph_value(b->g, "classes");
    float *box = dcl_arena_array(&b->g->arena, 4, sizeof *box);
    if (!flat || !box)
        return no_memory(b);
    box[0] = box[1] = -EVERYWHERE;
    box[2] = box[3] = EVERYWHERE;
    dcl_text_put(&b->attrs, "kind=reshape shape=1,1,%d", classes);
    DCL_TRY(b->g->error,
            dcl_graph_node(b->g, "reshape", "classes", b->attrs.v, &scores, 1, &flat, 1, NULL));
    const struct detcl_desc desc = {DETCL_F32, 3, {1, 1, 4}};
    b->in[0] = dcl_graph_constant(b->g, "everywhere", &desc, box);
    b->in[1] = flat;
    b->n_in = 2;
    b->attrs = dcl_text_in(b->attrs.v, b->attrs.size);
    return b->in[0] ? boxes(b, "format=xyxy") : no_memory(b);
}

/* --- all heads --------------------------------------------------------------------------- */

static enum detcl_status attach(struct builder *b)
{
    switch (b->spec->head) {
    case DCL_HEAD_SSD:
        return ssd(b);
    case DCL_HEAD_RETINANET:
        return retinanet(b);
    case DCL_HEAD_YOLOV2:
    case DCL_HEAD_YOLOV3:
    case DCL_HEAD_YOLOV5:
        return anchored(b);
    case DCL_HEAD_YOLOV8:
        return yolov8(b);
    case DCL_HEAD_YOLOX:
        return yolox(b);
    case DCL_HEAD_YUNET:
        return yunet(b);
    case DCL_HEAD_CORNER:
        return corner(b);
    case DCL_HEAD_CLASSIFIER:
        return classifier(b);
    case DCL_HEAD_DISTANCE:
        return distance(b);
    case DCL_HEAD_COUNT:
        break;
    }
    return DCL_FAIL(b->g->error, DETCL_ERROR_INTERNAL, "no head %d", (int)b->spec->head);
}

enum detcl_status dcl_head_attach(struct dcl_graph *bound, const struct dcl_detect_spec *spec,
                                  int width, int height, struct dcl_value **boxes_out,
                                  struct dcl_value **scores_out)
{
    char room[2048];
    struct builder b = {.g = bound, .spec = spec, .width = width, .height = height};
    b.attrs = dcl_text_in(room, sizeof room);
    for (int i = 0; i < spec->outputs.n; i++) {
        b.in[i] = dcl_head_output(bound, spec->outputs.v[i]);
        if (!b.in[i])
            return DCL_FAIL(bound->error, DETCL_ERROR_MODEL, "the network has no output '%s'",
                            spec->outputs.v[i]);
    }
    b.n_in = spec->outputs.n;
    b.out[0] = dcl_graph_value(bound, "boxes of the head");
    b.out[1] = dcl_graph_value(bound, "scores of the head");
    if (!b.out[0] || !b.out[1])
        return no_memory(&b);
    DCL_TRY(bound->error, attach(&b));
    *boxes_out = b.out[0];
    *scores_out = b.out[1];
    return DETCL_OK;
}
