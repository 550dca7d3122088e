/* y = condition ? a : b elementwise with NumPy broadcasting, T = an unsigned integer of the element's size.
 * y is dense in the walk's order. Mapping: one work-item per WIDTH elements of a row; bounds are length and
 * rows. */
#include "walk.h"

kernel void where(TENSOR(const uchar, condition), TENSOR(const T, a), TENSOR(const T, b),
                  TENSOR(T, y), TENSOR(const int, table), const int rank, const int length,
                  const int rows, const int condition_step, const int a_step, const int b_step)
{
    OPEN(condition);
    OPEN(a);
    OPEN(b);
    OPEN(y);
    const int2 at = walk_start(ID(0), length, WIDTH);
    if (at.x >= rows)
        return;
    const int4 from = walk(table + table_at, rank, at.x);
    const int n = min(WIDTH, length - at.y);
    for (int i = at.y; i < at.y + n; i++)
        y[at.x * length + i] = condition[from.y + i * condition_step] ? a[from.z + i * a_step]
                                                                      : b[from.w + i * b_step];
}
