/* topk: the K largest or smallest elements along an axis, in order, with their indices; ONNX TopK
 * (opsets 1 to 21; `sorted` = 0 allows any order and gets the same one). Equal values come by
 * index; NaN counts as the largest. Any K and any number of elements; float32, int32, int64, uint8.
 */
#include "core/simd.h"
#include "detcl/suppression.h"
#include "ops/top.h"
#include "ops/typed.h"

#include <string.h>

#define CHUNK 128      /* elements that are ranked by counting before runs are merged */
#define ONE_CHUNK 1024 /* rows up to this length are a single chunk */

struct attrs {
    int64_t axis, largest, sorted, k;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, axis, "-1"), DCL_INT(struct attrs, largest, "1"),
    DCL_INT(struct attrs, sorted, "1"), DCL_INT(struct attrs, k, "-1"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"TopK", ""}, {NULL, NULL}};

/* The operand as outer x n x inner. */
struct rows {
    int axis;
    int64_t outer, n, inner, k;
};

static enum detcl_status find_rows(const struct dcl_call *call, struct rows *r)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *x = &call->in[0]->desc;
    *r = (struct rows){.outer = 1, .inner = 1};
    DCL_TRY(call->error, dcl_axis(call, a->axis, x->rank, &r->axis));
    DCL_TRY(call->error, dcl_const_int(call, 1, a->k, &r->k));
    for (int i = 0; i < r->axis; i++)
        r->outer *= x->dims[i];
    for (int i = r->axis + 1; i < x->rank; i++)
        r->inner *= x->dims[i];
    r->n = x->dims[r->axis];
    if (r->k < 0 || r->k > r->n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "k is %lld for %lld elements",
                             (long long)r->k, (long long)r->n);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct rows r;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_NUMERIC));
    DCL_TRY(call->error, find_rows(call, &r));
    if (call->in[0]->count && r.axis == 0)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "the data decide how many entries of axis 0 are valid");
    for (int i = 0; i < 2; i++) {
        if (!dcl_has_out(call, i))
            continue;
        call->out[i]->count = call->in[0]->count;
        call->out[i]->desc = call->in[0]->desc;
        call->out[i]->desc.dims[r.axis] = r.k;
    }
    if (dcl_has_out(call, 1))
        call->out[1]->desc.dtype = DETCL_I64;
    if (r.n > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%lld elements are too many",
                             (long long)r.n);
    call->cpu_workspace = (size_t)r.n * 3 * sizeof(int32_t);
    return DETCL_OK;
}

/* --- the twin --------------------------------------------------------------------------------- */

struct row {
    const struct dcl_value *x;
    int64_t first, step; /* element i is at first + i * step */
    bool largest;
};

/* Keys of floats for dcl_top_cpu; none is UINT32_MAX, which there is no candidate: NaN comes next
 * to infinity. */
DCL_VECTORISED static void make_keys(const float *x, int64_t step, int64_t n, bool largest,
                                     uint32_t *keys)
{
    const uint32_t turn = largest ? UINT32_MAX : 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i * step], sizeof bits);
        const uint32_t size = bits & 0x7fffffffu;
        const uint32_t key = bits >> 31 && size ? ~bits : bits | 0x80000000u;
        keys[i] = (size > 0x7f800000u ? 0xff800001u : key) ^ turn;
    }
}

static int64_t integer(const struct row *r, int64_t i)
{
    const int64_t at = r->first + i * r->step;
    const void *data = r->x->data;
    switch (r->x->desc.dtype) {
    case DETCL_I32:
        return ((const int32_t *)data)[at];
    case DETCL_I64:
        return ((const int64_t *)data)[at];
    default:
        return ((const uint8_t *)data)[at];
    }
}

/* Merge sort, stable, so that equal elements stay by index; `order` and `space` hold n indices, and
 * the one that is returned holds the result. */
static const int32_t *sort_integers(const struct row *r, int64_t n, int32_t *order, int32_t *space)
{
    for (int64_t i = 0; i < n; i++)
        order[i] = (int32_t)i;
    for (int64_t width = 1; width < n; width *= 2) {
        for (int64_t first = 0; first < n; first += 2 * width) {
            const int64_t middle = first + width < n ? first + width : n;
            const int64_t end = middle + width < n ? middle + width : n;
            int64_t a = first, b = middle;
            for (int64_t i = first; i < end; i++) {
                bool take_b = a == middle;
                if (a < middle && b < end) {
                    const int64_t x = integer(r, order[a]), y = integer(r, order[b]);
                    take_b = r->largest ? y > x : y < x;
                }
                space[i] = order[take_b ? b++ : a++];
            }
        }
        int32_t *const swap = order;
        order = space;
        space = swap;
    }
    return order;
}

/* Where the k first of the row's n elements are; `space` holds 3 * n numbers. */
static const int32_t *first_of(const struct row *r, int64_t n, int64_t k, int32_t *space)
{
    if (r->x->desc.dtype != DETCL_F32)
        return sort_integers(r, n, space, space + n);
    uint32_t *keys = (uint32_t *)space + 2 * n;
    make_keys((const float *)r->x->data + r->first, r->step, n, r->largest, keys);
    dcl_top_cpu(keys, n, k, space, space + n);
    return space;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct rows r;
    DCL_TRY(call->error, find_rows(call, &r));
    const struct dcl_value *x = call->in[0];
    const size_t size = detcl_dtype_size(x->desc.dtype);
    for (int64_t i = 0; i < r.outer * r.inner; i++) {
        const struct row row = {.x = x,
                                .first = i / r.inner * r.n * r.inner + i % r.inner,
                                .step = r.inner,
                                .largest = ((const struct attrs *)call->attrs)->largest != 0};
        const int32_t *order = first_of(&row, r.n, r.k, call->workspace);
        for (int64_t k = 0; k < r.k; k++) {
            const int64_t at = (i / r.inner * r.k + k) * r.inner + i % r.inner;
            const int64_t from = row.first + order[k] * row.step;
            if (dcl_has_out(call, 0))
                memcpy((char *)call->out[0]->data + (size_t)at * size,
                       (const char *)x->data + (size_t)from * size, size);
            if (dcl_has_out(call, 1))
                ((int64_t *)call->out[1]->data)[at] = order[k];
        }
    }
    return DETCL_OK;
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static const char *options_of(enum detcl_dtype dtype)
{
    return dtype == DETCL_F32   ? "-DT=float -DKEY=uint -DREAL"
           : dtype == DETCL_I32 ? "-DT=int -DKEY=uint -DSIGNED"
           : dtype == DETCL_I64 ? "-DT=long -DKEY=ulong -DSIGNED"
                                : "-DT=uchar -DKEY=uint";
}

static void arg_rows(struct dcl_launch *l, const struct dcl_call *call, const struct rows *r)
{
    dcl_arg_int(l, r->n);
    dcl_arg_int(l, r->inner);
    dcl_arg_int(l, ((const struct attrs *)call->attrs)->largest != 0);
}

/* Rank the chunks, then merge until one run is left; returns it. */
static const struct dcl_value *record_sort(struct dcl_call *call, struct dcl_recorder *recorder,
                                           const struct rows *r, const char *options)
{
    const int64_t rows = r->outer * r->inner, chunk = r->n <= ONE_CHUNK ? r->n : CHUNK;
    int64_t runs = (r->n + chunk - 1) / chunk;
    struct dcl_value *from = dcl_workspace(recorder, DETCL_I32, rows * runs * least(chunk, r->k));
    struct dcl_launch *l = dcl_launch(recorder, "topk", options, "topk_chunks");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, from);
    arg_rows(l, call, r);
    dcl_arg_int(l, chunk);
    dcl_arg_int(l, least(chunk, r->k));
    dcl_grid(l, 2, (size_t[]){(size_t)r->n, (size_t)rows}, NULL);
    for (int64_t span = chunk; runs > 1; span *= 2) {
        struct dcl_value *to =
            dcl_workspace(recorder, DETCL_I32, rows * ((runs + 1) / 2) * least(2 * span, r->k));
        l = dcl_launch(recorder, "topk", options, "topk_merge");
        dcl_arg_value(l, call->in[0]);
        dcl_arg_value(l, from);
        dcl_arg_value(l, to);
        arg_rows(l, call, r);
        dcl_arg_int(l, span);
        dcl_arg_int(l, r->k);
        dcl_grid(l, 2, (size_t[]){(size_t)(runs * least(span, r->k)), (size_t)rows}, NULL);
        runs = (runs + 1) / 2;
        from = to;
    }
    return from;
}

/* Long rows of floats: the K-th by counting digits, then only K are sorted. */
static enum detcl_status record_top(struct dcl_call *call, struct dcl_recorder *recorder,
                                    const struct rows *r, const char *options, struct dcl_top *top)
{
    const int64_t rows = r->outer * r->inner;
    struct dcl_value *keys = dcl_workspace(recorder, DETCL_I32, rows * r->n);
    struct dcl_launch *l = dcl_launch(recorder, "topk", options, "topk_keys");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, keys);
    arg_rows(l, call, r);
    const int64_t each = dcl_limits(recorder)->profile == DCL_PROFILE_SIMD ? 16 : 1;
    dcl_arg_int(l, each);
    dcl_grid(l, 2, (size_t[]){(size_t)((r->n + each - 1) / each), (size_t)rows}, NULL);
    *top = (struct dcl_top){.keys = keys, .rows = rows, .length = r->n, .segments = 1, .k = r->k};
    return dcl_top_record(recorder, top);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *recorder)
{
    struct rows r;
    DCL_TRY(call->error, find_rows(call, &r));
    const char *options = options_of(call->in[0]->desc.dtype);
    const int64_t rows = r.outer * r.inner;
    if (rows == 0 || r.k == 0)
        return DETCL_OK;
    if (r.n > INT32_MAX / 4)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%lld elements are too many",
                             (long long)r.n);
    struct dcl_top top = {0};
    if (call->in[0]->desc.dtype == DETCL_F32 && r.n > ONE_CHUNK)
        DCL_TRY(call->error, record_top(call, recorder, &r, options, &top));
    else
        top.picked = record_sort(call, recorder, &r, options);
    struct dcl_launch *l = dcl_launch(recorder, "topk", options, "topk_gather");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, top.picked);
    dcl_arg_value(l, top.order);
    dcl_arg_value(l, dcl_has_out(call, 0) ? call->out[0] : NULL);
    dcl_arg_value(l, dcl_has_out(call, 1) ? call->out[1] : NULL);
    dcl_arg_int(l, r.n);
    dcl_arg_int(l, r.inner);
    dcl_arg_int(l, r.k);
    dcl_arg_int(l, dcl_has_out(call, 0));
    dcl_arg_int(l, dcl_has_out(call, 1));
    return dcl_grid(l, 2, (size_t[]){(size_t)r.k, (size_t)rows}, NULL);
}

const struct dcl_op dcl_op_topk = {
    .name = "topk",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 2,
    .max_out = 2,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_topk(struct detcl_context *ctx, int64_t k, int largest,
                             struct detcl_tensor *x, struct detcl_tensor *values,
                             struct detcl_tensor *indices, const struct detcl_sync *sync)
{
    const struct attrs attrs = {.axis = -1, .largest = largest != 0, .sorted = 1, .k = k};
    return DCL_CALL_OP(ctx, topk, &attrs, sync, DCL_TENSORS(x), DCL_TENSORS(values, indices));
}
