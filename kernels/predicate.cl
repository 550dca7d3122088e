/* predicate_float: y = x is one of the classes in `classes` (bit 0 NaN, bit 1 +infinity, bit 2 -infinity).
 * predicate_not: y = not x. Mapping: one work-item an element; the bound is n. */
kernel void predicate_float(TENSOR(const float, x), TENSOR(uchar, y), const int n, const int classes)
{
    OPEN(x);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const float v = x[i];
    y[i] = ((classes & 1) && isnan(v)) || ((classes & 2) && v == INFINITY) ||
           ((classes & 4) && v == -INFINITY);
}

kernel void predicate_not(TENSOR(const uchar, x), TENSOR(uchar, y), const int n)
{
    OPEN(x);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i < n)
        y[i] = !x[i];
}
