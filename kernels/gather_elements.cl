/* y[p] = x[p with its position along one axis replaced by indices[p]]. T = an unsigned integer of the
 * element's size; the walk's operand 0 is x without that axis. Mapping: one work-item an element, bound n. */
#include "indices.h"
#include "walk.h"

kernel void gather_elements(TENSOR(const T, x), TENSOR(const INDEX, indices), TENSOR(T, y),
                            TENSOR(const int, table), const int rank, const int length,
                            const int rows, const int extent, const int x_step)
{
    OPEN(x);
    OPEN(indices);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i >= rows)
        return;
    y[i] = x[walk(table + table_at, rank, i).y + index_in(extent, indices[i]) * x_step];
}
