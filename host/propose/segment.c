#include "propose/segment.h"

#include "propose/arguments.h"
#include "propose/filter.h"

#include <math.h>
#include <string.h>

/* Euclidean distance of two pixels' colours; one channel counts as three equal ones. */
static float distance(const struct dcl_planes *p, int a, int b)
{
    float sum = 0;
    for (int c = 0; c < p->channels; c++) {
        const float d = p->plane[c][a] - p->plane[c][b];
        sum += d * d;
    }
    return sqrtf(p->channels == 1 ? 3 * sum : sum);
}

#define RADIX_BITS 11
#define RADIX_PASSES 3 /* enough for the 31 bits of what is not negative */
#define RADIX (1 << RADIX_BITS)

static size_t digit(struct dcl_edge e, int pass)
{
    return e.weight >> (pass * RADIX_BITS) & (RADIX - 1);
}

/* Stable: edges of equal weight stay in the order of their ids. Ends in `other`. */
static void sort_edges(struct dcl_edge *edges, struct dcl_edge *other, size_t n)
{
    for (int pass = 0; pass < RADIX_PASSES; pass++) {
        size_t at[RADIX] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++)
            at[digit(edges[i], pass)]++;
        for (int i = 0; i < RADIX; i++) {
            const size_t here = at[i];
            at[i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            other[at[digit(edges[i], pass)]++] = edges[i];
        struct dcl_edge *swap = edges;
        edges = other;
        other = swap;
    }
}

static int smooth(struct dcl_arena *arena, struct dcl_planes *p, double sigma)
{
    const size_t n = (size_t)p->width * (size_t)p->height;
    struct dcl_taps taps;
    if (sigma == 0)
        return 1;
    float *middle = dcl_arena_array(arena, n, sizeof *middle);
    float *row = dcl_arena_array(arena, (size_t)p->width + 2 * DCL_MAX_RADIUS, sizeof *row);
    if (!middle || !row)
        return 0;
    dcl_gaussian_taps(sigma, &taps);
    for (int c = 0; c < p->channels; c++)
        dcl_filter(p->plane[c], p->plane[c], p->width, p->height, &taps, &taps, middle, row);
    return 1;
}

static size_t list_edges(const struct dcl_planes *p, struct dcl_edge *edges)
{
    size_t n = 0;
    for (int y = 0, i = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++, i++)
            for (int d = 0; d < DCL_DIRECTIONS; d++)
                if (dcl_has_neighbour(p->width, p->height, x, y, d)) {
                    const float w = distance(p, i, i + dcl_neighbour_offset(p->width, d));
                    memcpy(&edges[n].weight, &w, sizeof w);
                    edges[n++].id = (uint32_t)i * DCL_DIRECTIONS + (uint32_t)d;
                }
    return n;
}

int dcl_pixel_graph_create(struct dcl_arena *arena, struct dcl_planes *planes, double sigma,
                           struct dcl_pixel_graph *out)
{
    const size_t n = (size_t)planes->width * (size_t)planes->height;
    *out = (struct dcl_pixel_graph){.width = planes->width, .height = planes->height};
    struct dcl_edge *list = dcl_arena_array(arena, n * DCL_DIRECTIONS, sizeof *list);
    out->edges = dcl_arena_array(arena, n * DCL_DIRECTIONS, sizeof *out->edges);
    out->parent = dcl_arena_array(arena, n, sizeof *out->parent);
    out->size = dcl_arena_array(arena, n, sizeof *out->size);
    out->number = dcl_arena_array(arena, n, sizeof *out->number);
    out->limit = dcl_arena_array(arena, n, sizeof *out->limit);
    if (!list || !out->edges || !out->parent || !out->size || !out->number || !out->limit ||
        !smooth(arena, planes, sigma))
        return 0;
    out->edge_count = list_edges(planes, list);
    sort_edges(list, out->edges, out->edge_count);
    return 1;
}

/* Path halving. */
static int find(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* The larger one's root is the root of both, which keeps paths short. */
static int join(struct dcl_pixel_graph *g, int a, int b)
{
    const int root = g->size[a] >= g->size[b] ? a : b, other = root == a ? b : a;
    g->parent[other] = root;
    g->size[root] += g->size[other];
    return root;
}

/* The roots of the edge's two ends; 0 when they are one. */
static int ends(struct dcl_pixel_graph *g, struct dcl_edge e, int *a, int *b)
{
    const int pixel = (int)(e.id / DCL_DIRECTIONS);
    *a = find(g->parent, pixel);
    *b = find(g->parent, pixel + dcl_neighbour_offset(g->width, (int)(e.id % DCL_DIRECTIONS)));
    return *a != *b;
}

int dcl_pixel_graph_segment(struct dcl_pixel_graph *g, float k, int min_size, int32_t *labels)
{
    const int n = g->width * g->height;
    int a, b, count = 0;
    for (int i = 0; i < n; i++) {
        g->parent[i] = i;
        g->size[i] = 1;
        g->number[i] = -1;
        g->limit[i] = k;
    }
    for (size_t i = 0; i < g->edge_count; i++)
        if (ends(g, g->edges[i], &a, &b)) {
            float w;
            memcpy(&w, &g->edges[i].weight, sizeof w);
            if (w <= g->limit[a] && w <= g->limit[b]) {
                const int root = join(g, a, b);
                g->limit[root] = w + k / (float)g->size[root];
            }
        }
    for (size_t i = 0; i < g->edge_count; i++)
        if (ends(g, g->edges[i], &a, &b) && (g->size[a] < min_size || g->size[b] < min_size))
            join(g, a, b);
    for (int i = 0; i < n; i++) {
        const int root = find(g->parent, i);
        if (g->number[root] < 0)
            g->number[root] = count++;
        labels[i] = g->number[root];
    }
    return count;
}

static enum detcl_status segment(struct dcl_error *e, struct dcl_arena *arena,
                                 const struct detcl_image *image,
                                 const struct detcl_segment_params *params, int32_t *labels,
                                 int *count)
{
    const struct detcl_segment_params p = params ? *params : (struct detcl_segment_params){0};
    const float k = p.k == 0 ? 100 : p.k;
    struct dcl_planes planes;
    struct dcl_pixel_graph g;
    DCL_TRY(e, dcl_check_image(e, image));
    DCL_TRY(e, dcl_check_colour(e, p.colour));
    DCL_TRY(e, dcl_check_k(e, k));
    DCL_TRY(e, dcl_check_segment(e, p.sigma, p.min_size));
    if (!labels)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "nowhere to put the labels");
    if (!dcl_planes_create(arena, image, p.colour, &planes) ||
        !dcl_pixel_graph_create(arena, &planes, dcl_sigma(p.sigma), &g))
        return DCL_FAIL(e, DETCL_ERROR_MEMORY, "no memory to segment %dx%d pixels", image->width,
                        image->height);
    const int found = dcl_pixel_graph_segment(&g, k, dcl_min_size(p.min_size, k), labels);
    if (count)
        *count = found;
    return DETCL_OK;
}

enum detcl_status detcl_segment(const struct detcl_image *image,
                                const struct detcl_segment_params *params, int32_t *labels,
                                int *count, struct detcl_error *error)
{
    struct dcl_error e = {.text = ""};
    struct dcl_arena arena = {0};
    const enum detcl_status status = segment(&e, &arena, image, params, labels, count);
    dcl_arena_free(&arena);
    return dcl_hand_out(&e, status, error);
}
