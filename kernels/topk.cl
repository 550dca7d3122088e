/* The K first elements of each row in a total order: by value (largest or smallest first; NaN counts as the
 * largest, zeros of both signs are equal), then by index, so that every device picks the same ones.
 *
 * Rows are chunked; topk_chunks ranks the elements of a chunk by counting those before each, topk_merge
 * merges pairs of sorted runs, each element finding its place in the other run by bisection, and
 * topk_gather writes values and indices. A run keeps at most K elements. Long rows of floats go through
 * kernels/top.cl instead, which finds the K-th by counting digits of topk_keys.
 * Layout: x is outer x n x inner, y outer x K x inner, rows = outer x inner; a run holds indices within its
 * row; run r of a row covers elements r * span .. and lies at (row * runs + r) * min(span, K).
 * Mapping: one work-item an element over (element of the row or of its runs, row), bound in dimension 0.
 * T: the element type; KEY: uint, or ulong for long. */

/* Ascending keys are the order wanted. */
KEY key_of(const T x, const int largest)
{
#if defined(REAL)
    const uint raw = as_uint(x), bits = raw == 0x80000000u ? 0 : raw; /* -0 becomes 0 */
    const uint key = isnan(x) ? UINT_MAX : bits >> 31 ? ~bits : bits | 0x80000000u;
#elif defined(SIGNED)
    const KEY key = (KEY)x ^ (KEY)1 << (8 * sizeof(T) - 1);
#else
    const KEY key = x;
#endif
    return largest ? ~key : key;
}

kernel void topk_chunks(TENSOR(const T, x), TENSOR(int, runs), const int n, const int inner,
                        const int largest, const int chunk, const int keep)
{
    OPEN(x);
    OPEN(runs);
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= n)
        return;
    x += row / inner * n * inner + row % inner;
    const int run = i / chunk, first = run * chunk, end = min(first + chunk, n);
    const KEY own = key_of(x[i * inner], largest);
    int rank = 0;
    for (int k = first; k < end; k++) {
        const KEY other = key_of(x[k * inner], largest);
        rank += other < own || (other == own && k < i);
    }
    if (rank < keep)
        runs[(row * ((n + chunk - 1) / chunk) + run) * keep + rank] = i;
}

/* Runs of `span` elements into runs of twice as many; both keep at most `limit`. */
kernel void topk_merge(TENSOR(const T, x), TENSOR(const int, from), TENSOR(int, to), const int n,
                       const int inner, const int largest, const int span, const int limit)
{
    OPEN(x);
    OPEN(from);
    OPEN(to);
    const int runs = (n + span - 1) / span, keep = min(span, limit);
    const int id = (int)get_global_id(0), row = (int)get_global_id(1);
    const int run = id / keep, place = id % keep, other = run ^ 1;
    if (run >= runs || place >= min(keep, n - run * span))
        return;
    x += row / inner * n * inner + row % inner;
    from += row * runs * keep;
    const int own = from[id];
    const KEY key = key_of(x[own * inner], largest);
    int low = 0, high = other < runs ? min(keep, n - other * span) : 0;
    while (low < high) {
        const int middle = (low + high) / 2, i = from[other * keep + middle];
        const KEY found = key_of(x[i * inner], largest);
        if (found < key || (found == key && i < own))
            low = middle + 1;
        else
            high = middle;
    }
    const int rank = place + low, keep_out = min(2 * span, limit);
    if (rank < keep_out)
        to[(row * ((runs + 1) / 2) + run / 2) * keep_out + rank] = own;
}

#ifdef REAL
/* Keys for kernels/top.cl; none is UINT_MAX, which there is no candidate: NaN comes next to infinity. A
 * work-item makes `each` of them: 16, of one row side by side as a vector, or one. */
kernel void topk_keys(TENSOR(const float, x), TENSOR(uint, keys), const int n, const int inner,
                      const int largest, const int each)
{
    const int from = (int)get_global_id(0) * each, row = (int)get_global_id(1);
    if (from >= n)
        return;
    x += x_at + (long)(row / inner) * n * inner + row % inner;
    keys += keys_at + (long)row * n;
    const uint turn = largest ? UINT_MAX : 0;
    if (each == 16 && inner == 1 && from + 16 <= n) {
        const uint16 bits = as_uint16(vload16(0, x + from)), size = bits & 0x7fffffffu;
        const uint16 low = size == 0 ? (uint16)0 : bits;
        const uint16 key = (bits >> 31) != 0 ? ~low : low | 0x80000000u;
        const uint16 some = size == 0 ? (uint16)0x80000000u : key;
        vstore16((size > 0x7f800000u ? (uint16)0xff800001u : some) ^ turn, 0, keys + from);
        return;
    }
    for (int i = from; i < min(from + each, n); i++) {
        const float v = x[(long)i * inner];
        keys[i] = isnan(v) ? 0xff800001u ^ turn : key_of(v, largest);
    }
}
#endif

/* The rank-th of a row is run[order[rank]], or run[rank] where `order` is NULL. */
kernel void topk_gather(TENSOR(const T, x), TENSOR(const int, run), TENSOR(const int, order),
                        TENSOR(T, y), TENSOR(long, indices), const int n, const int inner, const int k,
                        const int has_values, const int has_indices)
{
    OPEN(x);
    OPEN(run);
    OPEN(y);
    OPEN(indices);
    const int rank = (int)get_global_id(0), row = (int)get_global_id(1);
    if (rank >= k)
        return;
    const int at_rank = order ? order[order_at + row * k + rank] : rank;
    const int i = run[row * k + at_rank], outer = row / inner, c = row % inner;
    const int at = (outer * k + rank) * inner + c;
    if (has_values)
        y[at] = x[(outer * n + i) * inner + c];
    if (has_indices)
        indices[at] = i;
}
