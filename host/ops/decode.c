#include "ops/decode.h"

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

/* Priors and offsets in rows of four, on a processor with vectors. */
static bool decodes_rows(const struct dcl_decode *d, const struct dcl_level *v,
                         const struct dcl_recorder *r)
{
    return dcl_limits(r)->profile == DCL_PROFILE_SIMD && d->code == DCL_BOX_PRIOR &&
           v->anchors == 1 && v->box.cell == 4 && v->box.channel == 1;
}

static enum detcl_status record_priors_rows(const struct dcl_call *call, const struct dcl_decode *d,
                                            const struct dcl_level *v, int64_t first,
                                            struct dcl_recorder *r)
{
    struct dcl_launch *l = dcl_launch(r, "decode", options_of(r), "decode_priors_rows_f32");
    dcl_arg_field(l, &v->box);
    dcl_arg_value(l, d->priors);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, v->cells);
    dcl_arg_int(l, first);
    dcl_arg_int(l, dcl_decode_rows(d));
    dcl_arg_int(l, d->swap);
    dcl_arg_float(l, d->scale_x);
    dcl_arg_float(l, d->scale_y);
    dcl_arg_float(l, d->parameter[0]);
    dcl_arg_float(l, d->parameter[1]);
    dcl_arg_int(l, d->corner_priors);
    dcl_arg_float(l, d->max_log_size);
    return dcl_grid(l, 2, (size_t[]){((size_t)v->cells + 15) / 16, (size_t)d->images},
                    (size_t[]){1, 1});
}

static enum detcl_status record_boxes(const struct dcl_call *call, const struct dcl_decode *d,
                                      const struct dcl_level *v, int64_t first,
                                      struct dcl_recorder *r)
{
    const bool sigmoids = d->code == DCL_BOX_SIGMOID_EXP || d->code == DCL_BOX_SIGMOID_SQUARE;
    if (scales_columns(d, v, r))
        return record_boxes_columns(call, d, v, first, r);
    if (decodes_rows(d, v, r))
        return record_priors_rows(call, d, v, first, r);
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
