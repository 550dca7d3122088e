/* y[y_first + walk] = x[x_first + walk] over a walk (host/ops/walk.h), T = an unsigned integer of
 * the element's size: transpose, slice, split, concat, expand, tile, depth_to_space. Mapping: one
 * work-item per WIDTH elements of a row; bounds are length and rows. */
#include "walk.h"

KERNEL void CHAINED(strided_copy)(TENSOR(const T, x), TENSOR(T, y), TENSOR(const int, table),
                                  const int rank, const int length, const int rows,
                                  const int x_first, const int x_step, const int y_first,
                                  const int y_step PLACED)
{
    OPEN(x);
    OPEN(y);
    const int2 start = walk_start(ID(0), length, WIDTH);
    if (start.x >= rows)
        return;
    const int4 at = walk(table + table_at, rank, start.x);
    x += x_first + at.y + start.y * x_step;
    y += y_first + at.z + start.y * y_step;
    const int n = min(WIDTH, length - start.y);
#if WIDTH > 1
    if (n == WIDTH && x_step == 1 && y_step == 1) {
        CAT(vstore, WIDTH)(CAT(vload, WIDTH)(0, x), 0, y);
        return;
    }
#endif
    for (int i = 0; i < n; i++)
        y[i * y_step] = x[i * x_step];
}
