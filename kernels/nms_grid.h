/* Greedy suppression of one segment that looks up the kept boxes near a candidate instead of
 * testing all.
 *
 * Suppression at threshold t means that b covers more than t of a, so more than t of its width and
 * of its height: of the points that cut a's sides in k + 1 equal parts, 1 / (k + 1) <= t, b
 * contains one. So each kept box is entered in all cells of a grid that it touches, and a candidate
 * visits the cells that hold its points. Widths differ by a factor less than 1 / t, and so do
 * heights: there is a grid for each pair of powers of two, where a box of its size touches at most
 * 2 x 2 cells, and only those within 1 / t are visited. Cells are hashed. Boxes are entered a 64th
 * larger and sizes taken with 6 % to spare, which covers all rounding; what is found is then tested
 * exactly. Boxes for which that reasoning fails (vanishing, huge, or far from the origin for their
 * size) are chained apart, tested by every candidate, and test every kept box. O(candidates)
 * memory: heads and kept an int, links four ints a candidate. Entry 4 * position + corner.
 * host/ops/nms_grid.c is the twin. */
#define GRID_THRESHOLD 0.2f

struct grid {
    global const float *boxes; /* of the segment, in order of score */
    global int *links;         /* by entry: the next entry of its cell, or -1 */
    global int *heads;         /* by hash: the first entry, or -1 */
    global int *kept;          /* positions */
    int n, or_equal;
    float threshold, one;
};

/* An axis of a box fits the grids: its ends, far ends one further on in the legacy convention. */
static int grid_fits(const float low, const float high)
{
    const float size = high - low;
    return size >= 1e-15f && size <= 1e15f && max(fabs(low), fabs(high)) <= 16384.0f * size;
}

static int grid_level(const float size)
{
    return (int)(as_uint(size * 1.0625f) >> 23);
}

/* Cells of a level are 2^(level - 126) wide. */
static int grid_cell(const float x, const int level)
{
    return (int)floor(x * as_float((253 - level) << 23));
}

static global int *grid_head(const struct grid *g, const int x, const int y, const int level_x,
                             const int level_y)
{
    uint h = (uint)x * 0x9e3779b1u ^ (uint)y * 0x85ebca77u ^
             (uint)(level_x * 256 + level_y) * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    return g->heads + mul_hi(h ^ h >> 13, (uint)g->n);
}

static int grid_test(const struct grid *g, const int position, const float4 p, const float area)
{
    const float4 q = vload4(position, g->boxes);
    const float inter = box_inter(p.x, p.y, p.z, p.w, q.x, q.y, q.z, q.w, g->one);
    return box_suppress(inter, area + box_area(q.x, q.y, q.z, q.w, g->one), g->threshold,
                        g->or_equal);
}

static int grid_chain(const struct grid *g, int entry, const float4 p, const float area)
{
    while (entry >= 0 && !grid_test(g, entry >> 2, p, area))
        entry = g->links[entry];
    return entry >= 0;
}

/* Where a candidate looks, on any level. */
struct points {
    float left, right, top, bottom;
};

static int grid_level_finds(const struct grid *g, const struct points *at, const int u, const int v,
                            const float4 p, const float area)
{
    for (int y = grid_cell(at->top, v); y <= grid_cell(at->bottom, v); y++)
        for (int x = grid_cell(at->left, u); x <= grid_cell(at->right, u); x++)
            if (grid_chain(g, *grid_head(g, x, y, u, v), p, area))
                return 1;
    return 0;
}

/* Does a box of the grids suppress p, whose far ends are x2, y2? `parts` = k + 1. p's own level
 * comes first: what suppresses is most often of its size. */
static int grid_find(const struct grid *g, const float4 p, const float area, const float x2,
                     const float y2, const float parts)
{
    const float w = x2 - p.x, h = y2 - p.y, factor = 1.01f / g->threshold;
    const float left = p.x + w / parts, top = p.y + h / parts;
    const struct points at = {left, max(left, x2 - w / parts), top, max(top, y2 - h / parts)};
    const int own_u = grid_level(w), own_v = grid_level(h);
    if (grid_level_finds(g, &at, own_u, own_v, p, area))
        return 1;
    for (int v = grid_level(h / factor); v <= grid_level(h * factor); v++)
        for (int u = grid_level(w / factor); u <= grid_level(w * factor); u++)
            if ((u != own_u || v != own_v) && grid_level_finds(g, &at, u, v, p, area))
                return 1;
    return 0;
}

static void grid_enter(const struct grid *g, const int position, const float4 p, const float x2,
                       const float y2)
{
    const int u = grid_level(x2 - p.x), v = grid_level(y2 - p.y);
    const float margin_x = (x2 - p.x) / 64.0f, margin_y = (y2 - p.y) / 64.0f;
    const int left = grid_cell(p.x - margin_x, u), right = grid_cell(x2 + margin_x, u);
    const int top = grid_cell(p.y - margin_y, v), bottom = grid_cell(y2 + margin_y, v);
    for (int k = 0; k < 4; k++) {
        if ((k & 1 && right == left) || (k & 2 && bottom == top))
            continue;
        global int *head = grid_head(g, k & 1 ? right : left, k & 2 ? bottom : top, u, v);
        g->links[4 * position + k] = *head;
        *head = 4 * position + k;
    }
}

/* Returns how many are kept; their candidates go to `out` and get flags. */
static int grid_greedy(const struct grid *g, global const int *order, global int *flags,
                       global int *out, const int limit)
{
    const float parts = ceil(1.0f / g->threshold);
    int total = 0, odd = -1;
    for (int i = 0; i < g->n; i++)
        g->heads[i] = -1;
    for (int i = 0; i < g->n && total < limit; i++) {
        const float4 p = vload4(i, g->boxes);
        const float area = box_area(p.x, p.y, p.z, p.w, g->one);
        const float x2 = p.z + g->one, y2 = p.w + g->one;
        const int fits = grid_fits(p.x, x2) && grid_fits(p.y, y2);
        int gone = 0;
        if (fits)
            gone = grid_chain(g, odd, p, area) || grid_find(g, p, area, x2, y2, parts);
        else
            for (int k = 0; k < total && !gone; k++)
                gone = grid_test(g, g->kept[k], p, area);
        if (gone)
            continue;
        if (fits) {
            grid_enter(g, i, p, x2, y2);
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
