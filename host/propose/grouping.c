#include "propose/grouping.h"

#include <string.h>

/* Two regions that touch. Its two ends are elements of linked lists, one a region. */
struct pair {
    int region[2];
    int next[2]; /* the next end in the list of region[i]; -1: none */
    int heap_at; /* -1: not in the heap, as the regions are joined or another pair is the same */
    float similarity;
};

/* An end is numbered 2 * pair + side. */
struct grouping {
    const struct dcl_regions *regions;
    unsigned similarity;
    struct dcl_region *region; /* all of the hierarchy */
    int *first;                /* of each region: an end, or -1 */
    int *mark;                 /* of each region: the last joined one that it was met from */
    int *histogram;            /* of each region: where its histograms are; joined ones reuse */
    float *histograms;
    struct pair *pairs;
    int *heap; /* of pairs, the most similar first */
    int heap_count;
};

/* Sum of the smaller of each two bins, in an order that vectors can keep. */
static float intersection(const float *a, const float *b, int length)
{
    float lane[DCL_LANES] = {0}, sum = 0;
    for (int i = 0; i < length; i += DCL_LANES)
        for (int j = 0; j < DCL_LANES; j++)
            lane[j] += a[i + j] < b[i + j] ? a[i + j] : b[i + j];
    for (int j = 0; j < DCL_LANES; j++)
        sum += lane[j];
    return sum;
}

static struct dcl_region joined(const struct dcl_region *a, const struct dcl_region *b)
{
    return (struct dcl_region){a->size + b->size, a->x1 < b->x1 ? a->x1 : b->x1,
                               a->y1 < b->y1 ? a->y1 : b->y1, a->x2 > b->x2 ? a->x2 : b->x2,
                               a->y2 > b->y2 ? a->y2 : b->y2};
}

float dcl_similarity(const struct dcl_regions *regions, unsigned similarity,
                     const struct dcl_region *a, const float *histogram_a,
                     const struct dcl_region *b, const float *histogram_b)
{
    const int colour = regions->colour_length, texture = regions->texture_length;
    const float pixels = (float)regions->pixels;
    const struct dcl_region both = joined(a, b);
    float sum = 0;
    if (similarity & DETCL_SIMILAR_COLOUR)
        sum += intersection(histogram_a, histogram_b, colour);
    if (similarity & DETCL_SIMILAR_TEXTURE)
        sum += intersection(histogram_a + colour, histogram_b + colour, texture);
    if (similarity & DETCL_SIMILAR_SIZE)
        sum += 1 - (float)both.size / pixels;
    if (similarity & DETCL_SIMILAR_FILL) {
        const int64_t box = (int64_t)(both.x2 - both.x1) * (both.y2 - both.y1);
        sum += 1 - (float)(box - both.size) / pixels;
    }
    return sum;
}

static const float *histograms_of(const struct grouping *g, int region)
{
    const size_t length = (size_t)(g->regions->colour_length + g->regions->texture_length);
    return g->histograms + (size_t)g->histogram[region] * length;
}

static void compare(const struct grouping *g, struct pair *p)
{
    const int a = p->region[0], b = p->region[1];
    p->similarity = dcl_similarity(g->regions, g->similarity, &g->region[a], histograms_of(g, a),
                                   &g->region[b], histograms_of(g, b));
}

/* No two pairs in the heap have the same regions, so one of two always comes first. */
static int before(const struct pair *p, const struct pair *q)
{
    if (p->similarity != q->similarity)
        return p->similarity > q->similarity;
    const int p_swap = p->region[0] > p->region[1], q_swap = q->region[0] > q->region[1];
    const int p_low = p->region[p_swap], q_low = q->region[q_swap];
    return p_low != q_low ? p_low < q_low : p->region[!p_swap] < q->region[!q_swap];
}

static void place(struct grouping *g, int at, int pair)
{
    g->heap[at] = pair;
    g->pairs[pair].heap_at = at;
}

/* Move the pair at a place of the heap to where it belongs. */
static void settle(struct grouping *g, int at)
{
    const int pair = g->heap[at];
    const struct pair *p = &g->pairs[pair];
    for (int up; at > 0 && before(p, &g->pairs[g->heap[up = (at - 1) / 2]]); at = up)
        place(g, at, g->heap[up]);
    for (int down; (down = 2 * at + 1) < g->heap_count; at = down) {
        if (down + 1 < g->heap_count &&
            before(&g->pairs[g->heap[down + 1]], &g->pairs[g->heap[down]]))
            down++;
        if (!before(&g->pairs[g->heap[down]], p))
            break;
        place(g, at, g->heap[down]);
    }
    place(g, at, pair);
}

static void take_out(struct grouping *g, int pair)
{
    const int at = g->pairs[pair].heap_at, last = g->heap[--g->heap_count];
    g->pairs[pair].heap_at = -1;
    if (last != pair) {
        place(g, at, last);
        settle(g, at);
    }
}

/* The joined region's histograms take the place of a's. */
static void join_histograms(struct grouping *g, int a, int b, int to)
{
    const int length = g->regions->colour_length + g->regions->texture_length;
    const float size_a = (float)g->region[a].size, size_b = (float)g->region[b].size;
    const float size = size_a + size_b;
    const float *other = histograms_of(g, b);
    float *h = g->histograms + (size_t)g->histogram[a] * (size_t)length;
    for (int i = 0; i < length; i++)
        h[i] = (size_a * h[i] + size_b * other[i]) / size;
    g->histogram[to] = g->histogram[a];
}

/* Hand the pairs of region `from` to the new region `to`; a second pair with the same neighbour
 * goes. */
static void hand_over(struct grouping *g, int from, int to)
{
    for (int end = g->first[from], next; end >= 0; end = next) {
        const int index = end / 2, side = end % 2;
        struct pair *p = &g->pairs[index];
        const int neighbour = p->region[!side];
        next = p->next[side];
        if (p->heap_at < 0)
            continue;
        if (g->mark[neighbour] == to) {
            take_out(g, index);
            continue;
        }
        g->mark[neighbour] = to;
        p->region[side] = to;
        p->next[side] = g->first[to];
        g->first[to] = end;
        compare(g, p);
        settle(g, p->heap_at);
    }
}

static int create(struct dcl_arena *arena, struct grouping *g)
{
    const struct dcl_regions *r = g->regions;
    const size_t regions = 2 * (size_t)r->count, pairs = (size_t)r->pair_count;
    const size_t length = (size_t)(r->colour_length + r->texture_length);
    g->first = dcl_arena_array(arena, regions, sizeof *g->first);
    g->mark = dcl_arena_array(arena, regions, sizeof *g->mark);
    g->histogram = dcl_arena_array(arena, regions, sizeof *g->histogram);
    g->histograms = dcl_arena_array(arena, (size_t)r->count, length * sizeof *g->histograms);
    g->pairs = dcl_arena_array(arena, pairs, sizeof *g->pairs);
    g->heap = dcl_arena_array(arena, pairs, sizeof *g->heap);
    return g->first && g->mark && g->histogram && g->histograms && g->pairs && g->heap;
}

static void fill(struct grouping *g)
{
    const struct dcl_regions *r = g->regions;
    dcl_regions_histograms(r, g->histograms);
    memcpy(g->region, r->region, (size_t)r->count * sizeof *g->region);
    for (int i = 0; i < 2 * r->count; i++)
        g->first[i] = -1;
    for (int i = 0; i < r->count; i++)
        g->histogram[i] = i;
    for (int i = 0; i < r->pair_count; i++) {
        struct pair *p = &g->pairs[i];
        for (int side = 0; side < 2; side++) {
            p->region[side] = r->pair[i][side];
            p->next[side] = g->first[p->region[side]];
            g->first[p->region[side]] = 2 * i + side;
        }
        compare(g, p);
        place(g, g->heap_count++, i);
        settle(g, i);
    }
}

int dcl_group(struct dcl_arena *arena, const struct dcl_regions *regions, unsigned similarity,
              struct dcl_region *out)
{
    struct grouping g = {.regions = regions, .similarity = similarity, .region = out};
    if (!create(arena, &g))
        return 0;
    fill(&g);
    for (int next = regions->count; g.heap_count; next++) {
        const int best = g.heap[0], a = g.pairs[best].region[0], b = g.pairs[best].region[1];
        take_out(&g, best);
        join_histograms(&g, a, b, next);
        g.region[next] = joined(&g.region[a], &g.region[b]);
        hand_over(&g, a, next);
        hand_over(&g, b, next);
    }
    return 1;
}
