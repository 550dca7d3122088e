/* Which cases of several documents got faster, slower or stayed the same. */
#ifndef DCL_BENCH_COMPARE_H
#define DCL_BENCH_COMPARE_H

#include "report/cases.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A run of a document. */
struct dcl_column {
    const json_t *document, *run;
    char letter[12]; /* of the document: "A" */
    struct dcl_cases *cases;
};

struct dcl_row {
    const char *name, *group;
    bool wall;                     /* not all columns know device time */
    const struct dcl_case **cells; /* one a column of the table, NULL: not there */
};

/* Runs side by side; the first column is what the others are held against. */
struct dcl_comparison_table {
    struct dcl_column *columns;
    int n;
    struct dcl_row *rows;
    int row_count;
    const char **groups; /* in order of appearance */
    int group_count;
};

struct dcl_comparison {
    struct dcl_comparison_table *tables; /* one a run of the first document */
    int n;
    char (*notes)[256]; /* what makes the documents less comparable */
    int note_count;
};

enum dcl_verdict {
    DCL_SAME, /* within the noise of both */
    DCL_FASTER,
    DCL_SLOWER,
    DCL_NOW_FAILS, /* and did not before */
    DCL_NOT_BOTH   /* failed before, or only in one */
};

struct dcl_judgement {
    enum dcl_verdict verdict;
    double ratio; /* of medians, below 1: faster than the first; NaN unless both have times */
    double noise; /* the sum of both spreads, at least 0.02 */
};

/* Runs of one device are paired; runs of other devices stand beside the first. Runs with peers
 * alone are left out. NULL: `why`, no case in common or no memory. */
struct dcl_comparison *dcl_comparison_create(json_t *const *documents, int n, char *why,
                                             size_t size);
void dcl_comparison_destroy(struct dcl_comparison **comparison);

struct dcl_judgement dcl_judge(const struct dcl_row *row, int column);
const char *dcl_verdict_name(enum dcl_verdict verdict);

/* Geometric mean of the ratios of a group, NULL being all; `count` of them, NaN when none. */
double dcl_geometric_mean(const struct dcl_comparison_table *table, const char *group, int column,
                          int *count);

void dcl_comparison_print(FILE *out, const struct dcl_comparison *comparison, bool colour);

/* How many cases got slower by more than `over` (0.1: a tenth) beyond their noise, or fail now; a
 * line each. */
int dcl_comparison_slower(FILE *out, const struct dcl_comparison *comparison, double over);

#endif
