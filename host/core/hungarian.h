/* The assignment behind detcl_hungarian (detcl/assignment.h), with the potentials that prove it. */
#ifndef DCL_CORE_HUNGARIAN_H
#define DCL_CORE_HUNGARIAN_H

#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Costs of workers (rows here) and jobs: one of `single` and `wide`, element (i, j) at i * row + j
 * * column. No more rows than columns. */
struct dcl_costs {
    const float *single;
    const double *wide;
    int64_t rows, columns, row, column;
};

/* What is found; the caller's arrays. The assignment is optimal because u[i] + v[j] <= cost(i, j),
 * with equality on its pairs, v <= 0, and v = 0 at columns without a row. */
struct dcl_assignment {
    int32_t *column_of, *row_of; /* [rows], [columns] */
    double *u, *v;               /* [rows], [columns] */
};

double dcl_cost(const struct dcl_costs *c, int64_t row, int64_t column);

/* DETCL_ERROR_ARGUMENT when the costs leave no complete assignment. They must not be NaN or
 * -infinity. */
enum detcl_status dcl_assign(const struct dcl_costs *c, const struct dcl_assignment *a,
                             struct dcl_error *e);

#endif
