/* y = x, T = element type (sized unsigned integers: bits are kept).
 * Mapping: one work-item an element; the bound is n. */
kernel void copy(TENSOR(const T, x), TENSOR(T, y), const int n)
{
    OPEN(x);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i < n)
        y[i] = x[i];
}
