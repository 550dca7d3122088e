/* Running sums along one axis of x = outer x extent x inner, T = element type, in order, so that results are
 * the same bits on every device. Mapping: one work-item a line along the axis; the bound is outer * inner. */
kernel void cumsum(TENSOR(const T, x), TENSOR(T, y), const int lines, const int extent,
                   const int inner, const int exclusive, const int reverse)
{
    OPEN(x);
    OPEN(y);
    const int line = (int)get_global_id(0);
    if (line >= lines)
        return;
    const int o = line / inner, first = o * extent * inner + line - o * inner;
    T sum = 0;
    for (int j = 0; j < extent; j++) {
        const int at = first + (reverse ? extent - 1 - j : j) * inner;
        const T next = sum + x[at];
        y[at] = exclusive ? sum : next;
        sum = next;
    }
}
