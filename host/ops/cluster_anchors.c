/* Dimension clusters: anchors from the boxes of a training set. On the host: it runs once. */
#include "detcl/proposals.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_ITERATIONS 300

struct size {
    double width, height;
};

/* The run's memory: boxes and their clusters, clusters, and room for one cluster's numbers. */
struct run {
    int64_t n, k;
    struct size *boxes, *clusters;
    int64_t *cluster_of;
    double *numbers; /* [n] */
};

static double area(const struct size *s)
{
    return s->width * s->height;
}

/* Of boxes that share a corner. */
static double iou(const struct size *a, const struct size *b)
{
    const double inter = fmin(a->width, b->width) * fmin(a->height, b->height);
    return inter / (area(a) + area(b) - inter);
}

static int by_area(const void *a, const void *b)
{
    const struct size *x = a, *y = b;
    if (area(x) != area(y))
        return area(x) < area(y) ? -1 : 1;
    return (x->width > y->width) - (x->width < y->width);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The counter-th number of a stream (SplitMix64: Steele et al. 2014). */
static uint64_t random_at(uint64_t seed, uint64_t counter)
{
    uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Boxes of evenly spaced rank by area, or, with a seed, the first k of a shuffle. */
static void start(const struct run *r, uint64_t seed, struct size *sorted)
{
    memcpy(sorted, r->boxes, (size_t)r->n * sizeof *sorted);
    if (seed == 0)
        qsort(sorted, (size_t)r->n, sizeof *sorted, by_area);
    for (int64_t i = 0; i < r->k; i++) {
        int64_t from = (int64_t)(((double)i + 0.5) * (double)r->n / (double)r->k);
        if (seed) {
            from = i + (int64_t)(random_at(seed, (uint64_t)i) % (uint64_t)(r->n - i));
            const struct size swap = sorted[i];
            sorted[i] = sorted[from];
            sorted[from] = swap;
            from = i;
        }
        r->clusters[i] = sorted[from];
    }
}

static int64_t nearest(const struct run *r, const struct size *box)
{
    int64_t best = 0;
    for (int64_t c = 1; c < r->k; c++)
        if (iou(box, &r->clusters[c]) > iou(box, &r->clusters[best]))
            best = c;
    return best;
}

/* Returns whether a box changed its cluster. */
static bool assign(const struct run *r)
{
    bool changed = false;
    for (int64_t i = 0; i < r->n; i++) {
        const int64_t c = nearest(r, &r->boxes[i]);
        changed = changed || c != r->cluster_of[i];
        r->cluster_of[i] = c;
    }
    return changed;
}

static double middle(double *numbers, int64_t n, enum detcl_cluster_update update)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += numbers[i];
    if (update == DETCL_CLUSTER_MEAN)
        return sum / (double)n;
    qsort(numbers, (size_t)n, sizeof *numbers, by_value);
    return (numbers[(n - 1) / 2] + numbers[n / 2]) / 2;
}

static void move(const struct run *r, enum detcl_cluster_update update)
{
    for (int64_t c = 0; c < r->k; c++)
        for (int axis = 0; axis < 2; axis++) {
            int64_t n = 0;
            for (int64_t i = 0; i < r->n; i++)
                if (r->cluster_of[i] == c)
                    r->numbers[n++] = axis ? r->boxes[i].height : r->boxes[i].width;
            if (n)
                *(axis ? &r->clusters[c].height : &r->clusters[c].width) =
                    middle(r->numbers, n, update);
        }
}

static void finish(const struct run *r, float *anchors, double *mean_iou)
{
    double sum = 0;
    for (int64_t i = 0; i < r->n; i++)
        sum += iou(&r->boxes[i], &r->clusters[nearest(r, &r->boxes[i])]);
    if (mean_iou)
        *mean_iou = sum / (double)r->n;
    qsort(r->clusters, (size_t)r->k, sizeof *r->clusters, by_area);
    for (int64_t c = 0; c < r->k; c++) {
        anchors[2 * c] = (float)r->clusters[c].width;
        anchors[2 * c + 1] = (float)r->clusters[c].height;
    }
}

enum detcl_status detcl_cluster_anchors(const struct detcl_cluster_params *params,
                                        const float *sizes, int64_t n, float *anchors,
                                        double *mean_iou)
{
    if (!params || !sizes || !anchors || n < 1 || n > INT32_MAX || params->clusters < 1 ||
        params->clusters > n || params->max_iterations < 0 ||
        (params->update != DETCL_CLUSTER_MEAN && params->update != DETCL_CLUSTER_MEDIAN))
        return DETCL_ERROR_ARGUMENT;
    for (int64_t i = 0; i < 2 * n; i++)
        if (!(sizes[i] > 0 && isfinite(sizes[i])))
            return DETCL_ERROR_ARGUMENT;
    const size_t boxes = (size_t)n, clusters = (size_t)params->clusters;
    struct size *memory = malloc((2 * boxes + clusters) * sizeof *memory);
    int64_t *cluster_of = malloc(boxes * sizeof *cluster_of);
    double *numbers = malloc(boxes * sizeof *numbers);
    if (memory && cluster_of && numbers) {
        const struct run r = {n, params->clusters, memory, memory + 2 * n, cluster_of, numbers};
        for (int64_t i = 0; i < n; i++) {
            r.boxes[i] = (struct size){(double)sizes[2 * i], (double)sizes[2 * i + 1]};
            cluster_of[i] = -1;
        }
        start(&r, params->seed, memory + n);
        const int most = params->max_iterations ? params->max_iterations : USUAL_ITERATIONS;
        for (int i = 0; i < most && assign(&r); i++)
            move(&r, params->update);
        finish(&r, anchors, mean_iou);
    }
    const bool done = memory && cluster_of && numbers;
    free(memory);
    free(cluster_of);
    free(numbers);
    return done ? DETCL_OK : DETCL_ERROR_MEMORY;
}
