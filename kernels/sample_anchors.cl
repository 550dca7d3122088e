/* Which anchors are trained on; host/ops/sample_anchors.c has the rule. Keys [N, A]: below FIRST negatives in
 * the order in which they are taken, FIRST..LAST positives, above: never taken.
 * sample_keys: losses null: random keys; one work-item an anchor over (anchor, image).
 * sample_totals: totals [N, 4]: positives and negatives there, then taken; counts [N, 2] (or null): taken; one
 *   group of W work-items an image.
 * sample_write: order [N, A] sorts the keys; samples [N, A], indices [N, capacity] (or null); one work-item a
 *   place in either. */
#include "scan.h"

#define HARD_FIRST 0xfffffffeu
#define HARD_LAST 0xfffffffeu
#define RANDOM_FIRST 0x40000000u
#define RANDOM_LAST 0x7fffffffu

static uint pcg(const uint x)
{
    const uint state = x * 747796405u + 2891336453u;
    const uint word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737u;
    return (word >> 22) ^ word;
}

/* Larger losses first, zeros of both signs equal, NaN never. */
static uint loss_key(const uint bits)
{
    const uint magnitude = bits & 0x7fffffffu, u = magnitude == 0 ? 0 : bits;
    return magnitude > 0x7f800000u ? UINT_MAX : u >> 31 ? u : ~(u | 0x80000000u);
}

kernel void sample_keys(TENSOR(const int, matches), TENSOR(const uint, losses),
                        TENSOR(const int, seed), TENSOR(uint, keys), const int anchors)
{
    const int i = (int)get_global_id(0), n = (int)get_global_id(1);
    if (i >= anchors)
        return;
    const long at = (long)n * anchors + i;
    const int match = matches[matches_at + at];
    uint key;
    if (losses) {
        key = match < 0 ? loss_key(losses[losses_at + at]) : HARD_FIRST;
    } else {
        const uint start = seed ? (uint)seed[seed_at] : 0;
        key = pcg((uint)i + pcg((uint)n + pcg(start))) >> 2;
        key |= match < 0 ? 0 : RANDOM_FIRST;
    }
    keys[keys_at + at] = match < -1 ? UINT_MAX : key;
}

/* With `hard`, all positives and `rate` negatives for each, at least `limit`; else at most `rate` positives
 * and `limit` in all. */
kernel void sample_totals(TENSOR(const uint, keys), TENSOR(int, totals), TENSOR(int, counts),
                          const int anchors, const int hard, const int rate, const int limit)
{
    local int sums[W];
    const int lid = (int)get_local_id(0), n = (int)get_global_id(1);
    const uint first = hard ? HARD_FIRST : RANDOM_FIRST, last = hard ? HARD_LAST : RANDOM_LAST;
    keys += keys_at + (long)n * anchors;
    int own[2] = {0, 0}, there[2];
    for (int i = lid; i < anchors; i += W) {
        own[0] += keys[i] >= first && keys[i] <= last;
        own[1] += keys[i] < first;
    }
    group_scan(sums, own[0], &there[0]);
    group_scan(sums, own[1], &there[1]);
    int positives = there[0], negatives;
    if (hard) {
        const bool all = positives > 0 && rate > there[1] / positives; /* the product may not fit */
        negatives = all ? there[1] : min(max(rate * positives, limit), there[1]);
    } else {
        positives = min(positives, rate);
        negatives = min(there[1], limit - positives);
    }
    if (lid > 0)
        return;
    totals += totals_at + 4 * n;
    totals[0] = there[0];
    totals[1] = there[1];
    totals[2] = positives;
    totals[3] = negatives;
    if (counts) {
        counts[counts_at + 2 * n] = positives;
        counts[counts_at + 2 * n + 1] = negatives;
    }
}

kernel void sample_write(TENSOR(const int, matches), TENSOR(const int, order),
                         TENSOR(const int, totals), TENSOR(int, samples), TENSOR(int, indices),
                         const int anchors, const int capacity)
{
    const int i = (int)get_global_id(0), n = (int)get_global_id(1);
    totals += totals_at + 4 * n;
    const int negatives = totals[1], taken_positives = totals[2], taken_negatives = totals[3];
    indices += indices_at + (indices ? (long)n * capacity : 0);
    if (indices && i < capacity && i >= taken_positives + taken_negatives)
        indices[i] = -1;
    if (i >= anchors)
        return;
    /* Place i of the order: a negative, or the positive number i - negatives, or neither. */
    const long base = (long)n * anchors;
    const int from = order[order_at + base + i], positive = i - negatives;
    const bool taken = i < negatives ? i < taken_negatives : positive < taken_positives;
    samples[samples_at + base + from] = taken ? matches[matches_at + base + from] : -2;
    if (indices && taken)
        indices[i < negatives ? taken_positives + i : positive] = from;
}
