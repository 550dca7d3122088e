/* The k smallest keys of each segment of rows of `length` keys, equal keys by position; UINT_MAX is no
 * candidate. starts [segments + 1]: where a row's segments begin, NULL: the row is one. Lists below are
 * numbered row * segments + segment.
 * top_cut: one group a list. Finds by three passes over 11-bit digits, the highest first, the key that
 * the k-th candidate has; cut gets that key and how many candidates of this very key belong to the k, count
 * how many there are in all.
 * top_count, top_write: group (tile, segment, row) looks at `tile` neighbouring keys; the first counts
 * those below and at the cut, the second sums the tiles before its own and writes positions and keys, so
 * the order does not depend on the schedule. Groups have W > 1 work-items; top_simd.cl is for one. */
#include "scan.h"
#define BINS 2048

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
    local int bins[BINS], sums[W], found[2];
    OPEN_LIST;
    uint prefix = 0;
    int need = k, all = 0;
    for (int pass = 0; pass < 3; pass++) {
        const int shift = pass == 0 ? 21 : pass == 1 ? 10 : 0, bits = pass == 2 ? 10 : 11;
        for (int i = lid; i < BINS; i += W)
            bins[i] = 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = first + lid; i < end; i += W) {
            const uint key = keys[i];
            if (key < UINT_MAX && (pass == 0 || key >> (shift + bits) == prefix))
                atomic_inc(&bins[key >> shift & ((1u << bits) - 1)]);
        }
        if (lid == 0) {
            found[0] = 0;
            found[1] = 0;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
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
    for (int i = start + lid; i < stop; i += W) {
        below += keys[i] < limit;
        at += keys[i] == limit;
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
