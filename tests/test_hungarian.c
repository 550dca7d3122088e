/* Exact assignment: SciPy's totals, and the potentials that prove each solution optimal. */
#include "core/hungarian.h"
#include "detcl/detcl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 48

/* The pairs fit together, are complete and cost `total`. */
static void check_pairs(const double *cost, int64_t rows, int64_t columns, double total)
{
    int32_t column_of[64], row_of[64];
    double sum = 0, found = NAN;
    int64_t pairs = 0;
    assert_int_equal(detcl_hungarian(cost, rows, columns, 0, column_of, row_of, &found, NULL),
                     DETCL_OK);
    for (int64_t i = 0; i < rows; i++) {
        if (column_of[i] < 0)
            continue;
        assert_true(column_of[i] < columns && row_of[column_of[i]] == i);
        sum += cost[i * columns + column_of[i]];
        pairs++;
    }
    for (int64_t j = 0; j < columns; j++)
        assert_true(row_of[j] < 0 || column_of[row_of[j]] == j);
    assert_int_equal(pairs, rows < columns ? rows : columns);
    assert_true(sum == found);
    assert_true(fabs(found - total) <= 1e-12 * (1 + fabs(total)));
}

/* scipy.optimize.linear_sum_assignment, SciPy 1.10. */
static void test_scipy(void **state)
{
    (void)state;
    static const double square[] = {9,  17, 15,  0, 17, 19,  18, -17, -2, 4,   -9, -5, 5,
                                    12, 3,  -14, 7, 14, -12, 1,  -7,  16, -18, -1, 15};
    static const double wide[] = {7,  -4, 21, 28, 29, 27, 5, 19, 28, 13, 27,
                                  13, -3, 9,  14, 2,  18, 6, 27, -1, 16};
    static const double tall[] = {0, 1, 4, 4, 4, 4, 7, 4, 3, 8, 7, 3, 1, 2, 1, 4, 5, 5};
    static const double ties[] = {1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0,
                                  0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0};
    static const double forbidden[] = {
        INFINITY, INFINITY, INFINITY, INFINITY, -2.58, 6.15, 2.37, 5.2,   -0.24, 0.76, 0.48, 6.72,
        1.29,     INFINITY, 6.56,     6.03,     0.95,  0.07, 5.07, -1.93, 0.92,  5.76, 6.18, -0.67};
    check_pairs(square, 5, 5, -33);
    check_pairs(wide, 3, 7, -1);
    check_pairs(tall, 6, 3, 5);
    check_pairs(ties, 5, 6, 0);
    check_pairs(forbidden, 4, 6, -4.68);
    check_pairs((const double[]){3}, 1, 1, 3);
}

static double random_cost(uint64_t *state, int kind)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    const double u = (double)(*state >> 11) * 0x1p-53;
    return kind == 0 ? 200 * u - 100 : kind == 1 ? floor(4 * u) : u < 0.2 ? (double)INFINITY : u;
}

/* u[i] + v[j] <= cost(i, j) with equality on pairs, v <= 0, and v = 0 without a row: then no
 * assignment costs less. */
static void check_certificate(const struct dcl_costs *c)
{
    static struct dcl_error e;
    int32_t column_of[MOST], row_of[MOST];
    double u[MOST], v[MOST];
    const struct dcl_assignment a = {column_of, row_of, u, v};
    const enum detcl_status status = dcl_assign(c, &a, &e);
    if (status != DETCL_OK) {
        assert_non_null(strstr(e.text, "no complete assignment"));
        return;
    }
    for (int64_t j = 0; j < c->columns; j++) {
        assert_true(v[j] <= 1e-9 && (row_of[j] >= 0 || v[j] == 0));
        for (int64_t i = 0; i < c->rows; i++) {
            const double slack = dcl_cost(c, i, j) - u[i] - v[j];
            assert_true(slack >= -1e-9 && (row_of[j] != i || fabs(slack) <= 1e-9));
        }
    }
    for (int64_t i = 0; i < c->rows; i++)
        assert_true(column_of[i] >= 0 && row_of[column_of[i]] == i);
}

static void test_certificate(void **state)
{
    (void)state;
    static double cost[MOST * MOST];
    uint64_t random = 7;
    for (int round = 0; round < 300; round++) {
        const int64_t rows = round % 17 + 1, columns = rows + round % 5 * 6;
        for (int64_t i = 0; i < rows * columns; i++)
            cost[i] = random_cost(&random, round % 3);
        const struct dcl_costs c = {NULL, cost, rows, columns, columns, 1};
        check_certificate(&c);
    }
}

/* A corner of a larger float matrix, and the same transposed. */
static void test_stride(void **state)
{
    (void)state;
    static const float cost[] = {4, 1, 3, -100, 2, 0, 5, -100, 3, 2, 2, -100};
    int32_t column_of[3], row_of[3];
    double total;
    assert_int_equal(detcl_hungarian_f32(cost, 3, 3, 4, column_of, row_of, &total, NULL), DETCL_OK);
    assert_true(total == 5 && column_of[0] == 1 && column_of[1] == 0 && column_of[2] == 2);
    assert_int_equal(detcl_hungarian_f32(cost, 3, 2, 4, column_of, row_of, &total, NULL), DETCL_OK);
    assert_true(total == 3 && column_of[0] == 1 && column_of[1] == 0 && column_of[2] == -1);
    assert_int_equal(detcl_hungarian_f32(cost, 3, 0, 0, column_of, NULL, &total, NULL), DETCL_OK);
    assert_true(total == 0 && column_of[0] == -1 && column_of[2] == -1);
    assert_int_equal(detcl_hungarian_f32(NULL, 0, 0, 0, NULL, NULL, NULL, NULL), DETCL_OK);
}

static void refused(const double *cost, int64_t rows, int64_t columns, int64_t stride,
                    const char *text)
{
    struct detcl_error error = {{0}};
    int32_t column_of[4] = {9, 9, 9, 9};
    double total = 9;
    assert_int_equal(detcl_hungarian(cost, rows, columns, stride, column_of, NULL, &total, &error),
                     DETCL_ERROR_ARGUMENT);
    if (!strstr(error.text, text))
        fail_msg("'%s' does not say '%s'", error.text, text);
    assert_true(total == 9 && column_of[0] == 9);
    assert_int_equal(detcl_hungarian(cost, rows, columns, stride, NULL, NULL, NULL, NULL),
                     DETCL_ERROR_ARGUMENT);
}

static void test_refused(void **state)
{
    (void)state;
    static const double broken[] = {1, 2, NAN, 3}, low[] = {1, -INFINITY, 2, 3};
    static const double full[] = {1, INFINITY, 2, INFINITY};
    refused(broken, 2, 2, 0, "cost (1, 0) is nan");
    refused(low, 2, 2, 0, "cost (0, 1) is -inf");
    refused(full, 2, 2, 0, "no complete assignment");
    refused(full, 2, 2, 1, "rows 1 apart");
    refused(full, -1, 2, 0, "-1 x 2 costs");
    refused(NULL, 2, 2, 0, "no costs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scipy), cmocka_unit_test(test_certificate),
        cmocka_unit_test(test_stride), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
