/* iou: overlap of boxes of a and b, x1, y1, x2, y2; kinds in ops/iou.h.
 * pairs=all: every box of a with every box of b. in: a [N, A, 4], b [N, B, 4], or [A, 4] and [B,
 * 4]; out: [N, A, B] or [A, B]. pairs=each: box i of a with box i of b, both of one shape [..., 4];
 * out: that shape without the 4. Optional inputs: crowd, a flag (bool or uint8) for each box of b:
 * where it is set, the overlap is iof, as COCO has it for detections a and crowd ground truths b
 * (kind=iou only); with pairs=all and rank 3 count_a and count_b [N] int32: boxes of each image,
 * the overlaps of those past it are 0 (a count below 0 is 0, one past the capacity the capacity).
 */
#include "ops/iou.h"
#include "core/simd.h"
#include "ops/record.h"
#include "ops/typed.h"

#include <math.h>

enum { A, B, CROWD, COUNT_A, COUNT_B, INPUTS };
enum { ALL, EACH };

const char *const dcl_iou_kinds[] = {"iou", "iof", "giou", "diou", "ciou", NULL};

static const char *const pairings[] = {"all", "each", NULL};

struct attrs {
    int kind, pairs;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "iou", dcl_iou_kinds),
                                             DCL_CHOICE(struct attrs, pairs, "all", pairings),
                                             DCL_ATTRS_END};

static bool same_dims(const struct detcl_desc *a, const struct detcl_desc *b, int n)
{
    for (int i = 0; i < n; i++)
        if (a->dims[i] != b->dims[i])
            return false;
    return true;
}

static enum detcl_status check_extras(const struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    const struct detcl_desc *b = &call->in[B]->desc;
    if (dcl_has_in(call, CROWD)) {
        DCL_TRY(call->error, dcl_need_dtype(call, CROWD, DCL_U8 | DCL_BOOL));
        DCL_TRY(call->error, dcl_need_rank(call, CROWD, b->rank - 1));
        if (!same_dims(&call->in[CROWD]->desc, b, b->rank - 1))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "crowd is not one flag a box of b");
        if (attrs->kind != DETCL_IOU)
            return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "crowd goes with kind=iou only");
    }
    for (int i = COUNT_A; i <= COUNT_B; i++) {
        if (!dcl_has_in(call, i))
            continue;
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_I32));
        DCL_TRY(call->error, dcl_need_rank(call, i, 1));
        if (attrs->pairs == EACH || b->rank != 3 || DCL_DIM(call->in[i], 0) != b->dims[0])
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "counts [N] go with a [N, A, 4] and b [N, B, 4]");
    }
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    for (int i = A; i <= B; i++)
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    const struct detcl_desc *a = &call->in[A]->desc, *b = &call->in[B]->desc;
    struct detcl_desc *y = &call->out[0]->desc;
    const int rank = a->rank;
    const bool boxes =
        rank >= 1 && b->rank == rank && a->dims[rank - 1] == 4 && b->dims[rank - 1] == 4;
    *y = *a;
    if (attrs->pairs == EACH) {
        if (!boxes || !same_dims(a, b, rank))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "operands are not of one shape [..., 4]");
        y->rank = rank - 1;
    } else {
        if (!boxes || (rank != 2 && rank != 3) || (rank == 3 && a->dims[0] != b->dims[0]))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                 "operands are not [N, A, 4] and [N, B, 4]");
        y->dims[rank - 1] = b->dims[rank - 2];
    }
    return check_extras(call);
}

static inline float lower(float a, float b)
{
    return a < b ? a : b;
}

static inline float higher(float a, float b)
{
    return a > b ? a : b;
}

static inline float extent(float low, float high)
{
    return high > low ? high - low : 0;
}

static inline float area(const float *b)
{
    return extent(b[0], b[2]) * extent(b[1], b[3]);
}

static inline float squared(float x)
{
    return x * x;
}

/* diou's distance term. */
static inline float distance(const float *a, const float *b, float width, float height)
{
    return (squared((a[0] + a[2]) * 0.5f - (b[0] + b[2]) * 0.5f) +
            squared((a[1] + a[3]) * 0.5f - (b[1] + b[3]) * 0.5f)) /
           (squared(width) + squared(height) + 1e-7f);
}

/* ciou's term of the shapes; `iou` is their overlap. */
static inline float shapes(const float *a, const float *b, float iou)
{
    const float turn = atan2f(b[2] - b[0], b[3] - b[1]) - atan2f(a[2] - a[0], a[3] - a[1]);
    const float v = 0.40528473456935109f * squared(turn); /* 4 / pi^2 */
    return v / (1 - iou + v + 1e-7f) * v;
}

static inline float overlap(enum detcl_iou_kind kind, const float *a, const float *b)
{
    const float inter = extent(higher(a[0], b[0]), lower(a[2], b[2])) *
                        extent(higher(a[1], b[1]), lower(a[3], b[3]));
    const float own = area(a), all = own + area(b) - inter, whole = kind == DETCL_IOF ? own : all;
    float v = whole > 0 ? inter / whole : 0;
    const float width = higher(a[2], b[2]) - lower(a[0], b[0]);
    const float height = higher(a[3], b[3]) - lower(a[1], b[1]), hull = width * height;
    if (kind == DETCL_GIOU)
        v -= hull > 0 ? (hull - all) / hull : 0;
    else if (kind == DETCL_DIOU)
        v -= distance(a, b, width, height);
    else if (kind == DETCL_CIOU)
        v -= distance(a, b, width, height) + shapes(a, b, v);
    const bool unordered = isunordered(a[0], b[0]) | isunordered(a[1], b[1]) |
                           isunordered(a[2], b[2]) | isunordered(a[3], b[3]);
    return unordered ? NAN : v;
}

float dcl_iou(enum detcl_iou_kind kind, const float a[4], const float b[4])
{
    return overlap(kind, a, b);
}

/* A loop for each kind, so that none asks for it. */
DCL_VECTORISED static void plain_row(enum detcl_iou_kind kind, const float *a, const float *b,
                                     int64_t n, float *y)
{
    switch (kind) {
    case DETCL_IOU:
        for (int64_t j = 0; j < n; j++)
            y[j] = overlap(DETCL_IOU, a, b + 4 * j);
        break;
    case DETCL_IOF:
        for (int64_t j = 0; j < n; j++)
            y[j] = overlap(DETCL_IOF, a, b + 4 * j);
        break;
    case DETCL_GIOU:
        for (int64_t j = 0; j < n; j++)
            y[j] = overlap(DETCL_GIOU, a, b + 4 * j);
        break;
    case DETCL_DIOU:
        for (int64_t j = 0; j < n; j++)
            y[j] = overlap(DETCL_DIOU, a, b + 4 * j);
        break;
    default:
        for (int64_t j = 0; j < n; j++)
            y[j] = overlap(DETCL_CIOU, a, b + 4 * j);
    }
}

void dcl_iou_row(enum detcl_iou_kind kind, const float *a, const float *b, const uint8_t *crowd,
                 int64_t n, float *y)
{
    plain_row(kind, a, b, n, y);
    for (int64_t j = 0; crowd && j < n; j++)
        if (crowd[j])
            y[j] = overlap(DETCL_IOF, a, b + 4 * j);
}

/* Images, and boxes of a and b in each. */
static void sizes(const struct dcl_call *call, int64_t *n, int64_t *n_a, int64_t *n_b)
{
    const int rank = call->in[A]->desc.rank;
    *n = rank == 3 ? DCL_DIM(call->in[A], 0) : 1;
    *n_a = DCL_DIM(call->in[A], rank - 2);
    *n_b = DCL_DIM(call->in[B], rank - 2);
}

/* Valid boxes of an image. */
static int64_t counted(const struct dcl_call *call, int input, int64_t image, int64_t capacity)
{
    if (!dcl_has_in(call, input))
        return capacity;
    const int64_t n = ((const int32_t *)call->in[input]->data)[image];
    return n < 0 ? 0 : n < capacity ? n : capacity;
}

static void run_each(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    const uint8_t *crowd = dcl_has_in(call, CROWD) ? call->in[CROWD]->data : NULL;
    const float *a = call->in[A]->data, *b = call->in[B]->data;
    float *y = call->out[0]->data;
    for (int64_t i = 0; i < dcl_count(call->out[0]); i++)
        y[i] = dcl_iou(crowd && crowd[i] ? DETCL_IOF : (enum detcl_iou_kind)attrs->kind, a + 4 * i,
                       b + 4 * i);
}

static void run_all(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    float *y = call->out[0]->data;
    int64_t images, n_a, n_b;
    sizes(call, &images, &n_a, &n_b);
    for (int64_t n = 0; n < images; n++) {
        const float *a = (const float *)call->in[A]->data + 4 * n * n_a;
        const float *b = (const float *)call->in[B]->data + 4 * n * n_b;
        const uint8_t *crowd =
            dcl_has_in(call, CROWD) ? (const uint8_t *)call->in[CROWD]->data + n * n_b : NULL;
        const int64_t rows = counted(call, COUNT_A, n, n_a), some = counted(call, COUNT_B, n, n_b);
        for (int64_t i = 0; i < n_a; i++, y += n_b) {
            const int64_t there = i < rows ? some : 0;
            dcl_iou_row((enum detcl_iou_kind)attrs->kind, a + 4 * i, b, crowd, there, y);
            for (int64_t j = there; j < n_b; j++)
                y[j] = 0;
        }
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    (attrs->pairs == EACH ? run_each : run_all)(call);
    return DETCL_OK;
}

/* Boxes of a and of b that a work-item of iou_tiled handles. */
#define TILE_A 16
#define TILE_B 512

static size_t tiles(int64_t n, int64_t tile)
{
    return (size_t)((n + tile - 1) / tile);
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *attrs = call->attrs;
    const bool each = attrs->pairs == EACH, tiled = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    struct dcl_launch *l = dcl_launch(r, tiled && !each ? "iou_tiled" : "iou", "",
                                      each    ? "iou_each_f32"
                                      : tiled ? "iou_tiled_f32"
                                              : "iou_f32");
    for (int i = A; i < (each ? COUNT_A : INPUTS); i++)
        dcl_arg_value(l, dcl_has_in(call, i) ? call->in[i] : NULL);
    dcl_arg_value(l, call->out[0]);
    if (each) {
        dcl_arg_int(l, dcl_count(call->out[0]));
        dcl_arg_int(l, attrs->kind);
        return dcl_grid(l, 1, (size_t[]){(size_t)dcl_count(call->out[0])}, NULL);
    }
    int64_t n, n_a, n_b;
    sizes(call, &n, &n_a, &n_b);
    dcl_arg_int(l, n_a);
    dcl_arg_int(l, n_b);
    dcl_arg_int(l, attrs->kind);
    if (tiled)
        return dcl_grid(l, 3, (size_t[]){tiles(n_b, TILE_B), tiles(n_a, TILE_A), (size_t)n},
                        (size_t[]){1, 1, 1});
    return dcl_grid(l, 3, (size_t[]){(size_t)n_b, (size_t)n_a, (size_t)n}, NULL);
}

const struct dcl_op dcl_op_iou = {
    .name = "iou",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = INPUTS,
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
    return detcl_box_iou_padded(ctx, kind, a, b, NULL, NULL, NULL, out, sync);
}

enum detcl_status detcl_box_iou_padded(struct detcl_context *ctx, enum detcl_iou_kind kind,
                                       struct detcl_tensor *a, struct detcl_tensor *b,
                                       struct detcl_tensor *crowd, struct detcl_tensor *count_a,
                                       struct detcl_tensor *count_b, struct detcl_tensor *out,
                                       const struct detcl_sync *sync)
{
    const struct attrs attrs = {.kind = (int)kind, .pairs = ALL};
    return DCL_CALL_OP(ctx, iou, &attrs, sync, DCL_TENSORS(a, b, crowd, count_a, count_b),
                       DCL_TENSORS(out));
}

enum detcl_status detcl_box_iou_each(struct detcl_context *ctx, enum detcl_iou_kind kind,
                                     struct detcl_tensor *a, struct detcl_tensor *b,
                                     struct detcl_tensor *crowd, struct detcl_tensor *out,
                                     const struct detcl_sync *sync)
{
    const struct attrs attrs = {.kind = (int)kind, .pairs = EACH};
    return DCL_CALL_OP(ctx, iou, &attrs, sync, DCL_TENSORS(a, b, crowd), DCL_TENSORS(out));
}
