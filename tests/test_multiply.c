/* Sums of products of the CPU twins: the definition, and how exact they are next to the kernels'.
 */
#include "ops/multiply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#define MOST 300 /* terms */

static float w[DCL_ROWS][2 * MOST], x[MOST * 16 + DCL_COLUMNS];
static struct dcl_term terms[MOST];
static double sum[DCL_ROWS][DCL_COLUMNS];

static float next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) * 0x1p-23f - 1;
}

/* Terms whose weights and columns are neither neighbours nor in order of memory. */
static void fill(int n_terms, uint32_t seed)
{
    for (int m = 0; m < DCL_ROWS; m++)
        for (int i = 0; i < 2 * MOST; i++)
            w[m][i] = next(&seed);
    for (int i = 0; i < MOST * 16 + DCL_COLUMNS; i++)
        x[i] = next(&seed);
    for (int k = 0; k < n_terms; k++)
        terms[k] = (struct dcl_term){2 * (n_terms - 1 - k), k * 7 % MOST * 16};
}

struct errors {
    double sums, chain; /* sums of squares */
};

/* Errors of row m, and of one chain of fused products as the kernels add. */
static void add_errors(int n_terms, int m, float first, const double *row, struct errors *e)
{
    for (int j = 0; j < DCL_COLUMNS; j++) {
        double exact = (double)first;
        float chain = first;
        for (int k = 0; k < n_terms; k++) {
            const float a = w[m][terms[k].w], b = x[terms[k].x + j];
            exact += (double)a * (double)b;
            chain = fmaf(a, b, chain);
        }
        const double error = (double)(float)row[j] - exact;
        assert_true(fabs(error) < 1e-5 * n_terms);
        e->sums += error * error;
        e->chain += ((double)chain - exact) * ((double)chain - exact);
    }
}

static void test_exactness(void **state)
{
    (void)state;
    static const int counts[] = {1,  2,  3,  4,  5,  7,  8,  9,  10,  12,
                                 16, 17, 25, 27, 32, 33, 49, 64, MOST};
    static const float first[DCL_ROWS] = {0.5f, -0.25f, 0, 1};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct errors rows = {0, 0}, row = {0, 0};
        for (uint32_t seed = 1; seed <= 8; seed++) {
            fill(counts[i], seed);
            dcl_multiply(w[0], 2 * MOST, DCL_ROWS, x, terms, counts[i], first, DCL_COLUMNS, sum);
            for (int m = 0; m < DCL_ROWS; m++)
                add_errors(counts[i], m, first[m], sum[m], &rows);
            for (int m = 0; m < DCL_ROWS; m++) {
                dcl_multiply(w[m], 0, 1, x, terms, counts[i], &first[m], DCL_COLUMNS, sum);
                add_errors(counts[i], m, first[m], sum[0], &row);
            }
        }
        assert_true(rows.sums <= rows.chain);
        assert_true(row.sums <= row.chain);
    }
}

/* Any number of rows and columns gives the same sums; without terms they are where they start. */
static void test_parts(void **state)
{
    (void)state;
    static const float first[DCL_ROWS] = {1, 2, 3, 4};
    double part[DCL_ROWS][DCL_COLUMNS];
    fill(MOST, 9);
    dcl_multiply(w[0], 2 * MOST, DCL_ROWS, x, terms, MOST, NULL, DCL_COLUMNS, sum);
    for (int rows = 2; rows <= DCL_ROWS; rows++)
        for (int n = 1; n <= DCL_COLUMNS; n += 31) {
            dcl_multiply(w[0], 2 * MOST, rows, x, terms, MOST, NULL, n, part);
            for (int i = 0; i < rows * n; i++)
                assert_true(part[i / n][i % n] == sum[i / n][i % n]);
            dcl_multiply(w[0], 2 * MOST, rows, x, terms, 0, first, n, part);
            for (int i = 0; i < rows * n; i++)
                assert_true(part[i / n][i % n] == (double)first[i / n]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactness),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
