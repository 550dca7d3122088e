/* The device's side of host/ops/walk.h: a row of a walk is split over work-items. */

/* CAT(float, WIDTH) = float4 when WIDTH is 4. */

/* Where work-item `id` of a walk starts that handles `width` elements: row, position in the row. */
static int2 walk_start(const int id, const int length, const int width)
{
    const int chunks = (length + width - 1) / width;
    const int row = id / chunks;
    return (int2)(row, (id - row * chunks) * width);
}

/* Offsets of row `row` of a walk (host/ops/walk.h) for its three operands in y, z, w. The table
 * holds the extent and the operands' strides of each of the `rank` outer dimensions. */
static int4 walk(const global int *table, const int rank, int row)
{
    int4 at = (int4)(0);
    for (int i = rank - 1; i >= 0; i--) {
        const int outer = row / table[4 * i];
        at += (row - outer * table[4 * i]) * (vload4((size_t)i, table) * (int4)(0, 1, 1, 1));
        row = outer;
    }
    return at;
}
