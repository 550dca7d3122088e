/* y[row] = index along the reduced axis of the largest (SIGN 1) or smallest (SIGN -1) of the elements
 * x[start(row) + i * step], i < count. Ties: the first, or the last with `last`. A NaN wins over every number.
 * Row r of the dense outer x count x inner operand starts at r / inner * count * inner + r % inner.
 * Mapping: one work-item a row, bound rows. */
#ifdef FLOAT
#define IS_NAN(v) isnan(v)
#else
#define IS_NAN(v) false
#endif

kernel void arg_reduce(TENSOR(const T, x), TENSOR(long, y), const int rows, const int count,
                       const int inner, const int last)
{
    OPEN(x);
    OPEN(y);
    const int row = (int)get_global_id(0);
    if (row >= rows)
        return;
    x += row / inner * count * inner + row % inner;
    T best = x[0];
    int at = 0;
    for (int i = 1; i < count; i++) {
        const T v = x[i * inner];
        const bool same = v == best || (IS_NAN(v) && IS_NAN(best));
        const bool better = !IS_NAN(best) && (IS_NAN(v) || (SIGN > 0 ? v > best : v < best));
        if (better || (same && last)) {
            best = v;
            at = i;
        }
    }
    y[row] = at;
}
