/* y[o, j, i] = x[o, indices[j], i]: x is outer x extent x inner, y outer x count x inner. T = an unsigned
 * integer of the element's size, INDEX = int or long.
 * Mapping: one work-item per WIDTH elements of an inner run; the bounds are inner and outer * count. */
#include "indices.h"
#include "walk.h"

kernel void gather(TENSOR(const T, x), TENSOR(const INDEX, indices), TENSOR(T, y), const int outer,
                   const int extent, const int count, const int inner)
{
    OPEN(x);
    OPEN(indices);
    OPEN(y);
    const int2 at = walk_start(ID(0), inner, WIDTH);
    if (at.x >= outer * count)
        return;
    const int o = at.x / count;
    const int from = index_in(extent, indices[at.x - o * count]);
    x += (o * extent + from) * inner + at.y;
    y += at.x * inner + at.y;
    const int n = min(WIDTH, inner - at.y);
#if WIDTH > 1
    if (n == WIDTH) {
        CAT(vstore, WIDTH)(CAT(vload, WIDTH)(0, x), 0, y);
        return;
    }
#endif
    for (int i = 0; i < n; i++)
        y[i] = x[i];
}
