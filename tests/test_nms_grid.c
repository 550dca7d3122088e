/* The twin's grid keeps exactly the boxes that testing every kept box keeps. */
#include "ops/nms_grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#define N 1500

static uint32_t state;

/* 0 to 1. */
static float uniform(void)
{
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) * 0x1p-24f;
}

enum scene { PLAIN, SIZES, LATTICE, FAR, ODD, SLIVERS, SCENES };

static void place(enum scene scene, float *b)
{
    const float u = uniform(), v = uniform();
    float w = 10 + 90 * uniform(), h = 10 + 90 * uniform(), x = 500 * u, y = 500 * v;
    if (scene == SIZES) { /* over 20 powers of two */
        w = exp2f(20 * uniform() - 10);
        h = w * exp2f(2 * uniform() - 1);
        x = w * 8 * u;
        y = w * 8 * v;
    } else if (scene == LATTICE) { /* overlaps that are exactly at the threshold */
        w = 4 * (float)(1 + (int)(3 * uniform()));
        h = 4 * (float)(1 + (int)(3 * uniform()));
        x = floorf(40 * u);
        y = floorf(40 * v);
    } else if (scene == FAR) {
        x += 3e5f;
        y -= 2e6f;
    } else if (scene == SLIVERS) {
        w = 0.01f + 0.02f * uniform();
        x = 2 * u;
        y = 100 * v;
    } else if (scene == ODD) {
        const float kind = uniform();
        w = kind < 0.2f ? 0 : kind < 0.4f ? -w : kind < 0.5f ? 1e-25f : kind < 0.6f ? 1e25f : w;
        h = kind < 0.1f ? 1e30f : kind > 0.9f ? 1e-20f : h;
        x = kind < 0.5f ? 0 : 100 * u;
        y = 100 * v;
    }
    b[0] = x;
    b[1] = y;
    b[2] = x + w;
    b[3] = y + h;
}

static float boxes[N * 4];
static int32_t order[N], scratch[N * 6];
static uint8_t found[N];

static void compare(enum scene scene, const struct dcl_nms_rule *rule)
{
    const struct dcl_nms_row row = {boxes, NULL, order, N, scratch, found};
    memset(found, 0, sizeof found);
    const int64_t total = dcl_nms_grid(rule, &row, 0, N);
    int kept[N], n = 0;
    for (int i = 0; i < N; i++) {
        const float *box = boxes + 4 * i;
        bool gone = n >= rule->limit;
        for (int k = 0; k < n && !gone; k++)
            gone = dcl_nms_suppresses(rule, box, dcl_nms_area(rule, box), boxes + 4 * kept[k],
                                      dcl_nms_area(rule, boxes + 4 * kept[k]));
        if (found[i] == gone)
            fail_msg("scene %d, threshold %g, boundary %d: box %d", scene, (double)rule->threshold,
                     rule->boundary, i);
        if (!gone)
            kept[n++] = i;
    }
    assert_int_equal(total, n);
}

static void grid_keeps_what_all_tests_keep(void **unused)
{
    (void)unused;
    static const float thresholds[] = {0.2f, 0.25f, 1.0f / 3, 0.45f, 0.5f, 0.7f, 0.9f, 1};
    for (int i = 0; i < N; i++)
        order[i] = i;
    for (int scene = 0; scene < SCENES; scene++)
        for (size_t t = 0; t < sizeof thresholds / sizeof *thresholds; t++)
            for (int boundary = 0; boundary < 3; boundary++)
                for (state = 1; state < 4; state++) {
                    const uint32_t seed = state;
                    for (int i = 0; i < N; i++)
                        place((enum scene)scene, boxes + 4 * i);
                    const struct dcl_nms_rule rule = {thresholds[t], (enum dcl_boundary)boundary,
                                                      seed == 3 ? 100 : INT32_MAX, NAN};
                    compare((enum scene)scene, &rule);
                    state = seed;
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grid_keeps_what_all_tests_keep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
