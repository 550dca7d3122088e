/* top.cl for processors, one work-item a group: few keys get past a bound, and only those are
 * looked at again. Lists, keys and starts as in top.cl. top_bound: one work-item a list. bound
 * [lists] gets a key that more than k of the list are likely to be at or below, from a sample.
 * top_near: work-item (tile, segment, row) writes where the keys up to the bound are into near
 * [rows, length], from its `tile` keys' own place on, and into tiles [lists, tiles] how many they
 * are. top_pick: one work-item a list. Finds by three passes over 11-bit digits, the highest first,
 * the key that the k-th candidate has, and writes the k positions, rising, and keys. near is
 * overwritten. */
#include "any.h"
#define BINS 2048
#define SAMPLE 1024
#define NEAR 16 /* keys that are looked at together */
#define ANY_KEY (UINT_MAX - 1)

/* A list's keys [first, end) in its row. */
#define OPEN_LIST(dimension)                                                                       \
    const int segment = (int)get_global_id(dimension), row = (int)get_global_id(dimension + 1);    \
    const long list = (long)row * get_global_size(dimension) + segment;                            \
    const int first = starts ? starts[starts_at + segment] : 0;                                    \
    const int end = starts ? starts[starts_at + segment + 1] : length;                             \
    keys += keys_at + (long)row * length

/* The digit of the need-th; *need becomes its number among those of this digit. */
static uint digit_at(const int *bins, int *need)
{
    uint digit = 0;
    while (digit < BINS - 1 && bins[digit] < *need)
        *need -= bins[digit++];
    return digit;
}

kernel void top_bound(TENSOR(const uint, keys), TENSOR(const int, starts), TENSOR(uint, bound),
                      const int length, const int k)
{
    int bins[BINS];
    OPEN_LIST(0);
    const int step = (end - first) / SAMPLE;
    uint prefix = 0;
    int need = k / max(step, 1) + k / max(step, 1) / 4 + 8;
    const bool sampled = step >= 4 && k <= (end - first) / 4;
    for (int pass = 0; pass < 2 && sampled; pass++) {
        for (int i = 0; i < BINS; i++)
            bins[i] = 0;
        for (int i = 0; i < SAMPLE; i++) {
            const uint key = keys[first + i * step];
            if (pass == 0 || key >> 21 == prefix)
                bins[key >> (pass ? 10 : 21) & (BINS - 1)]++;
        }
        prefix = prefix << 11 | digit_at(bins, &need);
    }
    bound[bound_at + list] = sampled ? min(prefix << 10 | 1023, ANY_KEY) : ANY_KEY;
}

/* Where keys [from, to) are not above the limit; returns how many. Without a branch a key: the next
 * one overwrites it. */
static int positions(global const uint *keys, const int from, const int to, const uint limit,
                     global int *at)
{
    int n = 0;
    for (int i = from; i < to; i++) {
        at[n] = i;
        n += keys[i] <= limit;
    }
    return n;
}

kernel void top_near(TENSOR(const uint, keys), TENSOR(const int, starts), TENSOR(const uint, bound),
                     TENSOR(int, near), TENSOR(int, tiles), const int length, const int tile)
{
    OPEN_LIST(1);
    const int t = (int)get_global_id(0), start = first + t * tile, stop = min(start + tile, end);
    const uint limit = bound[bound_at + list];
    near += near_at + (long)row * length + start;
    int n = 0, i = start;
    for (; i + NEAR <= stop; i += NEAR)
        if (any16(vload16(0, keys + i) <= limit))
            n += positions(keys, i, i + NEAR, limit, near + n);
    if (i < stop)
        n += positions(keys, i, stop, limit, near + n);
    tiles[tiles_at + list * (long)get_global_size(0) + t] = n;
}

/* The tiles' positions, moved together; returns how many. */
static int gather(global int *near, global const int *tiles, const int count, const int tile)
{
    int n = 0;
    for (int t = 0; t < count; t++)
        for (int i = 0; i < tiles[t]; i++)
            near[n++] = near[t * tile + i];
    return n;
}

kernel void top_pick(TENSOR(const uint, keys), TENSOR(const int, starts), TENSOR(const uint, bound),
                     TENSOR(int, near), TENSOR(const int, tiles), TENSOR(int, picked),
                     TENSOR(uint, picked_keys), TENSOR(int, count), const int length,
                     const int tile, const int n_tiles, const int k)
{
    int bins[BINS];
    OPEN_LIST(0);
    near += near_at + (long)row * length + first;
    int n = gather(near, tiles + tiles_at + list * n_tiles, n_tiles, tile);
    if (n < k && bound[bound_at + list] < ANY_KEY) /* the sample was not like the rest */
        n = positions(keys, first, end, ANY_KEY, near);
    uint prefix = 0;
    int need = k;
    for (int shift = 21; n > k && shift >= 0; shift -= shift == 21 ? 11 : 10) {
        const uint above = shift == 21 ? 0 : shift == 10 ? 21 : 10;
        for (int i = 0; i < BINS; i++)
            bins[i] = 0;
        for (int i = 0; i < n; i++) {
            const uint key = keys[near[i]];
            if (above == 0 || key >> above == prefix)
                bins[key >> shift & (shift == 0 ? BINS / 2 - 1 : BINS - 1)]++;
        }
        prefix = prefix << (shift == 0 ? 10 : 11) | digit_at(bins, &need);
    }
    const uint cut = n > k ? prefix : UINT_MAX;
    picked += picked_at + list * k;
    picked_keys += picked_keys_at + list * k;
    int written = 0;
    for (int i = 0; i < n; i++) {
        const uint key = keys[near[i]];
        if (key > cut || (key == cut && --need < 0))
            continue;
        picked[written] = near[i];
        picked_keys[written++] = key;
    }
    count[count_at + list] = written;
}
