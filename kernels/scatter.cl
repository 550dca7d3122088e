/* scatter_elements and scatter_nd: updates put into y, which holds a copy of the data already. T = element
 * type, REAL is defined when it is float; `reduction` is 0 none (the last update in row-major order wins),
 * 1 add, 2 mul, 3 max, 4 min. Updates of one element are applied in order, so results are the same bits
 * on every device.
 * scatter_lines: one work-item a line of indices along the axis, bound rows.
 * scatter_slices: one work-item an element of a slice, all tuples in order, bound inner.
 * scatter_claim, scatter_claimed: without a reduction; one work-item a tuple, or an element of its slice; the
 * last tuple that names a slice owns it. */
#include "indices.h"
#include "walk.h"

#ifdef REAL
#define LEADS(test, a) (test || isnan(a))
#else
#define LEADS(test, a) (test)
#endif

static T combine(const int reduction, const T a, const T b)
{
    switch (reduction) {
    case 1:
        return a + b;
    case 2:
        return a * b;
    case 3:
        return LEADS(a > b, a) ? a : b;
    case 4:
        return LEADS(a < b, a) ? a : b;
    default:
        return b;
    }
}

kernel void scatter_lines(TENSOR(const INDEX, indices), TENSOR(const T, updates), TENSOR(T, y),
                          TENSOR(const int, table), const int rank, const int length,
                          const int rows, const int count, const int step, const int extent,
                          const int y_step, const int reduction)
{
    OPEN(indices);
    OPEN(updates);
    OPEN(y);
    const int row = (int)get_global_id(0);
    if (row >= rows)
        return;
    const int4 at = walk(table + table_at, rank, row);
    for (int j = 0; j < count; j++) {
        const int from = at.z + j * step;
        const int to = at.y + index_in(extent, indices[from]) * y_step;
        y[to] = combine(reduction, y[to], updates[from]);
    }
}

kernel void scatter_slices(TENSOR(const INDEX, indices), TENSOR(const T, updates), TENSOR(T, y),
                           TENSOR(const int, table), const int depth, const int count,
                           const int per_batch, const int batch_stride, const int inner,
                           const int reduction)
{
    OPEN(indices);
    OPEN(updates);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i >= inner)
        return;
    for (int m = 0; m < count; m++) {
        const int to =
            tuple_at(table + table_at, depth, per_batch, batch_stride, indices, m) + i;
        y[to] = combine(reduction, y[to], updates[m * inner + i]);
    }
}

kernel void scatter_claim(TENSOR(const INDEX, indices), TENSOR(int, owner), TENSOR(const int, table),
                          const int depth, const int count, const int per_batch,
                          const int batch_stride, const int inner)
{
    OPEN(indices);
    OPEN(owner);
    const int m = (int)get_global_id(0);
    if (m >= count)
        return;
    const int to = tuple_at(table + table_at, depth, per_batch, batch_stride, indices, m);
    atomic_max(&owner[to / inner], m);
}

kernel void scatter_claimed(TENSOR(const INDEX, indices), TENSOR(const int, owner),
                            TENSOR(const T, updates), TENSOR(T, y), TENSOR(const int, table),
                            const int depth, const int count, const int per_batch,
                            const int batch_stride, const int inner)
{
    OPEN(indices);
    OPEN(owner);
    OPEN(updates);
    OPEN(y);
    const int m = (int)get_global_id(0) / inner, i = (int)get_global_id(0) - m * inner;
    if (m >= count)
        return;
    const int to = tuple_at(table + table_at, depth, per_batch, batch_stride, indices, m);
    if (owner[to / inner] == m)
        y[to + i] = updates[m * inner + i];
}
