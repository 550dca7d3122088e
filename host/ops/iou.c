/* iou: overlap of every box of a with every box of b.
 * in: a [N, A, 4], b [N, B, 4], or [A, 4] and [B, 4]; x1, y1, x2, y2. out: [N, A, B] or [A, B].
 *   iou   intersection / union; 0 where the union is empty
 *   iof   intersection / area of a's box; 0 where that is empty
 *   giou  iou - (hull - union) / hull, hull = the smallest box around both  (Rezatofighi et al.
 * 2019) diou  iou - d^2 / (c^2 + 1e-7), d = distance of the centres, c = diagonal of the hull
 *         (Zheng et al. 2020)
 *   ciou  diou - alpha v, v = 4 / pi^2 (atan(w_b / h_b) - atan(w_a / h_a))^2,
 *         alpha = v / (1 - iou + v + 1e-7)                                    (Zheng et al. 2020)
 * A negative extent counts as none in intersection and area. A NaN in either box gives NaN. */
#include "detcl/boxes.h"
#include "ops/record.h"
#include "ops/typed.h"

#include <math.h>

enum kind { IOU, IOF, GIOU, DIOU, CIOU };

static const char *const kinds[] = {"iou", "iof", "giou", "diou", "ciou", NULL};

struct attrs {
    int kind;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "iou", kinds),
                                             DCL_ATTRS_END};

static enum detcl_status infer(struct dcl_call *call)
{
    for (int i = 0; i < 2; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    const struct detcl_desc *a = &call->in[0]->desc, *b = &call->in[1]->desc;
    const int rank = a->rank;
    if ((rank != 2 && rank != 3) || b->rank != rank || a->dims[rank - 1] != 4 ||
        b->dims[rank - 1] != 4 || (rank == 3 && a->dims[0] != b->dims[0]))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "operands are not [N, A, 4] and [N, B, 4]");
    call->out[0]->desc = *a;
    call->out[0]->desc.dims[rank - 1] = b->dims[rank - 2];
    return DETCL_OK;
}

static float extent(float low, float high)
{
    return high > low ? high - low : 0;
}

static float area(const float *b)
{
    return extent(b[0], b[2]) * extent(b[1], b[3]);
}

static float squared(float x)
{
    return x * x;
}

/* diou's distance term. */
static float distance(const float *a, const float *b, float width, float height)
{
    return (squared((a[0] + a[2]) * 0.5f - (b[0] + b[2]) * 0.5f) +
            squared((a[1] + a[3]) * 0.5f - (b[1] + b[3]) * 0.5f)) /
           (squared(width) + squared(height) + 1e-7f);
}

static float overlap(int kind, const float *a, const float *b)
{
    for (int k = 0; k < 4; k++)
        if (isnan(a[k]) || isnan(b[k]))
            return NAN;
    const float common[] = {fmaxf(a[0], b[0]), fmaxf(a[1], b[1]), fminf(a[2], b[2]),
                            fminf(a[3], b[3])};
    const float inter = area(common), own = area(a), all = own + area(b) - inter;
    const float iou = all > 0 ? inter / all : 0;
    const float width = fmaxf(a[2], b[2]) - fminf(a[0], b[0]);
    const float height = fmaxf(a[3], b[3]) - fminf(a[1], b[1]), hull = width * height;
    switch (kind) {
    case IOF:
        return own > 0 ? inter / own : 0;
    case GIOU:
        return iou - (hull > 0 ? (hull - all) / hull : 0);
    case DIOU:
        return iou - distance(a, b, width, height);
    case CIOU: {
        const float turn = atan2f(b[2] - b[0], b[3] - b[1]) - atan2f(a[2] - a[0], a[3] - a[1]);
        const float v = 0.40528473456935109f * squared(turn); /* 4 / pi^2 */
        return iou - distance(a, b, width, height) - v / (1 - iou + v + 1e-7f) * v;
    }
    default:
        return iou;
    }
}

/* Images, and boxes of a and b in each. */
static void sizes(const struct dcl_call *call, int64_t *n, int64_t *n_a, int64_t *n_b)
{
    const int rank = call->in[0]->desc.rank;
    *n = rank == 3 ? DCL_DIM(call->in[0], 0) : 1;
    *n_a = DCL_DIM(call->in[0], rank - 2);
    *n_b = DCL_DIM(call->in[1], rank - 2);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    int64_t n, n_a, n_b;
    sizes(call, &n, &n_a, &n_b);
    float *y = call->out[0]->data;
    for (int64_t i = 0; i < n * n_a; i++)
        for (int64_t j = 0; j < n_b; j++)
            *y++ = overlap(attrs->kind, (const float *)call->in[0]->data + 4 * i,
                           (const float *)call->in[1]->data + 4 * (i / n_a * n_b + j));
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *attrs = call->attrs;
    int64_t n, n_a, n_b;
    sizes(call, &n, &n_a, &n_b);
    struct dcl_launch *l = dcl_launch(r, "iou", "", "iou_f32");
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, call->in[1]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, n_a);
    dcl_arg_int(l, n_b);
    dcl_arg_int(l, attrs->kind);
    return dcl_grid(l, 3, (size_t[]){(size_t)n_b, (size_t)n_a, (size_t)n}, NULL);
}

const struct dcl_op dcl_op_iou = {
    .name = "iou",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .tolerance = 1e-5f,
    .source = "torchvision.ops.box_iou, generalized_, distance_, complete_box_iou; COCO's iof",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_box_iou(struct detcl_context *ctx, enum detcl_iou_kind kind,
                                struct detcl_tensor *a, struct detcl_tensor *b,
                                struct detcl_tensor *out, const struct detcl_sync *sync)
{
    const struct attrs attrs = {.kind = (int)kind};
    return DCL_CALL_OP(ctx, iou, &attrs, sync, DCL_TENSORS(a, b), DCL_TENSORS(out));
}
