/* What is measured: operations with the shapes that detectors give them. */
#ifndef DCL_BENCH_SUITE_H
#define DCL_BENCH_SUITE_H

#include "detcl/tensor.h"

#include <stdbool.h>
#include <stdint.h>

struct dcl_op;

#define DCL_BENCH_INPUTS 12

enum dcl_bench_fill {
    DCL_BENCH_UNIFORM, /* lo..hi; for hi = lo: -1..1 */
    DCL_BENCH_CLASSES, /* int32 0..hi-1 */
    DCL_BENCH_BOXES,   /* by the case's distribution */
    DCL_BENCH_SCORES,  /* that belong to those boxes */
    DCL_BENCH_ROIS,    /* corners of boxes with sides of 20..400 in a square of hi pixels */
    DCL_BENCH_FRAME,   /* a frame of 1280 x 720 pixels (ops/frame.h) */
    DCL_BENCH_SCALES   /* `lo` for the last two axes, 1 for the others: resize */
};

/* Distributions of boxes, on which the cost of suppression depends. */
enum dcl_bench_distribution {
    DCL_BENCH_UNIFORM_BOXES,    /* sides of 10..100 anywhere in 1000 x 1000 */
    DCL_BENCH_CLUSTERED,        /* crowds around 50 objects, scores falling outwards, as an RPN's */
    DCL_BENCH_ALL_OVERLAPPING,  /* one place */
    DCL_BENCH_NONE_OVERLAPPING, /* a grid with gaps */
    DCL_BENCH_EQUAL_SCORES,     /* uniform boxes, one score */
    DCL_BENCH_DISTRIBUTIONS
};
extern const char *const dcl_bench_distribution_names[];

struct dcl_bench_input {
    struct detcl_desc desc;
    enum dcl_bench_fill fill;
    float lo, hi;
    bool constant; /* known before the run, as weights are */
    bool absent;
    bool blocked; /* in channel blocks although it has fewer channels, as after another operation */
};

struct dcl_bench_case {
    char name[80]; /* GROUP or op / what it is */
    const char *op, *group;
    const struct dcl_op *row; /* not NULL: the operation, which need not be in the registry */
    char attributes[256];
    struct dcl_bench_input in[DCL_BENCH_INPUTS];
    int n_in, n_out;
    enum dcl_bench_distribution distribution;
    const char *series; /* the curve that it is a point of, or NULL */
    double x;
    double flops; /* of the definition, a multiply-add being two; 0: not counted in them */
};

struct dcl_suite {
    struct dcl_bench_case *cases;
    int n, capacity;
    int batch;  /* images of the cases that have any number of them */
    bool quick; /* the shorter suite */
    bool failed;
};

/* All cases; false when memory runs out. Freed by dcl_suite_free in any case. */
bool dcl_suite_make(struct dcl_suite *suite, int batch, bool quick);
void dcl_suite_free(struct dcl_suite *suite);

/* Fill operand `index` of a case, dense. The same bytes each time. */
void dcl_bench_fill(const struct dcl_bench_case *c, int index, void *data);

/* --- for the files that list cases --------------------------------------------------------- */

/* A new case, never NULL (after a failure a scratch one). `name` is formatted by the caller. */
struct dcl_bench_case *dcl_suite_add(struct dcl_suite *suite, const char *group, const char *op,
                                     const char *attributes, int n_out);

void dcl_bench_name(struct dcl_bench_case *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append an input: float32, uniform in -1..1 unless the returned entry is changed. */
struct dcl_bench_input *dcl_bench_in(struct dcl_bench_case *c, int rank, const int64_t *dims);
#define DCL_BENCH_IN(c, ...)                                                                       \
    dcl_bench_in((c), (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),                   \
                 (const int64_t[]){__VA_ARGS__})

void dcl_suite_network(struct dcl_suite *suite); /* suite_network.c */
void dcl_suite_boxes(struct dcl_suite *suite);   /* suite_boxes.c */
void dcl_suite_regions(struct dcl_suite *suite); /* suite_regions.c */

#endif
