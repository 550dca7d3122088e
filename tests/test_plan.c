/* The memory plan is pure arithmetic: no two values that live together may overlap. */
#include "graph/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

static int overlap(const struct dcl_usage *a, const struct dcl_usage *b)
{
    const int together = a->first <= b->last && b->first <= a->last;
    return together && a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

static void chain_reuses_memory(void **state)
{
    (void)state;
    struct dcl_usage u[] = {{0, 1, 1000, 0}, {1, 2, 1000, 0}, {2, 3, 1000, 0}, {3, 4, 1000, 0}};
    int ok;
    const size_t total = dcl_plan(u, 4, 256, &ok);
    assert_true(ok);
    assert_int_equal(total, 1024 + 1000); /* two alive at a time, the second aligned */
}

static void random_plans_do_not_overlap(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 200; round++) {
        struct dcl_usage u[64];
        size_t largest_live = 0;
        for (int i = 0; i < 64; i++) {
            seed = seed * 1664525u + 1013904223u;
            u[i].first = (int)(seed >> 8) % 100;
            seed = seed * 1664525u + 1013904223u;
            u[i].last = u[i].first + (int)(seed >> 8) % 10;
            seed = seed * 1664525u + 1013904223u;
            u[i].bytes = (seed >> 8) % 5000;
        }
        int ok;
        const size_t total = dcl_plan(u, 64, 64, &ok);
        assert_true(ok);
        for (int i = 0; i < 64; i++) {
            assert_int_equal(u[i].offset % 64, 0);
            assert_true(u[i].offset + u[i].bytes <= total);
            for (int k = 0; k < i; k++)
                assert_false(u[i].bytes && u[k].bytes && overlap(&u[i], &u[k]));
        }
        for (int t = 0; t < 110; t++) {
            size_t live = 0;
            for (int i = 0; i < 64; i++)
                live += u[i].first <= t && t <= u[i].last ? u[i].bytes : 0;
            largest_live = live > largest_live ? live : largest_live;
        }
        assert_true(total >= largest_live);
        assert_true(total <= 2 * largest_live + 64 * 64);
    }
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    struct dcl_usage u[] = {{0, 1, SIZE_MAX / 2, 0}, {0, 1, SIZE_MAX / 2, 0}};
    int ok;
    assert_int_equal(dcl_plan(u, 2, 64, &ok), 0);
    assert_false(ok);
}

static void nothing_to_plan(void **state)
{
    (void)state;
    int ok;
    assert_int_equal(dcl_plan(NULL, 0, 64, &ok), 0);
    assert_true(ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_reuses_memory),
        cmocka_unit_test(random_plans_do_not_overlap),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(nothing_to_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
