/* decode_detr: the queries of a detection transformer to boxes.
 * in: logits [N, Q, C], boxes [N, Q, 4] (centre and size in 0..1), sizes [N, 2] (height, width of
 * each image in the unit wanted; absent: boxes stay in 0..1).
 *   kind=softmax  the last class is "no object"; every query gives its largest other class (the
 *                 lowest of equal ones) with its softmax probability over all C  (Carion et al.
 * 2020) kind=sigmoid  all classes are objects; the k largest logits over queries x classes, equal
 * ones by query, then class, with their sigmoid              (Zhu et al. 2021, focal loss) out,
 * with K = Q or k: boxes [N, K, 4] x1, y1, x2, y2, scores [N, K] float32, classes [N, K] and count
 * [N] int32. softmax: in the order of the queries, count = Q; a NaN logit is the smallest and makes
 * the score NaN. sigmoid: best first, NaN logits are left out, zeros and class -1 past the count.
 * The exponential is kernels/exact.h's: same bits on every device. */
#include "detcl/proposals.h"
#include "ops/exact.h"
#include "ops/peaks.h"
#include "ops/typed.h"

enum { LOGITS, BOXES, SIZES };

static const char *const kinds[] = {"softmax", "sigmoid", NULL};

struct attrs {
    int kind;
    int64_t k;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "softmax", kinds),
                                             DCL_INT(struct attrs, k, "100"), DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    static const int ranks[] = {3, 3, 2};
    for (int i = 0; i < call->n_in; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, ranks[i]));
    }
    const int64_t *logits = call->in[LOGITS]->desc.dims, *boxes = call->in[BOXES]->desc.dims;
    if (boxes[0] != logits[0] || boxes[1] != logits[1] || boxes[2] != 4 ||
        logits[2] < (a->kind ? 1 : 2) ||
        (dcl_has_in(call, SIZES) &&
         (DCL_DIM(call->in[SIZES], 0) != logits[0] || DCL_DIM(call->in[SIZES], 1) != 2)))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "operands are not logits [N, Q, C], boxes [N, Q, 4] and sizes [N, 2]");
    if (a->kind && (a->k < 1 || a->k > INT32_MAX))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "k is %lld", (long long)a->k);
    call->cpu_workspace = a->kind ? 3 * 4 * (size_t)(logits[1] * logits[2]) : 0;
    return dcl_detections_shape(call, logits[0], a->kind ? a->k : logits[1]);
}

/* --- the twin ---------------------------------------------------------------------------- */

static void put_box(const struct dcl_call *call, int64_t n, int64_t q, int64_t at)
{
    const float *b =
        (const float *)call->in[BOXES]->data + 4 * (n * DCL_DIM(call->in[BOXES], 1) + q);
    float *out = (float *)call->out[0]->data + 4 * at;
    for (int axis = 0; axis < 2; axis++) {
        const float scale =
            dcl_has_in(call, SIZES) ? ((const float *)call->in[SIZES]->data)[2 * n + 1 - axis] : 1;
        out[axis] = (b[axis] - 0.5f * b[axis + 2]) * scale;
        out[axis + 2] = (b[axis] + 0.5f * b[axis + 2]) * scale;
    }
}

static void softmax_query(const struct dcl_call *call, int64_t n, int64_t q)
{
    const int64_t n_logits = DCL_DIM(call->in[LOGITS], 2);
    const int64_t at = n * DCL_DIM(call->in[LOGITS], 1) + q;
    const float *x = (const float *)call->in[LOGITS]->data + at * n_logits;
    int64_t cls = 0;
    float sum = 0;
    for (int64_t c = 1; c < n_logits - 1; c++)
        if (x[c] > x[cls] || (isnan(x[cls]) && !isnan(x[c])))
            cls = c;
    const float none = x[n_logits - 1], top = none > x[cls] ? none : x[cls];
    for (int64_t c = 0; c < n_logits; c++)
        sum += dcl_exact_exp(x[c] - top);
    put_box(call, n, q, at);
    ((float *)call->out[1]->data)[at] = dcl_exact_exp(x[cls] - top) * dcl_exact_reciprocal(sum);
    ((int32_t *)call->out[2]->data)[at] = (int32_t)cls;
}

static int64_t sigmoid_image(const struct dcl_call *call, int64_t n)
{
    const struct attrs *a = call->attrs;
    const int64_t n_logits = DCL_DIM(call->in[LOGITS], 2);
    const int64_t length = DCL_DIM(call->in[LOGITS], 1) * n_logits;
    const float *x = (const float *)call->in[LOGITS]->data + n * length;
    uint32_t *keys = call->workspace;
    int32_t *best = (int32_t *)call->workspace + length;
    for (int64_t i = 0; i < length; i++)
        keys[i] = dcl_order_key(x[i], true);
    const int64_t found = dcl_top_cpu(keys, length, a->k, best, best + length);
    for (int64_t j = 0; j < a->k; j++) {
        const int64_t at = n * a->k + j;
        if (j >= found) {
            dcl_detections_clear(call, at);
            continue;
        }
        put_box(call, n, best[j] / n_logits, at);
        ((float *)call->out[1]->data)[at] = dcl_exact_sigmoid(x[best[j]]);
        ((int32_t *)call->out[2]->data)[at] = (int32_t)(best[j] % n_logits);
    }
    return found;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const int64_t queries = DCL_DIM(call->in[LOGITS], 1);
    for (int64_t n = 0; n < DCL_DIM(call->in[LOGITS], 0); n++) {
        for (int64_t q = 0; !a->kind && q < queries; q++)
            softmax_query(call, n, q);
        ((int32_t *)call->out[3]->data)[n] = (int32_t)(a->kind ? sigmoid_image(call, n) : queries);
    }
    return DETCL_OK;
}

/* --- the launches ------------------------------------------------------------------------ */

static struct dcl_launch *launch(const struct dcl_call *call, struct dcl_recorder *r,
                                 const char *kernel)
{
    struct dcl_launch *l = dcl_launch(r, "detr", "", kernel);
    for (int i = LOGITS; i <= SIZES; i++)
        dcl_arg_value(l, dcl_has_in(call, i) ? call->in[i] : NULL);
    return l;
}

static enum detcl_status record_softmax(const struct dcl_call *call, struct dcl_recorder *r)
{
    const int64_t *logits = call->in[LOGITS]->desc.dims;
    struct dcl_launch *l = launch(call, r, "detr_softmax");
    for (int i = 0; i < 4; i++)
        dcl_arg_value(l, call->out[i]);
    dcl_arg_int(l, logits[1]);
    dcl_arg_int(l, logits[2]);
    /* One work-item at least writes the count. */
    return dcl_grid(l, 2, (size_t[]){logits[1] ? (size_t)logits[1] : 1, (size_t)logits[0]}, NULL);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *a = call->attrs;
    if (!a->kind)
        return record_softmax(call, r);
    const int64_t *logits = call->in[LOGITS]->desc.dims, length = logits[1] * logits[2];
    struct dcl_top top = {.keys = dcl_workspace(r, DETCL_I32, logits[0] * length),
                          .rows = logits[0],
                          .length = length,
                          .segments = 1,
                          .k = a->k};
    struct dcl_launch *l = dcl_launch(r, "detr", "", "detr_keys");
    dcl_arg_value(l, call->in[LOGITS]);
    dcl_arg_value(l, top.keys);
    dcl_arg_int(l, logits[0] * length);
    dcl_grid(l, 1, (size_t[]){(size_t)(logits[0] * length)}, NULL);
    DCL_TRY(call->error, dcl_top_record(r, &top));
    l = launch(call, r, "detr_emit");
    dcl_arg_value(l, top.picked);
    dcl_arg_value(l, top.order);
    dcl_arg_value(l, top.count);
    for (int i = 0; i < 4; i++)
        dcl_arg_value(l, call->out[i]);
    dcl_arg_int(l, logits[1]);
    dcl_arg_int(l, logits[2]);
    dcl_arg_int(l, a->k);
    return dcl_grid(l, 2, (size_t[]){(size_t)a->k, (size_t)logits[0]}, NULL);
}

const struct dcl_op dcl_op_decode_detr = {
    .name = "decode_detr",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 3,
    .max_out = 4,
    .source = "Carion et al. 2020 (DETR); Zhu et al. 2021 (Deformable DETR)",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_detr(struct detcl_context *ctx, enum detcl_detr_kind kind, int64_t k,
                                    struct detcl_tensor *logits, struct detcl_tensor *in,
                                    struct detcl_tensor *sizes, struct detcl_tensor *boxes,
                                    struct detcl_tensor *scores, struct detcl_tensor *classes,
                                    struct detcl_tensor *count, const struct detcl_sync *sync)
{
    const struct attrs attrs = {.kind = (int)kind, .k = k ? k : 100};
    return DCL_CALL_OP(ctx, decode_detr, &attrs, sync, DCL_TENSORS(logits, in, sizes),
                       DCL_TENSORS(boxes, scores, classes, count));
}
