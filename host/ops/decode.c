#include "ops/decode.h"
#include "ops/box_deltas.h"

#include <math.h>

const char *const dcl_score_codes[] = {"none", "sigmoid", "softmax", NULL};

/* --- shapes ------------------------------------------------------------------------------ */

int64_t dcl_decode_rows(const struct dcl_decode *d)
{
    int64_t rows = 0;
    for (int i = 0; i < d->n_levels; i++)
        rows += d->level[i].anchors * d->level[i].cells;
    return rows;
}

enum detcl_status dcl_decode_shape(struct dcl_call *call, const struct dcl_decode *d)
{
    const int64_t rows = dcl_decode_rows(d);
    if (!dcl_has_out(call, 0) || !dcl_has_out(call, 1))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "boxes and scores are both needed");
    call->out[0]->desc =
        (struct detcl_desc){.dtype = DETCL_F32, .rank = 3, .dims = {d->images, rows, 4}};
    call->out[1]->desc =
        (struct detcl_desc){.dtype = DETCL_F32, .rank = 3, .dims = {d->images, rows, d->classes}};
    if (dcl_has_out(call, 2))
        call->out[2]->desc = (struct detcl_desc){
            .dtype = DETCL_F32, .rank = 3, .dims = {d->images, rows, d->points}};
    return DETCL_OK;
}

enum detcl_status dcl_decode_grid(const struct dcl_call *call, const struct dcl_ints *strides,
                                  int64_t height, int64_t width, int64_t anchors,
                                  struct dcl_decode *d)
{
    if (strides->n < 1 || strides->n > DCL_MAX_LEVELS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%d strides, 1 to %d are supported",
                             strides->n, DCL_MAX_LEVELS);
    if (height < 1 || width < 1 || height > INT32_MAX || width > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "a network input of %lld x %lld pixels",
                             (long long)width, (long long)height);
    d->n_levels = strides->n;
    for (int i = 0; i < strides->n; i++) {
        const int64_t s = strides->v[i];
        if (s < 1 || height % s || width % s)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "stride %lld does not divide a %lld x %lld input", (long long)s,
                                 (long long)width, (long long)height);
        struct dcl_level *l = &d->level[i];
        l->anchors = anchors;
        l->columns = width / s;
        l->cells = l->columns * (height / s);
        l->stride_x = l->stride_y = (float)s;
    }
    return DETCL_OK;
}

struct dcl_field dcl_rows_field(const struct dcl_value *v, int64_t first, int64_t channel)
{
    const int64_t rows = DCL_DIM(v, 1), channels = DCL_DIM(v, 2);
    return (struct dcl_field){.value = v,
                              .offset = first * channels + channel,
                              .image = rows * channels,
                              .cell = channels,
                              .channel = 1};
}

struct dcl_field dcl_map_field(const struct dcl_value *v, int64_t per_anchor, int64_t channel)
{
    const int64_t plane = DCL_DIM(v, 2) * DCL_DIM(v, 3);
    return (struct dcl_field){.value = v,
                              .offset = channel * plane,
                              .image = DCL_DIM(v, 1) * plane,
                              .anchor = per_anchor * plane,
                              .cell = 1,
                              .channel = plane};
}

/* --- the twin ---------------------------------------------------------------------------- */

/* A row of the head: image n, anchor a, cell p of level l; `row` counts over all levels. */
struct place {
    const struct dcl_level *l;
    int64_t n, a, p, row;
};

static float value_at(const struct dcl_field *f, const struct place *at, int64_t k)
{
    return ((const float *)f->value->data)[f->offset + at->n * f->image + at->a * f->anchor +
                                           at->p * f->cell + k * f->channel];
}

static float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

static void centre_size(float cx, float cy, float w, float h, float box[4])
{
    box[0] = cx - 0.5f * w;
    box[1] = cy - 0.5f * h;
    box[2] = cx + 0.5f * w;
    box[3] = cy + 0.5f * h;
}

static float largest(const struct dcl_field *f, const struct place *at, int64_t first, int64_t n)
{
    float m = -INFINITY;
    for (int64_t k = 0; k < n; k++)
        m = fmaxf(m, value_at(f, at, first + k));
    return m;
}

/* The mean bin number of side k's distribution. */
static float expected_bin(const struct dcl_decode *d, const struct place *at, int64_t k)
{
    const float top = largest(&at->l->box, at, k * d->bins, d->bins);
    float sum = 0, mean = 0;
    for (int64_t j = 0; j < d->bins; j++) {
        const float e = expf(value_at(&at->l->box, at, k * d->bins + j) - top);
        sum += e;
        mean += (float)j * e;
    }
    return mean / sum;
}

static void decode_prior(const struct dcl_decode *d, const struct place *at, const float b[4],
                         float box[4])
{
    const float *table = (const float *)d->priors->data + 4 * at->row;
    const float v0 = d->parameter[0], v1 = d->parameter[1], limit = d->max_log_size;
    float centre[2], size[2];
    for (int k = 0; k < 2; k++) {
        const float low = table[k ^ d->swap], high = table[2 + (k ^ d->swap)];
        const float extent = d->corner_priors ? high - low : high;
        const float middle = d->corner_priors ? low + 0.5f * extent : low;
        dcl_from_deltas(middle, extent, b[k] * v0, b[2 + k] * v1, limit, &centre[k], &size[k]);
    }
    centre_size(centre[0] * d->scale_x, centre[1] * d->scale_y, size[0] * d->scale_x,
                size[1] * d->scale_y, box);
}

static void decode_cell(const struct dcl_decode *d, const struct place *at, const float b[4],
                        float box[4])
{
    const struct dcl_level *l = at->l;
    const float x = (float)(at->p % l->columns), y = (float)(at->p / l->columns);
    const float *anchor = l->anchor + 2 * at->a;
    const float reach = l->scale_xy, shift = 0.5f * (l->scale_xy - 1.0f);
    if (d->code == DCL_BOX_EXP) {
        centre_size((x + b[0]) * l->stride_x, (y + b[1]) * l->stride_y, expf(b[2]) * l->stride_x,
                    expf(b[3]) * l->stride_y, box);
    } else if (d->code == DCL_BOX_SIGMOID_EXP) {
        centre_size((x + reach * sigmoid(b[0]) - shift) * l->stride_x,
                    (y + reach * sigmoid(b[1]) - shift) * l->stride_y, anchor[0] * expf(b[2]),
                    anchor[1] * expf(b[3]), box);
    } else if (d->code == DCL_BOX_SIGMOID_SQUARE) {
        const float w = 2.0f * sigmoid(b[2]), h = 2.0f * sigmoid(b[3]);
        centre_size((x + reach * sigmoid(b[0]) - shift) * l->stride_x,
                    (y + reach * sigmoid(b[1]) - shift) * l->stride_y, w * w * anchor[0],
                    h * h * anchor[1], box);
    } else if (d->code == DCL_BOX_CELL_SIZE || d->code == DCL_BOX_CELL_SQUARE) {
        const bool square = d->code == DCL_BOX_CELL_SQUARE;
        centre_size((x + b[0]) * l->stride_x, (y + b[1]) * l->stride_y,
                    (square ? b[2] * b[2] : b[2]) * d->scale_x,
                    (square ? b[3] * b[3] : b[3]) * d->scale_y, box);
    } else {
        const float cx = (x + d->parameter[0]) * l->stride_x;
        const float cy = (y + d->parameter[0]) * l->stride_y;
        box[0] = cx - b[0] * l->unit;
        box[1] = cy - b[1] * l->unit;
        box[2] = cx + b[2] * l->unit;
        box[3] = cy + b[3] * l->unit;
    }
}

static void decode_box(const struct dcl_decode *d, const struct place *at, float box[4])
{
    float b[4];
    for (int64_t k = 0; k < 4; k++) {
        const int64_t from = d->swap ? k ^ 1 : k;
        b[k] = d->code == DCL_BOX_DFL ? expected_bin(d, at, from) : value_at(&at->l->box, at, from);
    }
    if (d->code == DCL_BOX_PRIOR) {
        decode_prior(d, at, b, box);
    } else if (d->code == DCL_BOX_CXCYWH) {
        centre_size(b[0] * d->scale_x, b[1] * d->scale_y, b[2] * d->scale_x, b[3] * d->scale_y,
                    box);
    } else if (d->code <= DCL_BOX_XYWH) {
        const bool size = d->code == DCL_BOX_XYWH;
        box[0] = b[0] * d->scale_x;
        box[1] = b[1] * d->scale_y;
        box[2] = (size ? b[0] + b[2] : b[2]) * d->scale_x;
        box[3] = (size ? b[1] + b[3] : b[3]) * d->scale_y;
    } else {
        decode_cell(d, at, b, box);
    }
}

static float activate(enum dcl_score_code code, float x)
{
    return code == DCL_SCORE_SIGMOID ? sigmoid(x) : x;
}

static void decode_scores(const struct dcl_decode *d, const struct place *at, float *scores)
{
    const struct dcl_level *l = at->l;
    const bool softmax = d->cls_code == DCL_SCORE_SOFTMAX;
    float sum = 0;
    const float top = softmax ? largest(&l->cls, at, 0, d->classes) : 0;
    for (int64_t c = 0; c < d->classes; c++) {
        const float x = value_at(&l->cls, at, c);
        scores[c] = softmax ? expf(x - top) : activate(d->cls_code, x);
        sum += scores[c];
    }
    const float object =
        l->object.value ? activate(d->object_code, value_at(&l->object, at, 0)) : 1;
    for (int64_t c = 0; c < d->classes; c++) {
        const float s = (softmax ? scores[c] / sum : scores[c]) * object;
        scores[c] = d->root ? sqrtf(s) : s;
    }
}

static void decode_points(const struct dcl_decode *d, const struct place *at, float *points)
{
    const struct dcl_level *l = at->l;
    for (int64_t k = 0; k < d->points; k++) {
        const float cell = (float)(k & 1 ? at->p / l->columns : at->p % l->columns);
        points[k] = (cell + value_at(&l->points, at, k)) * (k & 1 ? l->stride_y : l->stride_x);
    }
}

void dcl_decode_cpu(const struct dcl_call *call, const struct dcl_decode *d)
{
    const int64_t rows = dcl_decode_rows(d);
    for (int64_t n = 0; n < d->images; n++) {
        struct place at = {.n = n};
        for (int i = 0; i < d->n_levels; i++) {
            at.l = &d->level[i];
            for (at.a = 0; at.a < at.l->anchors; at.a++)
                for (at.p = 0; at.p < at.l->cells; at.p++, at.row++) {
                    const int64_t row = n * rows + at.row;
                    decode_box(d, &at, (float *)call->out[0]->data + 4 * row);
                    decode_scores(d, &at, (float *)call->out[1]->data + d->classes * row);
                    if (dcl_has_out(call, 2))
                        decode_points(d, &at, (float *)call->out[2]->data + d->points * row);
                }
        }
    }
}

/* --- the launches ------------------------------------------------------------------------ */

void dcl_arg_field(struct dcl_launch *l, const struct dcl_field *f)
{
    dcl_arg_value(l, f->value);
    dcl_arg_int(l, f->offset);
    dcl_arg_int(l, f->image);
    dcl_arg_int(l, f->anchor);
    dcl_arg_int(l, f->cell);
    dcl_arg_int(l, f->channel);
}

#define COLUMN_CELLS 64 /* of a work-item of decode_scores_columns_f32 */

static const char *options_of(const struct dcl_recorder *r)
{
    return dcl_limits(r)->profile == DCL_PROFILE_SIMD ? "-DSIMD" : "";
}

static void arg_rows(struct dcl_launch *l, const struct dcl_decode *d, const struct dcl_level *v,
                     int64_t first)
{
    dcl_arg_int(l, v->anchors);
    dcl_arg_int(l, v->cells);
    dcl_arg_int(l, first);
    dcl_arg_int(l, dcl_decode_rows(d));
}

/* Boxes that are only scaled, from coordinates that lie in planes, on a processor with vectors. */
static bool scales_columns(const struct dcl_decode *d, const struct dcl_level *v,
                           const struct dcl_recorder *r)
{
    return dcl_limits(r)->profile == DCL_PROFILE_SIMD && d->code <= DCL_BOX_XYWH &&
           v->box.cell == 1 && v->box.channel != 1;
}

static enum detcl_status record_boxes_columns(const struct dcl_call *call,
                                              const struct dcl_decode *d, const struct dcl_level *v,
                                              int64_t first, struct dcl_recorder *r)
{
    struct dcl_launch *l = dcl_launch(r, "decode", options_of(r), "decode_boxes_columns_f32");
    dcl_arg_field(l, &v->box);
    dcl_arg_value(l, call->out[0]);
    arg_rows(l, d, v, first);
    dcl_arg_int(l, d->code);
    dcl_arg_int(l, d->swap);
    dcl_arg_float(l, d->scale_x);
    dcl_arg_float(l, d->scale_y);
    const size_t spans = (size_t)(v->anchors * ((v->cells + 15) / 16));
    return dcl_grid(l, 2, (size_t[]){spans, (size_t)d->images}, (size_t[]){1, 1});
}

static enum detcl_status record_boxes(const struct dcl_call *call, const struct dcl_decode *d,
                                      const struct dcl_level *v, int64_t first,
                                      struct dcl_recorder *r)
{
    const bool sigmoids = d->code == DCL_BOX_SIGMOID_EXP || d->code == DCL_BOX_SIGMOID_SQUARE;
    if (scales_columns(d, v, r))
        return record_boxes_columns(call, d, v, first, r);
    const struct dcl_value *table = d->priors;
    if (sigmoids) {
        void *data;
        table = dcl_packed(r, DETCL_F32, 2 * v->anchors, &data);
        for (int64_t i = 0; table && i < 2 * v->anchors; i++)
            ((float *)data)[i] = v->anchor[i];
    }
    struct dcl_launch *l = dcl_launch(r, "decode", options_of(r), "decode_boxes_f32");
    dcl_arg_field(l, &v->box);
    dcl_arg_value(l, table);
    dcl_arg_value(l, call->out[0]);
    arg_rows(l, d, v, first);
    dcl_arg_int(l, v->columns);
    dcl_arg_int(l, d->code);
    dcl_arg_int(l, d->swap);
    dcl_arg_int(l, d->bins);
    dcl_arg_float(l, v->stride_x);
    dcl_arg_float(l, v->stride_y);
    dcl_arg_float(l, d->scale_x);
    dcl_arg_float(l, d->scale_y);
    dcl_arg_float(l, sigmoids ? v->scale_xy : d->parameter[0]);
    dcl_arg_float(l, d->code >= DCL_BOX_DISTANCE ? v->unit : d->parameter[1]);
    dcl_arg_int(l, d->corner_priors);
    dcl_arg_float(l, d->max_log_size);
    return dcl_grid(l, 2, (size_t[]){(size_t)(v->anchors * v->cells), (size_t)d->images}, NULL);
}

/* Softmax needs the whole row; otherwise each score is a work-item, except on processors where a
 * row is vectors. */
static enum detcl_status record_scores(const struct dcl_call *call, const struct dcl_decode *d,
                                       const struct dcl_level *v, int64_t first,
                                       struct dcl_recorder *r)
{
    const bool softmax = d->cls_code == DCL_SCORE_SOFTMAX;
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const bool side_by_side = simd && v->cls.channel == 1 && (!softmax || d->classes >= 16);
    const bool in_rows = softmax || side_by_side;
    const bool in_columns = !in_rows && simd && v->cls.cell == 1;
    const char *kernel = softmax   ? side_by_side ? "decode_softmax_rows_f32" : "decode_softmax_f32"
                         : in_rows ? "decode_scores_rows_f32"
                         : in_columns ? "decode_scores_columns_f32"
                                      : "decode_scores_f32";
    struct dcl_launch *l = dcl_launch(r, "decode", options_of(r), kernel);
    dcl_arg_field(l, &v->cls);
    dcl_arg_field(l, &v->object);
    dcl_arg_value(l, call->out[1]);
    arg_rows(l, d, v, first);
    dcl_arg_int(l, d->classes);
    dcl_arg_int(l, d->cls_code);
    dcl_arg_int(l, v->object.value ? (int)d->object_code : -1);
    dcl_arg_int(l, d->root);
    const size_t rows = (size_t)(v->anchors * v->cells), images = (size_t)d->images;
    const size_t spans = (size_t)(v->anchors * ((v->cells + COLUMN_CELLS - 1) / COLUMN_CELLS));
    if (in_columns)
        return dcl_grid(l, 2, (size_t[]){spans, images}, (size_t[]){1, 1});
    return in_rows ? dcl_grid(l, 2, (size_t[]){rows, images}, NULL)
                   : dcl_grid(l, 3, (size_t[]){(size_t)d->classes, rows, images}, NULL);
}

static enum detcl_status record_points(const struct dcl_call *call, const struct dcl_decode *d,
                                       const struct dcl_level *v, int64_t first,
                                       struct dcl_recorder *r)
{
    struct dcl_launch *l = dcl_launch(r, "decode", options_of(r), "decode_points_f32");
    dcl_arg_field(l, &v->points);
    dcl_arg_value(l, call->out[2]);
    arg_rows(l, d, v, first);
    dcl_arg_int(l, v->columns);
    dcl_arg_int(l, d->points);
    dcl_arg_float(l, v->stride_x);
    dcl_arg_float(l, v->stride_y);
    return dcl_grid(
        l, 3, (size_t[]){(size_t)d->points, (size_t)(v->anchors * v->cells), (size_t)d->images},
        NULL);
}

enum detcl_status dcl_decode_record(const struct dcl_call *call, const struct dcl_decode *d,
                                    struct dcl_recorder *r)
{
    int64_t first = 0;
    for (int i = 0; i < d->n_levels; i++) {
        const struct dcl_level *v = &d->level[i];
        DCL_TRY(call->error, record_boxes(call, d, v, first, r));
        DCL_TRY(call->error, record_scores(call, d, v, first, r));
        if (dcl_has_out(call, 2))
            DCL_TRY(call->error, record_points(call, d, v, first, r));
        first += v->anchors * v->cells;
    }
    return dcl_recorded(r);
}
