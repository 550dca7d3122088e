/* resize: ONNX Resize (opsets 10 to 21) and Upsample (7 and 9) of tensors of any rank; nearest on
 * any element type, linear and cubic on float32. Inputs: x, roi, scales, sizes, or, in the older
 * form, x and scales; `scales` is an attribute in Upsample-7. */
#include "ops/resize.h"

#include <math.h>
#include <string.h>

static const char *const modes[] = {"nearest", "linear", "cubic", NULL};
static const char *const coordinates[] = {
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
    "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize", NULL};
static const char *const roundings[] = {
    "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple", NULL};
static const char *const policies[] = {"stretch", "not_larger", "not_smaller", NULL};

enum policy { STRETCH, NOT_LARGER, NOT_SMALLER };

struct attrs {
    int mode, coordinate_transformation_mode, nearest_mode, keep_aspect_ratio_policy;
    int64_t antialias, exclude_outside;
    float cubic_coeff_a, extrapolation_value;
    struct dcl_ints axes;
    struct dcl_floats scales;
};

static const struct dcl_attr_spec specs[] = {
    DCL_CHOICE(struct attrs, mode, "nearest", modes),
    DCL_CHOICE(struct attrs, coordinate_transformation_mode, "half_pixel", coordinates),
    DCL_CHOICE(struct attrs, nearest_mode, "round_prefer_floor", roundings),
    DCL_CHOICE(struct attrs, keep_aspect_ratio_policy, "stretch", policies),
    DCL_INT(struct attrs, antialias, "0"),
    DCL_INT(struct attrs, exclude_outside, "0"),
    DCL_FLOAT(struct attrs, cubic_coeff_a, "-0.75"),
    DCL_FLOAT(struct attrs, extrapolation_value, "0"),
    DCL_INTS(struct attrs, axes, ""),
    DCL_FLOATS(struct attrs, scales, ""),
    DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Resize", ""}, {"Upsample", ""}, {NULL, NULL}};

/* Numbers of a float32 input that must be known; none when it is absent or empty. */
static enum detcl_status const_floats(const struct dcl_call *call, int i, struct dcl_floats *out)
{
    if (!dcl_has_in(call, i) || dcl_count(call->in[i]) == 0)
        return DETCL_OK;
    const struct dcl_value *v = call->in[i];
    const int64_t n = dcl_count(v);
    DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    if (!v->constant)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "input '%s' must be known before the run", v->name);
    if (n > DCL_MAX_FLOATS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input '%s' has %lld entries", v->name,
                             (long long)n);
    out->n = (int)n;
    memcpy(out->v, v->constant, (size_t)n * sizeof(float));
    return DETCL_OK;
}

/* The resized axes: those of `axes`, or all. */
static enum detcl_status find_axes(const struct dcl_call *call, int rank, struct dcl_ints *axes)
{
    *axes = ((const struct attrs *)call->attrs)->axes;
    for (int i = 0; axes->n == 0 && i < rank; i++)
        axes->v[i] = i;
    axes->n = axes->n ? axes->n : rank;
    for (int i = 0; i < axes->n; i++) {
        int axis;
        DCL_TRY(call->error, dcl_axis(call, axes->v[i], rank, &axis));
        axes->v[i] = axis;
        for (int k = 0; k < i; k++)
            if (axes->v[k] == axis)
                return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %d appears twice", axis);
    }
    return DETCL_OK;
}

static enum detcl_status by_scales(const struct dcl_call *call, const struct dcl_ints *axes,
                                   const struct dcl_floats *scales, struct dcl_resize *r)
{
    if (scales->n != axes->n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%d scales for %d axes", scales->n, axes->n);
    for (int i = 0; i < axes->n; i++) {
        struct dcl_resize_axis *axis = &r->axis[axes->v[i]];
        const float scale = scales->v[i], out = scale * (float)axis->in;
        if (!(scale > 0) || !(out < 0x1p31f))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "scale %g of an extent of %lld",
                                 (double)scale, (long long)axis->in);
        axis->scale = (double)scale;
        axis->extent = axis->scale * (double)axis->in;
        axis->out = (int64_t)out;
    }
    return DETCL_OK;
}

static enum detcl_status by_sizes(const struct dcl_call *call, const struct dcl_ints *axes,
                                  const struct dcl_ints *sizes, struct dcl_resize *r)
{
    const int policy = ((const struct attrs *)call->attrs)->keep_aspect_ratio_policy;
    double common = 0;
    if (sizes->n != axes->n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%d sizes for %d axes", sizes->n, axes->n);
    for (int i = 0; i < axes->n; i++) {
        struct dcl_resize_axis *axis = &r->axis[axes->v[i]];
        if (sizes->v[i] < 0 || sizes->v[i] > INT32_MAX)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "size %lld", (long long)sizes->v[i]);
        axis->out = sizes->v[i];
        axis->extent = (double)axis->out;
        axis->scale = axis->in ? axis->extent / (double)axis->in : 1;
        if (i == 0 || (policy == NOT_LARGER ? axis->scale < common : axis->scale > common))
            common = axis->scale;
    }
    for (int i = 0; policy != STRETCH && i < axes->n; i++) {
        struct dcl_resize_axis *axis = &r->axis[axes->v[i]];
        axis->scale = common;
        axis->extent = common * (double)axis->in;
        if (!(axis->extent < 0x1p31))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "scale %g of an extent of %lld", common,
                                 (long long)axis->in);
        axis->out = (int64_t)floor(axis->extent + 0.5);
    }
    return DETCL_OK;
}

/* `older`: x and scales, positions without half pixels. */
static enum detcl_status find_extents(const struct dcl_call *call, bool older, struct dcl_resize *r)
{
    const struct attrs *a = call->attrs;
    struct dcl_ints axes, sizes = {0};
    struct dcl_floats scales = a->scales, roi = {0};
    DCL_TRY(call->error, find_axes(call, r->rank, &axes));
    DCL_TRY(call->error, const_floats(call, older ? 1 : 2, &scales));
    DCL_TRY(call->error, dcl_const_ints(call, 3, &sizes, &sizes));
    if ((scales.n == 0) == (sizes.n == 0) && axes.n > 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "either scales or sizes must be given");
    DCL_TRY(call->error,
            sizes.n ? by_sizes(call, &axes, &sizes, r) : by_scales(call, &axes, &scales, r));
    if (r->rule.coordinates != DCL_RESIZE_TF_CROP_AND_RESIZE)
        return DETCL_OK;
    DCL_TRY(call->error, const_floats(call, 1, &roi));
    if (roi.n != 2 * axes.n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "roi has %d entries, expected %d", roi.n,
                             2 * axes.n);
    for (int i = 0; i < axes.n; i++) {
        r->axis[axes.v[i]].roi_begin = (double)roi.v[i];
        r->axis[axes.v[i]].roi_end = (double)roi.v[axes.n + i];
    }
    return DETCL_OK;
}

enum detcl_status dcl_resize_describe(const struct dcl_call *call, struct dcl_resize *r)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    const bool older = call->n_in <= 2;
    *r = (struct dcl_resize){
        .rule = {.mode = (enum dcl_resize_mode)a->mode,
                 .coordinates =
                     older ? DCL_RESIZE_ASYMMETRIC
                           : (enum dcl_resize_coordinates)a->coordinate_transformation_mode,
                 .rounding = older ? DCL_RESIZE_SIMPLE : (enum dcl_resize_rounding)a->nearest_mode,
                 .cubic_a = a->cubic_coeff_a,
                 .exclude_outside = a->exclude_outside != 0,
                 .antialias = a->antialias != 0},
        .extrapolation = a->extrapolation_value,
        .rank = x->rank};
    for (int i = 0; i < x->rank; i++)
        r->axis[i] = (struct dcl_resize_axis){.in = x->dims[i],
                                              .out = x->dims[i],
                                              .scale = 1,
                                              .extent = (double)x->dims[i],
                                              .roi_end = 1};
    DCL_TRY(call->error, find_extents(call, older, r));
    for (int i = 0; i < x->rank; i++) {
        struct dcl_resize_axis *axis = &r->axis[i];
        if (axis->in == 0 && axis->out > 0)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "axis %d is empty", i);
        axis->same =
            axis->in == axis->out && axis->scale == 1 && axis->roi_begin == 0 && axis->roi_end == 1;
        axis->taps = dcl_resize_taps(&r->rule, axis);
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_resize r;
    DCL_TRY(call->error, dcl_resize_describe(call, &r));
    DCL_TRY(call->error,
            dcl_need_dtype(call, 0, r.rule.mode == DCL_RESIZE_NEAREST ? DCL_ANY : DCL_F32));
    if (call->in[0]->desc.dtype != DETCL_F32 && r.rule.coordinates == DCL_RESIZE_TF_CROP_AND_RESIZE)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "a crop of %s",
                             detcl_dtype_name(call->in[0]->desc.dtype));
    call->out[0]->desc = call->in[0]->desc;
    call->cpu_workspace = 0;
    for (int i = 0; i < r.rank; i++) {
        call->out[0]->desc.dims[i] = r.axis[i].out;
        call->cpu_workspace +=
            (size_t)(r.axis[i].out * r.axis[i].taps) * (sizeof(int32_t) + sizeof(float));
    }
    return DETCL_OK;
}

/* --- the twin --------------------------------------------------------------------------------- */

struct sampler {
    const struct dcl_resize *r;
    const int32_t *index[DETCL_MAX_RANK];
    const float *weight[DETCL_MAX_RANK];
    int64_t at[DETCL_MAX_RANK]; /* the output element */
    const float *x;
};

#define CHUNK 256 /* elements of a row that are summed together */

/* Add `weight` times the sums over the taps of axis `axis` and those behind it to n elements of a
 * row of y from `first` on; `offset` is what the axes before it make. */
static void add_taps(const struct sampler *s, int axis, int64_t offset, double weight,
                     int64_t first, int64_t n, double *sum)
{
    const struct dcl_resize_axis *a = &s->r->axis[axis];
    const bool last = axis == s->r->rank - 1;
    const int32_t *index = s->index[axis] + (last ? first : s->at[axis]) * a->taps;
    const float *w = s->weight[axis] + (last ? first : s->at[axis]) * a->taps;
    for (int64_t k = 0; !last && k < a->taps; k++)
        add_taps(s, axis + 1, offset * a->in + index[k], weight * (double)w[k], first, n, sum);
    for (int64_t j = 0; last && j < n; j++, index += a->taps, w += a->taps) {
        double part = 0;
        for (int64_t k = 0; k < a->taps && index[0] >= 0; k++)
            part += (double)w[k] * (double)s->x[offset * a->in + index[k]];
        sum[j] += weight * part;
    }
}

/* Which row of x the axes before the last select where one is enough, or -1 outside of it. */
static int64_t row_of(const struct sampler *s)
{
    int64_t row = 0;
    for (int i = 0; i < s->r->rank - 1; i++) {
        const int32_t index = s->index[i][s->at[i] * s->r->axis[i].taps];
        if (index < 0)
            return -1;
        row = row * s->r->axis[i].in + index;
    }
    return row;
}

/* y[j] = x[index[j]], for elements of `size` bytes; inlined where it is known. */
static inline void pick(size_t size, const char *x, const int32_t *index, int64_t n, char *y)
{
    for (int64_t j = 0; j < n; j++)
        if (index[j] >= 0)
            memcpy(y + (size_t)j * size, x + (size_t)index[j] * size, size);
}

/* One row of y; only float32 has elements that come from outside. */
static void make_row(const struct sampler *s, size_t size, char *y)
{
    const int last = s->r->rank - 1;
    const struct dcl_resize_axis *a = &s->r->axis[last];
    const int32_t *index = s->index[last];
    const int64_t row = row_of(s);
    if (row >= 0 && s->r->rule.mode == DCL_RESIZE_NEAREST) {
        const char *x = (const char *)s->x + (size_t)(row * a->in) * size;
        if (size == 4)
            pick(4, x, index, a->out, y);
        else
            pick(size, x, index, a->out, y);
    } else if (row >= 0) {
        for (int64_t first = 0; first < a->out; first += CHUNK) {
            const int64_t n = a->out - first < CHUNK ? a->out - first : CHUNK;
            double sum[CHUNK] = {0};
            add_taps(s, 0, 0, 1, first, n, sum);
            for (int64_t j = 0; j < n; j++)
                ((float *)(void *)y)[first + j] = (float)sum[j];
        }
    }
    for (int64_t j = 0; j < a->out; j++)
        if (row < 0 || index[j * a->taps] < 0)
            ((float *)(void *)y)[j] = s->r->extrapolation;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_resize r;
    DCL_TRY(call->error, dcl_resize_describe(call, &r));
    struct sampler s = {.r = &r, .x = call->in[0]->data};
    char *space = call->workspace;
    for (int i = 0; i < r.rank; i++) {
        const int64_t n = r.axis[i].out * r.axis[i].taps;
        int32_t *index = (int32_t *)(void *)space;
        float *weight = (float *)(void *)(index + n);
        dcl_resize_table(&r.rule, &r.axis[i], index, weight);
        s.index[i] = index;
        s.weight[i] = weight;
        space = (char *)(weight + n);
    }
    const size_t size = detcl_dtype_size(call->in[0]->desc.dtype);
    const int64_t n = dcl_count(call->out[0]), length = r.rank ? r.axis[r.rank - 1].out : 1;
    char *y = call->out[0]->data;
    if (r.rank == 0)
        memcpy(y, call->in[0]->data, size);
    for (int64_t i = 0; r.rank > 0 && i < n; i += length, y += (size_t)length * size) {
        make_row(&s, size, y);
        for (int d = r.rank - 2; d >= 0 && ++s.at[d] == r.axis[d].out; d--)
            s.at[d] = 0;
    }
    return DETCL_OK;
}

/* Blocked operands keep their channels together, so only height and width may change. */
static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    struct dcl_resize r;
    if (call->in[0]->desc.rank != 4 || call->in[0]->desc.dtype != DETCL_F32 ||
        dcl_resize_describe(call, &r) != DETCL_OK || !r.axis[0].same || !r.axis[1].same)
        return (struct dcl_layout){DCL_LAYOUT_PLAIN, 0, 0};
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, 1, 1};
}

const struct dcl_op dcl_op_resize = {
    .name = "resize",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 4,
    .max_out = 1,
    .tolerance = 1e-5f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = dcl_resize_record_cl,
    .layout = layout,
};
