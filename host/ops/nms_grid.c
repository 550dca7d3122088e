/* The lookup is that of kernels/nms_grid.h, which says why it finds every box that suppresses. */
#include "ops/nms_grid.h"

#include <math.h>
#include <string.h>

struct grid {
    const struct dcl_nms_rule *rule;
    const float *boxes; /* of the segment */
    int32_t *links;     /* by entry (4 * position + corner): the next entry of its cell, or -1 */
    int32_t *heads;     /* by hash: the first entry, or -1 */
    int32_t *kept;      /* positions */
    int64_t n;
};

/* A candidate with its far ends, which are one further on in the legacy convention. */
struct candidate {
    const float *box;
    float area, x2, y2;
};

static bool fits(float low, float high)
{
    const float size = high - low;
    return size >= 1e-15f && size <= 1e15f && fmaxf(fabsf(low), fabsf(high)) <= 16384.0f * size;
}

/* Bits of a positive float are its exponent and more. */
static int level_of(float size)
{
    const float larger = size * 1.0625f;
    uint32_t bits;
    memcpy(&bits, &larger, sizeof bits);
    return (int)(bits >> 23);
}

static int cell_of(float x, int level)
{
    const uint32_t bits = (uint32_t)(253 - level) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    const int toward_zero = (int)(x * scale);
    return toward_zero - (x * scale < (float)toward_zero);
}

static int32_t *head_of(const struct grid *g, int x, int y, int level_x, int level_y)
{
    uint32_t h = (uint32_t)x * 0x9e3779b1u ^ (uint32_t)y * 0x85ebca77u ^
                 (uint32_t)(level_x * 256 + level_y) * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h ^= h >> 13;
    return g->heads + ((uint64_t)h * (uint64_t)g->n >> 32);
}

static bool suppresses(const struct grid *g, int32_t position, const struct candidate *c)
{
    const float *box = g->boxes + 4 * (int64_t)position;
    return dcl_nms_suppresses(g->rule, c->box, c->area, box, dcl_nms_area(g->rule, box));
}

static bool chain_suppresses(const struct grid *g, int32_t entry, const struct candidate *c)
{
    while (entry >= 0 && !suppresses(g, entry >> 2, c))
        entry = g->links[entry];
    return entry >= 0;
}

/* Where a candidate looks, on any level. */
struct points {
    float left, right, top, bottom;
};

static bool level_suppresses(const struct grid *g, const struct points *at, int u, int v,
                             const struct candidate *c)
{
    const int left = cell_of(at->left, u), right = cell_of(at->right, u);
    for (int y = cell_of(at->top, v); y <= cell_of(at->bottom, v); y++)
        for (int x = left; x <= right; x++)
            if (chain_suppresses(g, *head_of(g, x, y, u, v), c))
                return true;
    return false;
}

/* The candidate's own level first: what suppresses is most often of its size. */
static bool grid_suppresses(const struct grid *g, const struct candidate *c)
{
    const float parts = ceilf(1.0f / g->rule->threshold), factor = 1.01f / g->rule->threshold;
    const float w = c->x2 - c->box[0], h = c->y2 - c->box[1];
    const float left = c->box[0] + w / parts, right = fmaxf(left, c->x2 - w / parts);
    const float top = c->box[1] + h / parts, bottom = fmaxf(top, c->y2 - h / parts);
    const struct points at = {left, right, top, bottom};
    const int own_u = level_of(w), own_v = level_of(h);
    if (level_suppresses(g, &at, own_u, own_v, c))
        return true;
    for (int v = level_of(h / factor); v <= level_of(h * factor); v++)
        for (int u = level_of(w / factor); u <= level_of(w * factor); u++)
            if ((u != own_u || v != own_v) && level_suppresses(g, &at, u, v, c))
                return true;
    return false;
}

static void enter(const struct grid *g, int64_t position, const struct candidate *c)
{
    const float w = c->x2 - c->box[0], h = c->y2 - c->box[1];
    const int u = level_of(w), v = level_of(h);
    const int left = cell_of(c->box[0] - w / 64, u), right = cell_of(c->x2 + w / 64, u);
    const int top = cell_of(c->box[1] - h / 64, v), bottom = cell_of(c->y2 + h / 64, v);
    for (int k = 0; k < 4; k++) {
        if ((k & 1 && right == left) || (k & 2 && bottom == top))
            continue;
        int32_t *head = head_of(g, k & 1 ? right : left, k & 2 ? bottom : top, u, v);
        g->links[4 * position + k] = *head;
        *head = (int32_t)(4 * position + k);
    }
}

int64_t dcl_nms_grid(const struct dcl_nms_rule *rule, const struct dcl_nms_row *row, int64_t start,
                     int64_t end)
{
    int32_t *words = (int32_t *)row->scratch + 6 * start;
    const struct grid g = {rule,
                           row->boxes + 4 * start,
                           words,
                           words + 4 * (end - start),
                           words + 5 * (end - start),
                           end - start};
    const float one = rule->boundary == DCL_BOUNDARY_LEGACY ? 1.0f : 0.0f;
    int64_t total = 0;
    int32_t odd = -1;
    memset(g.heads, 0xff, (size_t)g.n * sizeof *g.heads);
    for (int64_t i = 0; i < g.n && total < rule->limit; i++) {
        const float *box = g.boxes + 4 * i;
        const struct candidate c = {box, dcl_nms_area(rule, box), box[2] + one, box[3] + one};
        const bool regular = fits(box[0], c.x2) && fits(box[1], c.y2);
        bool gone = regular && (chain_suppresses(&g, odd, &c) || grid_suppresses(&g, &c));
        for (int64_t k = 0; !regular && k < total && !gone; k++)
            gone = suppresses(&g, g.kept[k], &c);
        if (gone)
            continue;
        if (regular) {
            enter(&g, i, &c);
        } else {
            g.links[4 * i] = odd;
            odd = (int32_t)(4 * i);
        }
        g.kept[total++] = (int32_t)i;
        row->flags[row->order[start + i]] = 1;
    }
    return total;
}
