/* masks_to_boxes (host/ops/masks_to_boxes.c): mask_rows, one work-item a row y of mask n, finds its first and last
 * column that is not 0 (spans [N, H, 2], W and -1 without any); mask_boxes, one work-item a mask, joins them.
 * paste_masks (host/ops/paste_masks.c): one work-item for 16 neighbouring pixels of a row. Bounds as given. */

kernel void mask_rows(TENSOR(const uchar, masks), TENSOR(int, spans), const int rows, const int width)
{
    const int row = (int)get_global_id(0);
    if (row >= rows)
        return;
    masks += masks_at + (long)row * width;
    int first = 0, last = width - 1;
    while (first + 16 <= width && !any(vload16(0, masks + first) != (uchar16)0))
        first += 16;
    while (first < width && masks[first] == 0)
        first++;
    while (last - 15 > first && !any(vload16(0, masks + last - 15) != (uchar16)0))
        last -= 16;
    while (last >= first && masks[last] == 0)
        last--;
    spans += spans_at + 2 * (long)row;
    spans[0] = first;
    spans[1] = last >= first ? last : -1;
}

kernel void mask_boxes(TENSOR(const int, spans), TENSOR(float, boxes), const int n, const int height,
                       const int width)
{
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    spans += spans_at + 2 * (long)i * height;
    int x1 = width, y1 = height, x2 = -1, y2 = -1;
    for (int y = 0; y < height; y++) {
        if (spans[2 * y + 1] < 0)
            continue;
        x1 = min(x1, spans[2 * y]);
        x2 = max(x2, spans[2 * y + 1]);
        y1 = min(y1, y);
        y2 = y;
    }
    boxes += boxes_at + 4 * (long)i;
    boxes[0] = x2 < 0 ? 0 : (float)x1;
    boxes[1] = x2 < 0 ? 0 : (float)y1;
    boxes[2] = x2 < 0 ? 0 : (float)x2;
    boxes[3] = x2 < 0 ? 0 : (float)y2;
}
