/* Strategies, their hypotheses, the order of the union. */
#include "propose/arguments.h"
#include "propose/grouping.h"
#include "propose/segment.h"

#include <math.h>
#include <stdlib.h>

/* All colours with all k with all similarities. */
struct strategies {
    enum detcl_colour_space colours[DETCL_SEARCH_MAX_CHOICES];
    float k[DETCL_SEARCH_MAX_CHOICES];
    unsigned similarities[DETCL_SEARCH_MAX_CHOICES];
    int colour_count, k_count, similarity_count;
};

#define ALL 15u
#define ALL_BUT_COLOUR 14u

static const struct strategies modes[] = {
    [DETCL_SEARCH_FAST] =
        {{DETCL_COLOUR_HSV, DETCL_COLOUR_LAB}, {50, 100}, {ALL, ALL_BUT_COLOUR}, 2, 2, 2},
    [DETCL_SEARCH_QUALITY] = {{DETCL_COLOUR_HSV, DETCL_COLOUR_LAB, DETCL_COLOUR_RGI,
                               DETCL_COLOUR_HUE, DETCL_COLOUR_INTENSITY},
                              {50, 100, 150, 300},
                              {ALL, ALL_BUT_COLOUR, DETCL_SIMILAR_FILL, DETCL_SIMILAR_SIZE},
                              5,
                              4,
                              4},
    [DETCL_SEARCH_SINGLE] = {{DETCL_COLOUR_HSV}, {100}, {ALL}, 1, 1, 1},
};
#define MODES ((int)(sizeof modes / sizeof *modes))

/* A box, its sides in 16 bits each, and its place in the order: the lower the earlier. */
struct hypothesis {
    uint64_t box;
    double rank;
};

struct search {
    struct dcl_error error;
    const struct detcl_image *image;
    struct detcl_selective_search_params params;
    struct strategies strategies;
    uint64_t random;
    struct hypothesis *list;
    int count, capacity;
};

static enum detcl_status out_of_memory(struct search *s)
{
    return DCL_FAIL(&s->error, DETCL_ERROR_MEMORY, "no memory to search %dx%d pixels",
                    s->image->width, s->image->height);
}

/* A number of 0..1, 1 excluded: SplitMix64 (Steele, Lea, Flood 2014), its upper 53 bits. */
static double draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

/* The region at place `position` from the top. A box that is left out draws its number all the
 * same, so that the order of the others does not depend on it. */
static enum detcl_status propose(struct search *s, const struct dcl_region *r, int position)
{
    const double rank = draw(&s->random) * position;
    if (r->x2 - r->x1 < s->params.min_side || r->y2 - r->y1 < s->params.min_side)
        return DETCL_OK;
    if (!dcl_grow((void **)&s->list, &s->capacity, s->count, sizeof *s->list))
        return out_of_memory(s);
    s->list[s->count++] = (struct hypothesis){(uint64_t)r->x1 << 48 | (uint64_t)r->y1 << 32 |
                                                  (uint64_t)r->x2 << 16 | (uint64_t)r->y2,
                                              rank};
    return DETCL_OK;
}

static enum detcl_status run_strategy(struct search *s, struct dcl_arena *arena,
                                      const struct dcl_regions *regions, unsigned similarity)
{
    const int n = 2 * regions->count - 1;
    struct dcl_region *hierarchy = dcl_arena_array(arena, (size_t)n, sizeof *hierarchy);
    if (!hierarchy || !dcl_group(arena, regions, similarity, hierarchy))
        return out_of_memory(s);
    for (int i = 0; i < n; i++)
        DCL_TRY(&s->error, propose(s, &hierarchy[i], n - i));
    return DETCL_OK;
}

/* Every similarity on one segmentation. */
static enum detcl_status search_segments(struct search *s, struct dcl_pixel_graph *g,
                                         const struct dcl_bins *bins, float k, int32_t *labels)
{
    struct dcl_arena arena = {0};
    struct dcl_regions regions;
    const int count = dcl_pixel_graph_segment(g, k, dcl_min_size(s->params.min_size, k), labels);
    enum detcl_status status = DETCL_OK;
    if (!dcl_regions_create(&arena, labels, count, g->width, g->height, bins, &regions))
        status = out_of_memory(s);
    for (int i = 0; i < s->strategies.similarity_count && status == DETCL_OK; i++) {
        struct dcl_arena scratch = {0};
        status = run_strategy(s, &scratch, &regions, s->strategies.similarities[i]);
        dcl_arena_free(&scratch);
    }
    dcl_arena_free(&arena);
    return status;
}

static enum detcl_status search_colour(struct search *s, struct dcl_arena *arena,
                                       enum detcl_colour_space colour)
{
    const size_t pixels = (size_t)s->image->width * (size_t)s->image->height;
    struct dcl_planes planes;
    struct dcl_bins bins;
    struct dcl_pixel_graph g;
    int32_t *labels = dcl_arena_array(arena, pixels, sizeof *labels);
    if (!labels || !dcl_planes_create(arena, s->image, colour, &planes) ||
        !dcl_bins_create(arena, &planes, &bins) ||
        !dcl_pixel_graph_create(arena, &planes, dcl_sigma(s->params.sigma), &g))
        return out_of_memory(s);
    for (int i = 0; i < s->strategies.k_count; i++)
        DCL_TRY(&s->error, search_segments(s, &g, &bins, s->strategies.k[i], labels));
    return DETCL_OK;
}

static int by_box(const void *a, const void *b)
{
    const struct hypothesis *x = a, *y = b;
    if (x->box != y->box)
        return x->box < y->box ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_rank(const void *a, const void *b)
{
    const struct hypothesis *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->box > y->box) - (x->box < y->box);
}

/* The best of equal boxes, in order. */
static void order(struct search *s)
{
    if (!s->count)
        return;
    int n = 0;
    qsort(s->list, (size_t)s->count, sizeof *s->list, by_box);
    for (int i = 0; i < s->count; i++)
        if (i == 0 || s->list[i].box != s->list[n - 1].box)
            s->list[n++] = s->list[i];
    qsort(s->list, (size_t)n, sizeof *s->list, by_rank);
    s->count = s->params.max_boxes && n > s->params.max_boxes ? s->params.max_boxes : n;
}

static enum detcl_status hand_boxes_out(struct search *s, struct detcl_box_list **out)
{
    const size_t n = (size_t)s->count;
    struct detcl_box_list *list = malloc(sizeof *list);
    float *boxes = malloc((n ? 4 * n : 1) * sizeof *boxes);
    if (!list || !boxes) {
        free(list);
        free(boxes);
        return out_of_memory(s);
    }
    for (size_t i = 0; i < 4 * n; i++)
        boxes[i] = (float)(s->list[i / 4].box >> (48 - 16 * (i % 4)) & 0xffff);
    *list = (struct detcl_box_list){boxes, s->count};
    *out = list;
    return DETCL_OK;
}

/* A list of choices: there or not, of a length that fits. */
static enum detcl_status check_list(struct dcl_error *e, const char *name, const void *list,
                                    int count)
{
    if (list && (count < 1 || count > DETCL_SEARCH_MAX_CHOICES))
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "%d %s, not 1 to %d", count, name,
                        DETCL_SEARCH_MAX_CHOICES);
    if (!list && count != 0)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "%d %s, but no list of them", count, name);
    return DETCL_OK;
}

static enum detcl_status choose_strategies(struct search *s)
{
    const struct detcl_selective_search_params *p = &s->params;
    struct strategies *to = &s->strategies;
    if ((int)p->mode < 0 || (int)p->mode >= MODES)
        return DCL_FAIL(&s->error, DETCL_ERROR_ARGUMENT, "mode %d, not 0 to %d", (int)p->mode,
                        MODES - 1);
    DCL_TRY(&s->error, check_list(&s->error, "colour spaces", p->colours, p->colour_count));
    DCL_TRY(&s->error, check_list(&s->error, "values of k", p->k, p->k_count));
    DCL_TRY(&s->error, check_list(&s->error, "similarities", p->similarities, p->similarity_count));
    *to = modes[p->mode];
    to->colour_count = p->colours ? p->colour_count : to->colour_count;
    to->k_count = p->k ? p->k_count : to->k_count;
    to->similarity_count = p->similarities ? p->similarity_count : to->similarity_count;
    for (int i = 0; i < p->colour_count; i++) {
        DCL_TRY(&s->error, dcl_check_colour(&s->error, p->colours[i]));
        to->colours[i] = p->colours[i];
    }
    for (int i = 0; i < p->k_count; i++) {
        DCL_TRY(&s->error, dcl_check_k(&s->error, p->k[i]));
        to->k[i] = p->k[i];
    }
    for (int i = 0; i < p->similarity_count; i++) {
        if (p->similarities[i] < 1 || p->similarities[i] > ALL)
            return DCL_FAIL(&s->error, DETCL_ERROR_ARGUMENT, "similarity %u, not 1 to %u",
                            p->similarities[i], ALL);
        to->similarities[i] = p->similarities[i];
    }
    return DETCL_OK;
}

static enum detcl_status check(struct search *s)
{
    const struct detcl_selective_search_params *p = &s->params;
    DCL_TRY(&s->error, dcl_check_image(&s->error, s->image));
    DCL_TRY(&s->error, dcl_check_segment(&s->error, p->sigma, p->min_size));
    if (p->min_side < 0 || p->max_boxes < 0)
        return DCL_FAIL(&s->error, DETCL_ERROR_ARGUMENT, "%s is %d, less than 0",
                        p->min_side < 0 ? "min_side" : "max_boxes",
                        p->min_side < 0 ? p->min_side : p->max_boxes);
    return choose_strategies(s);
}

static enum detcl_status search(struct search *s, struct detcl_box_list **out)
{
    if (!out)
        return DCL_FAIL(&s->error, DETCL_ERROR_ARGUMENT, "nowhere to put the boxes");
    DCL_TRY(&s->error, check(s));
    s->random = s->params.seed;
    for (int i = 0; i < s->strategies.colour_count; i++) {
        struct dcl_arena arena = {0};
        const enum detcl_status status = search_colour(s, &arena, s->strategies.colours[i]);
        dcl_arena_free(&arena);
        DCL_TRY(&s->error, status);
    }
    order(s);
    return hand_boxes_out(s, out);
}

enum detcl_status detcl_selective_search(const struct detcl_image *image,
                                         const struct detcl_selective_search_params *params,
                                         struct detcl_box_list **out, struct detcl_error *error)
{
    struct search s = {.image = image};
    if (params)
        s.params = *params;
    const enum detcl_status status = search(&s, out);
    free(s.list);
    return dcl_hand_out(&s.error, status, error);
}

void detcl_box_list_destroy(struct detcl_box_list **list)
{
    if (!list || !*list)
        return;
    free((*list)->boxes);
    free(*list);
    *list = NULL;
}
