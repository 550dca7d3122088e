/* sample_anchors: which anchors are trained on, image by image. A match (detcl/assignment.h) of 0
 * or more is a positive, -1 a negative, what is below is never taken. in: matches [N, A] int32;
 * losses [N, A] float32 with mining=1, else optional seed [1] int32 (0). mining=1 (hard negative
 * mining, SSD): all positives, and the negatives of largest loss: ratio for each positive, but at
 * least min_negatives; equal losses by index; a negative of loss NaN is never taken mining=0
 * (balanced sampling, Faster R-CNN): up to max_positives positives (0: half of batch_size) and
 *     negatives up to batch_size in all; candidates by key, the upper 30 bits of
 *     pcg(anchor + pcg(image + pcg(seed))), then by index
 * out: samples [N, A] int32: the match where taken, else -2; optional indices [N, K] int32, K =
 * batch_size or with mining A: positives taken, then negatives taken, each in the order above, then
 * -1; optional counts [N, 2] int32: positives and negatives taken. The same on every device. */
#include "detcl/assignment.h"
#include "ops/order.h"
#include "ops/scan.h"
#include "ops/typed.h"

#include <stdio.h>

enum { MATCHES, LOSSES, SEED };
enum { SAMPLES, INDICES, COUNTS };

struct attrs {
    int64_t mining, ratio, min_negatives, batch_size, max_positives;
};

static const struct dcl_attr_spec specs[] = {
    DCL_INT(struct attrs, mining, "0"),        DCL_INT(struct attrs, ratio, "3"),
    DCL_INT(struct attrs, min_negatives, "0"), DCL_INT(struct attrs, batch_size, "256"),
    DCL_INT(struct attrs, max_positives, "0"), DCL_ATTRS_END};

/* Keys below `first` are negatives, up to `last` positives, others never taken. */
struct plan {
    bool hard;
    uint32_t first, last;
    int64_t images, anchors, capacity;
    int64_t ratio, min_negatives, batch_size, max_positives;
};

static struct plan plan_of(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const bool hard = a->mining != 0;
    const int64_t anchors = DCL_DIM(call->in[MATCHES], 1);
    return (struct plan){.hard = hard,
                         .first = hard ? 0xfffffffeu : 0x40000000u,
                         .last = hard ? 0xfffffffeu : 0x7fffffffu,
                         .images = DCL_DIM(call->in[MATCHES], 0),
                         .anchors = anchors,
                         .capacity = hard ? anchors : a->batch_size,
                         .ratio = a->ratio,
                         .min_negatives = a->min_negatives,
                         .batch_size = a->batch_size,
                         .max_positives = a->max_positives ? a->max_positives : a->batch_size / 2};
}

static enum detcl_status check(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_dtype(call, MATCHES, DCL_I32));
    DCL_TRY(call->error, dcl_need_rank(call, MATCHES, 2));
    if ((a->mining != 0) != dcl_has_in(call, LOSSES))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "losses are for mining, which needs them");
    if (a->mining) {
        DCL_TRY(call->error, dcl_need_dtype(call, LOSSES, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, LOSSES, 2));
        if (DCL_DIM(call->in[LOSSES], 0) != DCL_DIM(call->in[MATCHES], 0) ||
            DCL_DIM(call->in[LOSSES], 1) != DCL_DIM(call->in[MATCHES], 1))
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "matches and losses differ in shape");
    }
    if (dcl_has_in(call, SEED)) {
        DCL_TRY(call->error, dcl_need_dtype(call, SEED, DCL_I32));
        if (dcl_has_in(call, LOSSES) || dcl_count(call->in[SEED]) != 1)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the seed is one number, without losses");
    }
    if (a->ratio < 0 || a->ratio > INT32_MAX || a->min_negatives < 0 ||
        a->min_negatives > INT32_MAX)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "ratio and min_negatives are 0 or more");
    if (a->batch_size < 1 || a->batch_size > INT32_MAX || a->max_positives < 0 ||
        a->max_positives > a->batch_size)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "%lld positives at most among %lld anchors",
                             (long long)a->max_positives, (long long)a->batch_size);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, check(call));
    if (!dcl_has_out(call, SAMPLES))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "the samples are needed");
    const struct plan p = plan_of(call);
    const int64_t columns[] = {p.anchors, p.capacity, 2};
    for (int i = 0; i <= COUNTS; i++)
        if (dcl_has_out(call, i))
            call->out[i]->desc =
                (struct detcl_desc){.dtype = DETCL_I32, .rank = 2, .dims = {p.images, columns[i]}};
    call->cpu_workspace = (size_t)(3 * p.anchors) * sizeof(int32_t);
    return DETCL_OK;
}

/* --- the twin --------------------------------------------------------------------------------- */

/* PCG-RXS-M-XS-32 as a hash (Jarzynski and Olano 2020, "Hash Functions for GPU Rendering"). */
static uint32_t pcg(uint32_t x)
{
    const uint32_t state = x * 747796405u + 2891336453u;
    const uint32_t word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737u;
    return (word >> 22) ^ word;
}

static uint32_t key_of(const struct dcl_call *call, const struct plan *p, int64_t n, int64_t i)
{
    const int32_t match = ((const int32_t *)call->in[MATCHES]->data)[n * p->anchors + i];
    if (match < -1)
        return UINT32_MAX;
    if (p->hard) /* the key of NaN is UINT32_MAX too */
        return match < 0 ? dcl_order_key(
                               ((const float *)call->in[LOSSES]->data)[n * p->anchors + i], true)
                         : p->first;
    const int32_t seed = dcl_has_in(call, SEED) ? *(const int32_t *)call->in[SEED]->data : 0;
    const uint32_t key = pcg((uint32_t)i + pcg((uint32_t)n + pcg((uint32_t)seed))) >> 2;
    return match < 0 ? key : p->first | key;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How many there are (in) and are taken (out), positives first. */
static void take(const struct plan *p, const int64_t *there, int64_t *taken)
{
    if (p->hard) {
        const int64_t wanted = p->ratio * there[0];
        taken[0] = there[0];
        taken[1] = least(wanted > p->min_negatives ? wanted : p->min_negatives, there[1]);
    } else {
        taken[0] = least(there[0], p->max_positives);
        taken[1] = least(there[1], p->batch_size - taken[0]);
    }
}

static void run_image(struct dcl_call *call, const struct plan *p, int64_t n)
{
    uint32_t *keys = call->workspace;
    int32_t *order = (int32_t *)call->workspace + p->anchors, *spare = order + p->anchors;
    const int32_t *matches = (const int32_t *)call->in[MATCHES]->data + n * p->anchors;
    int32_t *samples = (int32_t *)call->out[SAMPLES]->data + n * p->anchors;
    int32_t *indices =
        dcl_has_out(call, INDICES) ? (int32_t *)call->out[INDICES]->data + n * p->capacity : NULL;
    int64_t there[2] = {0, 0}, taken[2];
    for (int64_t i = 0; i < p->anchors; i++) {
        keys[i] = key_of(call, p, n, i);
        order[i] = (int32_t)i;
        there[0] += keys[i] >= p->first && keys[i] <= p->last;
        there[1] += keys[i] < p->first;
        samples[i] = DETCL_MATCH_BETWEEN;
    }
    take(p, there, taken);
    if (p->anchors > 0)
        dcl_order_cpu(keys, p->anchors, order, spare);
    for (int64_t i = 0; indices && i < p->capacity; i++)
        indices[i] = -1;
    for (int64_t i = 0; i < taken[0] + taken[1]; i++) { /* negatives come first in the order */
        const int32_t from = order[i < taken[0] ? there[1] + i : i - taken[0]];
        samples[from] = matches[from];
        if (indices)
            indices[i] = from;
    }
    for (int i = 0; i < 2 && dcl_has_out(call, COUNTS); i++)
        ((int32_t *)call->out[COUNTS]->data)[2 * n + i] = (int32_t)taken[i];
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct plan p = plan_of(call);
    for (int64_t n = 0; n < p.images; n++)
        run_image(call, &p, n);
    return DETCL_OK;
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

static const struct dcl_value *input(const struct dcl_call *call, int i)
{
    return dcl_has_in(call, i) ? call->in[i] : NULL;
}

static const struct dcl_value *output(const struct dcl_call *call, int i)
{
    return dcl_has_out(call, i) ? call->out[i] : NULL;
}

static void record_keys(const struct dcl_call *call, const struct plan *p, struct dcl_recorder *r,
                        const char *options, const struct dcl_value *keys)
{
    struct dcl_launch *l = dcl_launch(r, "sample_anchors", options, "sample_keys");
    dcl_arg_value(l, call->in[MATCHES]);
    dcl_arg_value(l, input(call, LOSSES));
    dcl_arg_value(l, input(call, SEED));
    dcl_arg_value(l, keys);
    dcl_arg_int(l, p->anchors);
    dcl_grid(l, 2, (size_t[]){(size_t)p->anchors, (size_t)p->images}, NULL);
}

/* totals [N, 4]: positives there, negatives there, positives taken, negatives taken */
static void record_totals(const struct dcl_call *call, const struct plan *p, struct dcl_recorder *r,
                          const char *options, const struct dcl_value *keys,
                          const struct dcl_value *totals)
{
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    struct dcl_launch *l = dcl_launch(r, "sample_anchors", options, "sample_totals");
    dcl_arg_value(l, keys);
    dcl_arg_value(l, totals);
    dcl_arg_value(l, output(call, COUNTS));
    dcl_arg_int(l, p->anchors);
    dcl_arg_int(l, p->hard);
    dcl_arg_int(l, p->hard ? p->ratio : p->max_positives);
    dcl_arg_int(l, p->hard ? p->min_negatives : p->batch_size);
    dcl_grid(l, 2, (size_t[]){width, (size_t)p->images}, (size_t[]){width, 1});
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct plan p = plan_of(call);
    char options[32];
    snprintf(options, sizeof options, "-DW=%d", dcl_scan_width(dcl_limits(r)));
    const int64_t all = p.images * p.anchors;
    const struct dcl_order order = {
        .keys = dcl_workspace(r, DETCL_I32, all),
        .out = dcl_workspace(r, DETCL_I32, all),
        .spare = {dcl_workspace(r, DETCL_I64, all), dcl_workspace(r, DETCL_I64, all)},
        .segments = p.images,
        .length = p.anchors};
    const struct dcl_value *totals = dcl_workspace(r, DETCL_I32, 4 * p.images);
    record_keys(call, &p, r, options, order.keys);
    record_totals(call, &p, r, options, order.keys, totals);
    if (all > 0)
        DCL_TRY(call->error, dcl_order_record(r, &order));
    struct dcl_launch *l = dcl_launch(r, "sample_anchors", options, "sample_write");
    dcl_arg_value(l, call->in[MATCHES]);
    dcl_arg_value(l, order.out);
    dcl_arg_value(l, totals);
    dcl_arg_value(l, call->out[SAMPLES]);
    dcl_arg_value(l, output(call, INDICES));
    dcl_arg_int(l, p.anchors);
    dcl_arg_int(l, p.capacity);
    const int64_t wide = p.anchors > p.capacity ? p.anchors : p.capacity;
    return dcl_grid(l, 2, (size_t[]){(size_t)wide, (size_t)p.images}, NULL);
}

const struct dcl_op dcl_op_sample_anchors = {
    .name = "sample_anchors",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 3,
    .max_out = 3,
    .source =
        "torchvision's SSD (Liu et al. 2016, section 2.2) and BalancedPositiveNegativeSampler "
        "(Ren et al. 2015, section 3.1.3), with a counter-based generator",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_mine_negatives(struct detcl_context *ctx,
                                       const struct detcl_mining_params *params,
                                       struct detcl_tensor *matches, struct detcl_tensor *losses,
                                       struct detcl_tensor *samples, struct detcl_tensor *indices,
                                       struct detcl_tensor *counts, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.mining = 1,
                                .ratio = params->ratio ? params->ratio : 3,
                                .min_negatives = params->min_negatives,
                                .batch_size = 1};
    return DCL_CALL_OP(ctx, sample_anchors, &attrs, sync, DCL_TENSORS(matches, losses),
                       DCL_TENSORS(samples, indices, counts));
}

enum detcl_status detcl_sample_balanced(struct detcl_context *ctx,
                                        const struct detcl_sampling_params *params,
                                        struct detcl_tensor *matches, struct detcl_tensor *seed,
                                        struct detcl_tensor *samples, struct detcl_tensor *indices,
                                        struct detcl_tensor *counts, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.batch_size = params->batch_size ? params->batch_size : 256,
                                .max_positives = params->max_positives};
    return DCL_CALL_OP(ctx, sample_anchors, &attrs, sync, DCL_TENSORS(matches, NULL, seed),
                       DCL_TENSORS(samples, indices, counts));
}
