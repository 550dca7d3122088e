/* nms_greedy for work-groups of W > 1 (see nms.cl): 64 candidates at a time are tested against the
 * segment's kept boxes, PARTS work-items to a candidate, then among themselves by bit masks that one
 * work-item resolves; the kept ones are appended. Exact, since a box depends only on kept boxes before
 * it: O(kept * candidates) work, O(candidates) memory, no waiting between groups. */
#define TILE 64
#define PARTS 4

kernel void nms_greedy(GREEDY_ARGS)
{
    local float4 box[TILE];
    local float area[TILE];
    local int free_of[PARTS * TILE]; /* of the kept boxes that this part tested */
    local uint mask[PARTS * TILE];   /* 16 candidates of the tile that this one suppresses */
    local ulong chosen;
    local int n_kept;
    const int lid = (int)get_local_id(0);
    GREEDY_OPEN;
    while (start < stop) {
        const int next = classes ? class_end(classes, start, count) : count;
        const int end = valid_end(boxes, start, next);
        global float *kept_box = kept_boxes + kept_boxes_at + 4 * (at + start);
        int total = 0;
        for (int b = start; b < end && total < limit; b += TILE) {
            const int n = min(TILE, end - b);
            for (int c = lid; c < n; c += W) {
                box[c] = vload4(b + c, boxes);
                area[c] = box_area(box[c].x, box[c].y, box[c].z, box[c].w, one);
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            for (int u = lid; u < PARTS * TILE; u += W) {
                const int c = u & (TILE - 1), part = u / TILE;
                int is_free = c < n;
                uint bits = 0;
                const float4 p = box[is_free ? c : 0];
                const float p_area = area[is_free ? c : 0];
                for (int k = part; k < total && is_free; k += PARTS) {
                    const float4 q = vload4(k, kept_box);
                    const float inter = box_inter(p.x, p.y, p.z, p.w, q.x, q.y, q.z, q.w, one);
                    const float both = box_area(q.x, q.y, q.z, q.w, one) + p_area;
                    is_free = !box_suppress(inter, both, threshold, or_equal);
                }
                for (int k = 0; k < 16; k++) {
                    const int j = part * 16 + k;
                    if (is_free && j > c && j < n) {
                        const float4 q = box[j];
                        const float inter = box_inter(p.x, p.y, p.z, p.w, q.x, q.y, q.z, q.w, one);
                        if (box_suppress(inter, p_area + area[j], threshold, or_equal))
                            bits |= 1u << k;
                    }
                }
                free_of[u] = is_free;
                mask[u] = bits;
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            if (lid == 0) {
                ulong removed = 0, taken = 0;
                int now = total;
                for (int c = 0; c < n; c++) {
                    const int is_free = free_of[c] & free_of[TILE + c] & free_of[2 * TILE + c] &
                                        free_of[3 * TILE + c];
                    if (!is_free || (removed >> c & 1) || now >= limit)
                        continue;
                    taken |= (ulong)1 << c;
                    now++;
                    removed |= (ulong)mask[c] | (ulong)mask[TILE + c] << 16 |
                               (ulong)mask[2 * TILE + c] << 32 | (ulong)mask[3 * TILE + c] << 48;
                }
                chosen = taken;
                n_kept = now;
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            for (int c = lid; c < n; c += W) {
                if (!(chosen >> c & 1))
                    continue;
                const int place = total + (int)popcount(chosen & (((ulong)1 << c) - 1));
                vstore4(box[c], place, kept_box);
                kept[start + place] = order[b + c];
                flags[order[b + c]] = 1;
            }
            total = n_kept;
            barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
        }
        if (!classes && lid == 0)
            row_kept[row_kept_at + row] = total;
        start = next;
    }
}
