/* levels[r] = min_level + how many of first, 4 first, 16 first ... the area of RoI r reaches, at most
 * max_level (host/ops/roi_levels.c). Mapping: one work-item a RoI; bound n. */
kernel void roi_levels(TENSOR(const float, rois), TENSOR(int, levels), const int n,
                       const int min_level, const int max_level, const float first)
{
    const int r = (int)get_global_id(0);
    if (r >= n)
        return;
    rois += rois_at + 4 * (long)r;
    const float width = rois[2] - rois[0], height = rois[3] - rois[1];
    const float area = width > 0 && height > 0 ? width * height : 0;
    int level = min_level;
    for (float threshold = first; level < max_level && area >= threshold; threshold *= 4)
        level++;
    levels[levels_at + r] = level;
}
