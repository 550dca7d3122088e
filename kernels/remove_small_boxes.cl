/* keep [N, M]: numbers of the boxes of boxes [N, M, 4] with both sides of at least min_size, ascending, -1 past
 * the kept[n] of them; count [N] or NULL. Mapping: a group of W work-items an image, each for `per_item`
 * neighbouring boxes, twice: counting, then, knowing what lies before, writing. Bounds: images, M. */
#include "scan.h"

static bool large(global const float *boxes, const int i, const float min_size)
{
    const float4 b = vload4(i, boxes);
    return b.z - b.x >= min_size && b.w - b.y >= min_size;
}

kernel void remove_small_boxes_f32(TENSOR(const float, boxes), TENSOR(const int, count),
                                   TENSOR(int, keep), TENSOR(int, kept), const int m,
                                   const int per_item, const float min_size)
{
    local int sums[W];
    const int n = (int)get_global_id(1), lid = (int)get_local_id(0);
    boxes += boxes_at + 4 * (long)n * m;
    keep += keep_at + (long)n * m;
    const int most = count ? clamp(count[count_at + n], 0, m) : m;
    const int first = min(lid * per_item, most), end = min(first + per_item, most);
    int found = 0, total;
    for (int i = first; i < end; i++)
        found += large(boxes, i, min_size);
    int at = group_scan(sums, found, &total);
    for (int i = first; i < end; i++)
        if (large(boxes, i, min_size))
            keep[at++] = i;
    for (int i = total + lid; i < m; i += W)
        keep[i] = -1;
    if (lid == 0)
        kept[kept_at + n] = total;
}
