/* Greedy suppression of one segment that looks up the kept boxes near a candidate instead of testing all.
 *
 * Suppression at threshold t means that b covers more than t of a, so more than t of its width and of its
 * height: of the points that cut a's sides in k + 1 equal parts, 1 / (k + 1) <= t, b contains one. So each
 * kept box is entered in all cells of a grid that it touches, and a candidate visits the cells that hold its
 * points. The longer sides of a and b differ by a factor less than 1 / t; there is a grid for each power of
 * two, where a box of its size touches at most 2 x 2 cells, and only those within 1 / t are visited. Cells
 * are hashed. Boxes are entered a 64th larger and sizes taken with 6 % to spare, which covers all rounding;
 * what is found is then tested exactly. Boxes for which that reasoning fails (vanishing, huge, or far from
 * the origin for their size) are chained apart, tested by every candidate, and test every kept box.
 * O(candidates) memory: heads and kept an int, links four ints a candidate. Entry 4 * position + corner. */
#define GRID_THRESHOLD 0.2f

struct grid {
    global const float *boxes; /* of the segment, in order of score */
    global int *links;         /* by entry: the next entry of its cell, or -1 */
    global int *heads;         /* by hash: the first entry, or -1 */
    global int *kept;          /* positions */
    int n, or_equal;
    float threshold, one;
};

/* The longer side, or 0 for a box that the grids do not hold. */
float grid_size(const float4 p, const float area, const float one)
{
    const float w = p.z - p.x + one, h = p.w - p.y + one, size = max(w, h);
    const float reach = max(max(fabs(p.x), fabs(p.y)), max(fabs(p.z), fabs(p.w)));
    return area >= 1e-30f && area <= 1e30f && size <= 1e15f && reach <= 16384.0f * size ? size : 0;
}

int grid_level(const float size)
{
    return (int)(as_uint(size * 1.0625f) >> 23);
}

/* Cells of a level are 2^(level - 126) wide. */
int grid_cell(const float x, const int level)
{
    return (int)floor(x * as_float((253 - level) << 23));
}

int grid_hash(const int x, const int y, const int level, const int n)
{
    uint h = (uint)x * 0x9e3779b1u ^ (uint)y * 0x85ebca77u ^ (uint)level * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    return (int)mul_hi(h ^ h >> 13, (uint)n);
}

int grid_test(const struct grid *g, const int position, const float4 p, const float area)
{
    const float4 q = vload4(position, g->boxes);
    const float inter = box_inter(p.x, p.y, p.z, p.w, q.x, q.y, q.z, q.w, g->one);
    return box_suppress(inter, area + box_area(q.x, q.y, q.z, q.w, g->one), g->threshold, g->or_equal);
}

int grid_chain(const struct grid *g, int entry, const float4 p, const float area)
{
    while (entry >= 0 && !grid_test(g, entry >> 2, p, area))
        entry = g->links[entry];
    return entry >= 0;
}

/* Does a box of the grids suppress p? `parts` = k + 1. */
int grid_find(const struct grid *g, const float4 p, const float area, const float size,
              const float parts)
{
    const float w = (p.z - p.x + g->one) / parts, h = (p.w - p.y + g->one) / parts;
    const float x1 = p.x + w, x2 = p.z + g->one - w, y1 = p.y + h, y2 = p.w + g->one - h;
    const float inverse = 1.01f / g->threshold;
    const int last = grid_level(size * inverse);
    for (int level = grid_level(size / inverse); level <= last; level++) {
        const int left = grid_cell(min(x1, x2), level), right = grid_cell(max(x1, x2), level);
        const int top = grid_cell(min(y1, y2), level), bottom = grid_cell(max(y1, y2), level);
        for (int y = top; y <= bottom; y++)
            for (int x = left; x <= right; x++)
                if (grid_chain(g, g->heads[grid_hash(x, y, level, g->n)], p, area))
                    return 1;
    }
    return 0;
}

void grid_enter(const struct grid *g, const int position, const float4 p, const float size)
{
    const int level = grid_level(size);
    const float margin = size / 64.0f;
    const int left = grid_cell(p.x - margin, level), top = grid_cell(p.y - margin, level);
    const int right = grid_cell(p.z + g->one + margin, level);
    const int bottom = grid_cell(p.w + g->one + margin, level);
    for (int k = 0; k < 4; k++) {
        const int x = k & 1 ? right : left, y = k & 2 ? bottom : top;
        if ((k & 1 && right == left) || (k & 2 && bottom == top))
            continue;
        global int *head = g->heads + grid_hash(x, y, level, g->n);
        g->links[4 * position + k] = *head;
        *head = 4 * position + k;
    }
}

/* Returns how many are kept; their candidates go to `out` and get flags. */
int grid_greedy(const struct grid *g, global const int *order, global int *flags, global int *out,
                const int limit)
{
    const float parts = ceil(1.0f / g->threshold);
    int total = 0, odd = -1;
    for (int i = 0; i < g->n; i++)
        g->heads[i] = -1;
    for (int i = 0; i < g->n && total < limit; i++) {
        const float4 p = vload4(i, g->boxes);
        const float area = box_area(p.x, p.y, p.z, p.w, g->one);
        const float size = grid_size(p, area, g->one);
        int gone = 0;
        if (size > 0)
            gone = grid_chain(g, odd, p, area) || grid_find(g, p, area, size, parts);
        else
            for (int k = 0; k < total && !gone; k++)
                gone = grid_test(g, g->kept[k], p, area);
        if (gone)
            continue;
        if (size > 0) {
            grid_enter(g, i, p, size);
        } else {
            g->links[4 * i] = odd;
            odd = 4 * i;
        }
        g->kept[total] = i;
        out[total++] = order[i];
        flags[order[i]] = 1;
    }
    return total;
}
