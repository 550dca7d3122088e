/* Index tensors of type INDEX (int or long). A negative index counts from the end; one outside its
 * extent is clamped, so that no access is outside. */
static int index_in(const int extent, const INDEX index)
{
    const INDEX i = index < 0 ? index + (INDEX)extent : index;
    return (int)clamp(i, (INDEX)0, (INDEX)(extent - 1));
}

/* First element of the slice that tuple i names. The table holds extent and stride of each of the
 * `depth` indices of a tuple. */
static int tuple_at(const global int *table, const int depth, const int per_batch,
                    const int batch_stride, const global INDEX *indices, const int i)
{
    int at = i / per_batch * batch_stride;
    for (int k = 0; k < depth; k++)
        at += table[2 * k + 1] * index_in(table[2 * k], indices[i * depth + k]);
    return at;
}
