/* The first lengths[b] steps of each sequence b in reverse, the rest as they are; x is first x second x inner,
 * time along `first` when time_first, else along `second`. T = an unsigned integer of the element's size; a
 * length outside 0..steps is clamped. Mapping: one work-item an element; the bound is n. */
kernel void reverse_sequence(TENSOR(const T, x), TENSOR(const long, lengths), TENSOR(T, y),
                             const int n, const int first, const int second, const int inner,
                             const int time_first)
{
    OPEN(x);
    OPEN(lengths);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const int line = i / inner, p = line / second, q = line - p * second;
    const int t = time_first ? p : q, b = time_first ? q : p;
    const int length = (int)clamp(lengths[b], 0L, (long)(time_first ? first : second));
    const int from = t < length ? length - 1 - t : t;
    const int source = time_first ? from * second + q : p * second + from;
    y[i] = x[source * inner + i - line * inner];
}
