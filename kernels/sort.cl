/* sort_keys: keys[i] = a 32-bit number whose order is that of x: zeros of both signs equal, NaN last;
 * inverted for descending order. Integer arithmetic alone, so that all devices agree.
 * sort_values: values[s, i] = x[s, order[s, i]] for i below the segment's count.
 * x, keys, order, values: [segments, length]; count [segments], or NULL: length each.
 * Mapping: one work-item an element; bounds length. */
kernel void sort_keys(TENSOR(const uint, x), TENSOR(uint, keys), const int n, const int descending)
{
    OPEN(x);
    OPEN(keys);
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const uint magnitude = x[i] & 0x7fffffffu, u = magnitude == 0 ? 0 : x[i];
    const uint ascending = u >> 31 ? ~u : u | 0x80000000u;
    keys[i] = magnitude > 0x7f800000u ? UINT_MAX : descending ? ~ascending : ascending;
}

kernel void sort_values(TENSOR(const float, x), TENSOR(const int, order), TENSOR(const int, counts),
                        TENSOR(float, values), const int length)
{
    const int i = (int)get_global_id(0), s = (int)get_global_id(1);
    if (i >= length || (counts && i >= counts[counts_at + s]))
        return;
    const long at = (long)s * length;
    values[values_at + at + i] = x[x_at + at + order[order_at + at + i]];
}
