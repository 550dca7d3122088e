/* y = x with each dimension extended or, in constant mode, cropped: y[p] = x[source(p - begin)]. T = an
 * unsigned integer of the element's size. The table holds y's extent, x's extent, x's stride and begin
 * of each dimension; `mode` is 0 constant, 1 reflect, 2 edge, 3 wrap; `value` may be null (0).
 * Mapping: one work-item per WIDTH elements of a row of y; bounds are length and rows. */
#include "walk.h"

static int source(const int mode, const int p, const int extent)
{
    if (mode == 0)
        return p >= 0 && p < extent ? p : -1;
    if (mode == 2)
        return clamp(p, 0, extent - 1);
    const int period = mode == 3 ? extent : max(2 * extent - 2, 1);
    const int m = (p % period + period) % period;
    return m < extent ? m : period - m;
}

kernel void pad(TENSOR(const T, x), TENSOR(const T, value), TENSOR(T, y), TENSOR(const int, table),
                const int rank, const int length, const int rows, const int mode,
                const int has_value)
{
    OPEN(x);
    OPEN(y);
    table += table_at;
    const int2 at = walk_start(ID(0), length, WIDTH);
    if (at.x >= rows)
        return;
    bool inside = true;
    for (int d = rank - 2, row = at.x; d >= 0; d--) {
        const int4 dim = vload4((size_t)d, table);
        const int outer = row / dim.x;
        const int p = source(mode, row - outer * dim.x - dim.w, dim.y);
        inside = inside && p >= 0;
        x += max(p, 0) * dim.z;
        row = outer;
    }
    const int4 last = vload4((size_t)(rank - 1), table);
    const T fill = has_value ? value[value_at] : (T)0;
    y += at.x * length;
#if WIDTH > 1
    const int p = at.y - last.w;
    if (inside && p >= 0 && p + WIDTH <= last.y && at.y + WIDTH <= length) {
        CAT(vstore, WIDTH)(CAT(vload, WIDTH)(0, x + p), 0, y + at.y);
        return;
    }
#endif
    const int end = min(at.y + WIDTH, length);
    for (int i = at.y; i < end; i++) {
        const int from = source(mode, i - last.w, last.y);
        y[i] = inside && from >= 0 ? x[from] : fill;
    }
}
