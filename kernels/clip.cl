/* y = min(max(x, lo), hi) elementwise, T = element type; a bound that is off (`bounds` bit 0 and 1)
 * is not applied; NaN stays NaN. Layout: any, x and y alike. Mapping: one work-item an element,
 * bound n. */
KERNEL void CHAINED(clip)(TENSOR(const T, x), TENSOR(const T, lo), TENSOR(const T, hi),
                          TENSOR(T, y), const int n, const int bounds PLACED)
{
    OPEN(x);
    OPEN(y);
    const int i = ID(0);
    if (i >= n)
        return;
    T v = x[i];
    if ((bounds & 1) && v < lo[lo_at])
        v = lo[lo_at];
    if ((bounds & 2) && v > hi[hi_at])
        v = hi[hi_at];
    y[i] = v;
}
