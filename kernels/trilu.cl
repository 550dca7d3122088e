/* y = x on and above (upper) or on and below diagonal k of each rows x columns matrix, 0 elsewhere. T = an
 * unsigned integer of the element's size; `k` may be null (0).
 * Mapping: one work-item an element; the bound is n. */
kernel void trilu(TENSOR(const T, x), TENSOR(const long, k), TENSOR(T, y), const int n,
                  const int rows, const int columns, const int upper, const int has_k)
{
    OPEN(x);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const int line = i / columns, matrix = line / rows;
    const long diagonal = i - line * columns - (line - matrix * rows);
    const long from = has_k ? k[k_at] : 0;
    y[i] = (upper ? diagonal >= from : diagonal <= from) ? x[i] : (T)0;
}
