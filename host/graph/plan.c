#include "graph/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    const struct dcl_usage *x = *(struct dcl_usage *const *)a, *y = *(struct dcl_usage *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x > y) - (x < y); /* a total order: the same plan everywhere */
}

/* Insert u into `placed` (n long, sorted by offset). */
static void insert(struct dcl_usage **placed, int n, struct dcl_usage *u)
{
    int at = n;
    while (at > 0 && placed[at - 1]->offset > u->offset)
        at--;
    memmove(placed + at + 1, placed + at, (size_t)(n - at) * sizeof(*placed));
    placed[at] = u;
}

/* The lowest gap between already placed values that are alive together with u. `placed` is sorted
 * by offset. */
static size_t lowest_gap(struct dcl_usage *const *placed, int n, const struct dcl_usage *u,
                         size_t alignment)
{
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        const struct dcl_usage *p = placed[i];
        if (p->last < u->first || p->first > u->last)
            continue;
        if (p->offset >= at && p->offset - at >= u->bytes)
            break;
        const size_t end = (p->offset + p->bytes + alignment - 1) / alignment * alignment;
        at = end > at ? end : at;
    }
    return at;
}

size_t dcl_plan(struct dcl_usage *usages, int n, size_t alignment, int *ok)
{
    struct dcl_usage **order = malloc(((size_t)n + 1) * 2 * sizeof(*order));
    size_t total = 0;
    *ok = order != NULL;
    if (!order)
        return 0;
    struct dcl_usage **placed = order + n + 1;
    for (int i = 0; i < n; i++)
        order[i] = &usages[i];
    qsort(order, (size_t)n, sizeof(*order), by_size);
    for (int i = 0; i < n && *ok; i++) {
        struct dcl_usage *u = order[i];
        u->offset = lowest_gap(placed, i, u, alignment);
        if (u->bytes > SIZE_MAX / 4 || u->offset > SIZE_MAX / 4)
            *ok = 0;
        total = u->offset + u->bytes > total ? u->offset + u->bytes : total;
        insert(placed, i, u);
    }
    free(order);
    return *ok ? total : 0;
}
