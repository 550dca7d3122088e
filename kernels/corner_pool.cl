/* Running maxima along lines of `length` numbers (host/ops/corner_pool.c): line (c, o) starts at
 * o * block + c * pitch + begin and goes on by `step`. A NaN stays the maximum from where it is met.
 * Mapping: one work-item a line over (lines of a block, blocks); the bound is `lines`. */
kernel void corner_pool(TENSOR(const float, x), TENSOR(float, y), const int length, const int lines,
                        const int pitch, const int block, const int begin, const int step)
{
    OPEN(x);
    OPEN(y);
    const int c = (int)get_global_id(0);
    if (c >= lines)
        return;
    long at = (long)get_global_id(1) * block + (long)c * pitch + begin;
    float top = -INFINITY;
    for (int i = 0; i < length; i++, at += step) {
        const float v = x[at];
        top = v > top || isnan(v) ? v : top;
        y[at] = top;
    }
}
