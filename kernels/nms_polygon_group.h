/* nms_polygon_greedy for work-groups of W > 1 (see nms_polygon.cl): 64 candidates at a time, PARTS
 * work-items to a candidate, which share the kept polygons and the candidates after it; bit masks
 * say whom a candidate suppresses, and one work-item resolves them. */
#define TILE 64
#define PARTS 4

kernel void nms_polygon_greedy(GREEDY_ARGS)
{
    local int free_of[PARTS * TILE];  /* of the kept polygons that this part tested */
    local uint bits_of[PARTS * TILE]; /* 16 candidates of the tile that this one suppresses */
    local ulong chosen;
    local int n_kept;
    const int lid = (int)get_local_id(0);
    GREEDY_OPEN;
    while (start < stop) {
        const int next = classes ? class_end(classes, start, count) : count;
        const int end = valid_end(sorted, start, next);
        int total = 0;
        for (int b = start; b < end && total < limit; b += TILE) {
            const int n = min(TILE, end - b);
            for (int u = lid; u < PARTS * TILE; u += W) {
                const int c = u & (TILE - 1), part = u / TILE;
                int is_free = c < n;
                uint bits = 0;
                global const float *p = POLYGON(sorted[b + (is_free ? c : 0)]);
                for (int k = part; k < total && is_free; k += PARTS)
                    is_free = !suppresses(POLYGON(kept[start + k]), p, edges, threshold, or_equal);
                for (int k = 0; k < 16; k++) {
                    const int j = part * 16 + k;
                    if (is_free && j > c && j < n &&
                        suppresses(p, POLYGON(sorted[b + j]), edges, threshold, or_equal))
                        bits |= 1u << k;
                }
                free_of[u] = is_free;
                bits_of[u] = bits;
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
                    removed |= (ulong)bits_of[c] | (ulong)bits_of[TILE + c] << 16 |
                               (ulong)bits_of[2 * TILE + c] << 32 |
                               (ulong)bits_of[3 * TILE + c] << 48;
                }
                chosen = taken;
                n_kept = now;
            }
            barrier(CLK_LOCAL_MEM_FENCE);
            for (int c = lid; c < n; c += W) {
                if (!(chosen >> c & 1))
                    continue;
                const int place = total + (int)popcount(chosen & (((ulong)1 << c) - 1));
                kept[start + place] = sorted[b + c];
                flags[order[b + c]] = 1;
            }
            total = n_kept;
            barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
        }
        start = next;
    }
}
