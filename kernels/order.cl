/* Stable sort of 32-bit keys, ascending, with an index payload: out[0, count) of each segment are
 * the entries of `in` (0, 1, 2 ... when `in` is NULL) ordered by keys[in[i]], equal keys in the
 * order of `in`. keys, in, out: [segments, length]; count [segments], or NULL: length entries each.
 *
 * order_radix (SIMD profile): one work-item a segment, least significant digit first, DIGIT bits a
 * pass; pairs of key and index ping-pong between a and b.
 * order_tiles, order_merge, order_write (GPU profile): key and position make one unique 64-bit
 * number, so no sort below needs to be stable. Groups of W work-items sort tiles of `tile` numbers
 * (a power of two, at most 4 * W) in local memory; each merge pass doubles the runs, one work-item
 * a number, which finds its place by binary search in the other run. Passes that a segment's count
 * does not need do nothing, so where its numbers end up (a or b) follows from the count. */
#define DIGIT 11
#define BINS (1 << DIGIT)

static int digit_of(const ulong pair, const int shift)
{
    return (int)((uint)(pair >> 32) >> shift) & (BINS - 1);
}

KERNEL void CHAINED(order_radix)(TENSOR(const uint, keys), TENSOR(const int, in),
                                 TENSOR(const int, counts), TENSOR(ulong, a), TENSOR(ulong, b),
                                 TENSOR(int, bins), TENSOR(int, out), const int segments,
                                 const int length PLACED)
{
    const int s = ID(0);
    if (s >= segments)
        return;
    const long at = (long)s * length;
    keys += keys_at + at;
    out += out_at + at;
    bins += bins_at + (long)s * BINS;
    const int count = counts ? min(counts[counts_at + s], length) : length;
    global ulong *from = a + a_at + at, *to = b + b_at + at;
    for (int i = 0; i < count; i++) {
        const int index = in ? in[in_at + at + i] : i;
        from[i] = (ulong)keys[index] << 32 | (uint)index;
    }
    for (int shift = 0; shift < 32 && count > 1; shift += DIGIT) {
        for (int k = 0; k < BINS; k++)
            bins[k] = 0;
        for (int i = 0; i < count; i++)
            bins[digit_of(from[i], shift)]++;
        if (bins[digit_of(from[0], shift)] == count)
            continue; /* all alike: class numbers are small */
        for (int k = 0, sum = 0; k < BINS; k++) {
            const int n = bins[k];
            bins[k] = sum;
            sum += n;
        }
        for (int i = 0; i < count; i++) {
            const ulong pair = from[i];
            to[bins[digit_of(pair, shift)]++] = pair;
        }
        global ulong *swap = from;
        from = to;
        to = swap;
    }
    for (int i = 0; i < count; i++)
        out[i] = (int)from[i];
}

#ifndef CHAIN
kernel void order_tiles(TENSOR(const uint, keys), TENSOR(const int, in), TENSOR(const int, counts),
                        TENSOR(ulong, a), const int length, const int tile)
{
    local ulong x[4 * W];
    const int s = ID(1), lid = ITEM_ID(0);
    const int first = GROUP_ID(0) * tile;
    const int count = counts ? min(counts[counts_at + s], length) : length;
    const int used = first < count ? tile : 0; /* no early return: PoCL loses barriers behind it */
    keys += keys_at + (long)s * length;
    for (int i = lid; i < used; i += W) {
        const int position = first + i;
        x[i] = ULONG_MAX;
        if (position < count) {
            const int index = in ? in[in_at + (long)s * length + position] : position;
            x[i] = (ulong)keys[index] << 32 | (uint)position;
        }
    }
    /* Bitonic: runs of `run` numbers, compared at distance `step`. */
    for (int run = 2; run <= used; run *= 2)
        for (int step = run / 2; step > 0; step /= 2) {
            barrier(CLK_LOCAL_MEM_FENCE);
            for (int k = lid; k < used / 2; k += W) {
                const int i = 2 * k - (k & (step - 1));
                const ulong low = x[i], high = x[i + step];
                const bool up = (i & run) == 0;
                if ((low > high) == up) {
                    x[i] = high;
                    x[i + step] = low;
                }
            }
        }
    barrier(CLK_LOCAL_MEM_FENCE);
    a += a_at + (long)s * length + first;
    for (int i = lid; i < min(used, count - first); i += W)
        a[i] = x[i];
}
#endif

KERNEL void CHAINED(order_merge)(TENSOR(const ulong, from), TENSOR(ulong, to),
                                 TENSOR(const int, counts), const int length, const int run PLACED)
{
    const int i = ID(0), s = ID(1);
    if (i >= length)
        return;
    const int count = counts ? min(counts[counts_at + s], length) : length;
    if (i >= count || run >= count)
        return;
    from += from_at + (long)s * length;
    const long mine = i / run * run, other = i / run & 1 ? mine - run : mine + run;
    const int first = (int)min(other, (long)count);
    const ulong x = from[i];
    int low = first, high = (int)min(other + run, (long)count);
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (from[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    /* The numbers before x in both runs. */
    const long place = min(mine, other) + (i - mine) + (low - first);
    to[to_at + (long)s * length + place] = x;
}

KERNEL void CHAINED(order_write)(TENSOR(const ulong, a), TENSOR(const ulong, b),
                                 TENSOR(const int, in), TENSOR(const int, counts), TENSOR(int, out),
                                 const int length, const int tile PLACED)
{
    const int i = ID(0), s = ID(1);
    if (i >= length)
        return;
    const int count = counts ? min(counts[counts_at + s], length) : length;
    if (i >= count)
        return;
    bool in_b = false;
    for (long run = tile; run < count; run *= 2)
        in_b = !in_b;
    const long at = (long)s * length;
    const int position = (int)(in_b ? b[b_at + at + i] : a[a_at + at + i]);
    out[out_at + at + i] = in ? in[in_at + at + position] : position;
}
