/* The k smallest keys of each segment of rows of `length` keys, equal keys by position; UINT_MAX is no
 * candidate. starts [segments + 1]: where a row's segments begin, NULL: the row is one. Lists below are
 * numbered row * segments + segment.
 * top_cut: one group a list. Finds by three passes over 11-bit digits, the highest first, the key that
 * the k-th candidate has; cut gets that key and how many candidates of this very key belong to the k, count
 * how many there are in all.
 * top_count, top_write: group (tile, segment, row) looks at `tile` neighbouring keys; the first counts
 * those below and at the cut, the second sums the tiles before its own and writes positions and keys, so
 * the order does not depend on the schedule. Groups have W work-items. */
#include "scan.h"
#define BINS 2048
/* Counts of one digit are spread over so many places: on one work-item an increment would wait for the one
 * before it. */
#if W > 1
#define WAYS 1
#else
#define WAYS 4
#endif

/* One work-item looks at 16 keys at once and passes over them where none is at or below the limit. */
#define NEAR 16
#if W > 1
#define near(keys, i, end, limit) true
#define bound_of(keys, n, k, bins) (UINT_MAX - 1)
#else
bool near(global const uint *keys, const int i, const int end, const uint limit)
{
    return i + NEAR > end || any(vload16(0, keys + i) <= limit);
}

/* A key that more than k of many are likely to be at or below, from a sample of 1,024. */
uint bound_of(global const uint *keys, const int n, const int k, local int *bins)
{
    const int step = n / 1024;
    if (step < 8 || k > n / 32)
        return UINT_MAX - 1;
    uint prefix = 0;
    int need = k / step + k / step / 4 + 8;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < BINS; i++)
            bins[i] = 0;
        for (int i = 0; i < 1024; i++) {
            const uint key = keys[i * step];
            if (pass == 0 || key >> 21 == prefix)
                bins[key >> (pass ? 10 : 21) & (BINS - 1)]++;
        }
        uint digit = 0;
        while (bins[digit] < need)
            need -= bins[digit++];
        prefix = prefix << 11 | digit;
    }
    return min(prefix << 10 | 1023, UINT_MAX - 1);
}
#endif

/* A list's keys [first, end) in its row. */
#define OPEN_LIST                                                                                  \
    const int lid = (int)get_local_id(0), segment = (int)get_global_id(1);                         \
    const int row = (int)get_global_id(2);                                                         \
    const long list = (long)row * get_global_size(1) + segment;                                    \
    const int first = starts ? starts[starts_at + segment] : 0;                                    \
    const int end = starts ? starts[starts_at + segment + 1] : length;                             \
    keys += keys_at + (long)row * length

kernel void top_cut(TENSOR(const uint, keys), TENSOR(const int, starts), TENSOR(uint, cut),
                    TENSOR(int, count), const int length, const int k)
{
    local int bins[WAYS * BINS], sums[W], found[2];
    OPEN_LIST;
    uint prefix = 0, bound = bound_of(keys + first, end - first, k, bins);
    int need = k, all = 0;
    for (int pass = 0; pass < 3; pass++) {
        const int shift = pass == 0 ? 21 : pass == 1 ? 10 : 0, bits = pass == 2 ? 10 : 11;
        for (int i = lid; i < WAYS * BINS; i += W)
            bins[i] = 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int from = first; from < end; from += NEAR * W) {
            if (!near(keys, from, end, bound))
                continue;
            for (int i = from + lid; i < min(from + NEAR * W, end); i += W) {
                const uint key = keys[i];
                if (key <= bound && (pass == 0 || key >> (shift + bits) == prefix)) {
                    const int digit = (int)(key >> shift & ((1u << bits) - 1));
#if W > 1
                    atomic_inc(&bins[digit]);
#else
                    bins[(i & (WAYS - 1)) * BINS + digit]++;
#endif
                }
            }
        }
        if (lid == 0) {
            found[0] = 0;
            found[1] = 0;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = lid; i < BINS && WAYS > 1; i += W)
            for (int way = 1; way < WAYS; way++)
                bins[i] += bins[way * BINS + i];
        int own = 0, total;
        for (int i = 0; i < BINS / W; i++)
            own += bins[lid * (BINS / W) + i];
        int before = group_scan(sums, own, &total);
        if (before < need && need <= before + own)
            for (int i = lid * (BINS / W); before < need; i++) {
                found[0] = i;
                found[1] = need - before;
                before += bins[i];
            }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (W == 1 && pass == 0 && total <= k && bound < UINT_MAX - 1) {
            bound = UINT_MAX - 1; /* the sample was not like the rest: once more, over all */
            pass = -1;
            continue;
        }
        all = pass == 0 ? total : all;
        prefix = prefix << bits | (uint)found[0];
        need = found[1];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lid == 0) {
        cut[cut_at + 2 * list] = all <= k ? UINT_MAX : prefix;
        cut[cut_at + 2 * list + 1] = all <= k ? 0 : (uint)need;
        count[count_at + list] = min(all, k);
    }
}

kernel void top_count(TENSOR(const uint, keys), TENSOR(const int, starts), TENSOR(const uint, cut),
                      TENSOR(int, tiles), const int length, const int tile)
{
    local int sums[W];
    OPEN_LIST;
    const uint limit = cut[cut_at + 2 * list];
    const int t = (int)get_group_id(0), start = first + t * tile, stop = min(start + tile, end);
    int below = 0, at = 0;
    for (int from = start; from < stop; from += NEAR * W) {
        if (!near(keys, from, stop, limit))
            continue;
        for (int i = from + lid; i < min(from + NEAR * W, stop); i += W) {
            below += keys[i] < limit;
            at += keys[i] == limit;
        }
    }
    int total;
    group_scan(sums, below, &total);
    tiles += tiles_at + 2 * (list * (long)get_num_groups(0) + t);
    if (lid == 0)
        tiles[0] = total;
    group_scan(sums, at, &total);
    if (lid == 0)
        tiles[1] = total;
}

kernel void top_write(TENSOR(const uint, keys), TENSOR(const int, starts), TENSOR(const uint, cut),
                      TENSOR(const int, tiles), TENSOR(int, picked), TENSOR(uint, picked_keys),
                      const int length, const int tile, const int k)
{
    local int sums[W];
    OPEN_LIST;
    const uint limit = cut[cut_at + 2 * list];
    const int rest = (int)cut[cut_at + 2 * list + 1];
    const int t = (int)get_group_id(0), start = first + t * tile;
    tiles += tiles_at + 2 * (list * (long)get_num_groups(0));
    int below = 0, at = 0;
    for (int i = lid; i < t; i += W) {
        below += tiles[2 * i];
        at += tiles[2 * i + 1];
    }
    int n_below, n_at;
    group_scan(sums, below, &n_below);
    group_scan(sums, at, &n_at);
    picked += picked_at + list * k;
    picked_keys += picked_keys_at + list * k;
    for (int step = 0; step < tile && start + step < end; step += W) {
        if (W == 1 && step % NEAR == 0 && !near(keys, start + step, end, limit)) {
            step += NEAR - 1;
            continue;
        }
        const int i = start + step + lid;
        const uint key = i < end ? keys[i] : UINT_MAX;
        const int is_below = key < limit, is_at = key == limit && rest > 0;
        int total; /* both counts in one sum: W is at most 256 */
        const int mine = group_scan(sums, is_below | is_at << 16, &total);
        const int rank = n_at + (mine >> 16);
        if (is_below || (is_at && rank < rest)) {
            const int place = n_below + (mine & 0xffff) + min(rank, rest);
            picked[place] = i;
            picked_keys[place] = key;
        }
        n_below += total & 0xffff;
        n_at += total >> 16;
    }
}
