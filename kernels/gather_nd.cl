/* y[m, i] = x[slice named by tuple m, i]. T = an unsigned integer of the element's size.
 * Mapping: one work-item per WIDTH elements of a slice; the bounds are inner and count. */
#include "indices.h"
#include "walk.h"

kernel void gather_nd(TENSOR(const T, x), TENSOR(const INDEX, indices), TENSOR(T, y),
                      TENSOR(const int, table), const int depth, const int count,
                      const int per_batch, const int batch_stride, const int inner)
{
    OPEN(x);
    OPEN(indices);
    OPEN(y);
    const int2 at = walk_start(ID(0), inner, WIDTH);
    if (at.x >= count)
        return;
    x += tuple_at(table + table_at, depth, per_batch, batch_stride, indices, at.x);
    y += at.x * inner;
    const int end = min(at.y + WIDTH, inner);
    for (int i = at.y; i < end; i++)
        y[i] = x[i];
}
