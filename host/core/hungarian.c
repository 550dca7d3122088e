#include "core/hungarian.h"
#include "detcl/assignment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double dcl_cost(const struct dcl_costs *c, int64_t row, int64_t column)
{
    const int64_t at = row * c->row + column * c->column;
    return c->wide ? c->wide[at] : (double)c->single[at];
}

/* State of one search, by column: the shortest way there, the row before, whether it is settled. */
struct search {
    double *distance;
    int32_t *from;
    bool *settled;
};

/* Dijkstra's search from `row` over reduced costs to the nearest column without a row; returns it,
 * and its distance in *length, or -1. */
static int64_t nearest_free(const struct dcl_costs *c, const struct dcl_assignment *a,
                            const struct search *s, int64_t row, double *length)
{
    for (int64_t j = 0; j < c->columns; j++) {
        s->distance[j] = INFINITY;
        s->settled[j] = false;
    }
    double so_far = 0;
    for (int64_t i = row;;) {
        int64_t next = -1;
        for (int64_t j = 0; j < c->columns; j++) {
            if (s->settled[j])
                continue;
            const double way = so_far + (dcl_cost(c, i, j) - a->u[i] - a->v[j]);
            if (way < s->distance[j]) {
                s->distance[j] = way;
                s->from[j] = (int32_t)i;
            }
            /* Of equally near columns, one without a row ends the search soonest. */
            const double best = next < 0 ? INFINITY : s->distance[next];
            if (s->distance[j] < best ||
                (next >= 0 && s->distance[j] == best && a->row_of[j] < 0 && a->row_of[next] >= 0))
                next = j;
        }
        if (next < 0)
            return -1;
        so_far = s->distance[next];
        s->settled[next] = true;
        if (a->row_of[next] < 0) {
            *length = so_far;
            return next;
        }
        i = a->row_of[next];
    }
}

/* Keep reduced costs at 0 along the tree that the search settled. */
static void move_potentials(const struct dcl_costs *c, const struct dcl_assignment *a,
                            const struct search *s, int64_t row, double length)
{
    a->u[row] += length;
    for (int64_t j = 0; j < c->columns; j++)
        if (s->settled[j] && a->row_of[j] >= 0) {
            a->u[a->row_of[j]] += length - s->distance[j];
            a->v[j] -= length - s->distance[j];
        }
}

static enum detcl_status augment_all(const struct dcl_costs *c, const struct dcl_assignment *a,
                                     const struct search *s, struct dcl_error *e)
{
    for (int64_t row = 0; row < c->rows; row++) {
        double length;
        int64_t column = nearest_free(c, a, s, row, &length);
        if (column < 0)
            return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "infinite costs leave no complete assignment");
        move_potentials(c, a, s, row, length);
        for (int32_t i = -1; i != row;) { /* turn the pairs on the way round */
            i = s->from[column];
            const int32_t other = a->column_of[i];
            a->row_of[column] = i;
            a->column_of[i] = (int32_t)column;
            column = other;
        }
    }
    return DETCL_OK;
}

enum detcl_status dcl_assign(const struct dcl_costs *c, const struct dcl_assignment *a,
                             struct dcl_error *e)
{
    const size_t columns = c->columns > 0 ? (size_t)c->columns : 1;
    for (int64_t i = 0; i < c->rows; i++) {
        a->column_of[i] = -1;
        a->u[i] = 0;
    }
    for (int64_t j = 0; j < c->columns; j++) {
        a->row_of[j] = -1;
        a->v[j] = 0;
    }
    const struct search s = {calloc(columns, sizeof *s.distance), calloc(columns, sizeof *s.from),
                             calloc(columns, sizeof *s.settled)};
    enum detcl_status status;
    if (s.distance && s.from && s.settled)
        status = augment_all(c, a, &s, e);
    else
        status = DCL_FAIL(e, DETCL_ERROR_MEMORY, "out of memory");
    free(s.distance);
    free(s.from);
    free(s.settled);
    return status;
}

static enum detcl_status check(const struct dcl_costs *c, struct dcl_error *e)
{
    if (c->rows < 0 || c->columns < 0 || c->rows > INT32_MAX || c->columns > INT32_MAX ||
        c->row < c->columns)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "%lld x %lld costs, rows %lld apart",
                        (long long)c->rows, (long long)c->columns, (long long)c->row);
    if (c->rows > 0 && c->columns > 0 && !c->single && !c->wide)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "no costs");
    for (int64_t i = 0; i < c->rows; i++)
        for (int64_t j = 0; j < c->columns; j++)
            if (!(dcl_cost(c, i, j) > -INFINITY))
                return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "cost (%lld, %lld) is %g", (long long)i,
                                (long long)j, dcl_cost(c, i, j));
    return DETCL_OK;
}

static void copy(const int32_t *from, int64_t n, int32_t *to)
{
    if (to && n > 0)
        memcpy(to, from, (size_t)n * sizeof *to);
}

/* The longer side's are the columns: with more rows than columns, the matrix is read transposed. */
static enum detcl_status solve(struct dcl_costs c, int32_t *col_of_row, int32_t *row_of_col,
                               double *total, struct dcl_error *e)
{
    DCL_TRY(e, check(&c, e));
    const bool turned = c.rows > c.columns;
    if (turned)
        c = (struct dcl_costs){c.single, c.wide, c.columns, c.rows, c.column, c.row};
    const size_t both = (size_t)(c.rows + c.columns) + 1;
    int32_t *pairs = calloc(both, sizeof *pairs);
    double *potentials = calloc(both, sizeof *potentials);
    enum detcl_status status;
    if (pairs && potentials) {
        const struct dcl_assignment a = {pairs, pairs + c.rows, potentials, potentials + c.rows};
        status = dcl_assign(&c, &a, e);
        if (status == DETCL_OK) {
            copy(a.column_of, c.rows, turned ? row_of_col : col_of_row);
            copy(a.row_of, c.columns, turned ? col_of_row : row_of_col);
            double sum = 0;
            for (int64_t i = 0; i < c.rows; i++)
                sum += dcl_cost(&c, i, a.column_of[i]);
            if (total)
                *total = sum;
        }
    } else {
        status = DCL_FAIL(e, DETCL_ERROR_MEMORY, "out of memory");
    }
    free(pairs);
    free(potentials);
    return status;
}

static enum detcl_status report(const struct dcl_costs *c, int32_t *col_of_row, int32_t *row_of_col,
                                double *total, struct detcl_error *error)
{
    struct dcl_error e = {.log_level = DETCL_LOG_ERROR};
    const enum detcl_status status = solve(*c, col_of_row, row_of_col, total, &e);
    if (status != DETCL_OK && error)
        snprintf(error->text, sizeof error->text, "%s", e.text);
    return status;
}

enum detcl_status detcl_hungarian(const double *cost, int64_t rows, int64_t columns, int64_t stride,
                                  int32_t *col_of_row, int32_t *row_of_col, double *total,
                                  struct detcl_error *error)
{
    const struct dcl_costs c = {NULL, cost, rows, columns, stride ? stride : columns, 1};
    return report(&c, col_of_row, row_of_col, total, error);
}

enum detcl_status detcl_hungarian_f32(const float *cost, int64_t rows, int64_t columns,
                                      int64_t stride, int32_t *col_of_row, int32_t *row_of_col,
                                      double *total, struct detcl_error *error)
{
    const struct dcl_costs c = {cost, NULL, rows, columns, stride ? stride : columns, 1};
    return report(&c, col_of_row, row_of_col, total, error);
}
