/* y[o, d, i] = values[indices[o, i] is d]. T = an unsigned integer of the values' size, INDEX = the indices'
 * type (float too: truncated). A negative index counts from the end; one outside depth matches nothing.
 * Mapping: one work-item an element of y; the bound is n. */
kernel void one_hot(TENSOR(const INDEX, indices), TENSOR(const T, values), TENSOR(T, y), const int n,
                    const int depth, const int inner)
{
    OPEN(indices);
    OPEN(values);
    OPEN(y);
    const int at = (int)get_global_id(0);
    if (at >= n)
        return;
    const int line = at / inner, o = line / depth, d = line - o * depth;
    const INDEX v = indices[o * inner + at - line * inner];
    const bool known = v < (INDEX)depth && (SIGNED == 0 || v >= (INDEX)-depth);
    const int position = known ? (int)v : -depth - 1;
    y[at] = values[(position < 0 ? position + depth : position) == d];
}
