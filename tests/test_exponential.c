/* The exponential function of the CPU twins next to libm's. */
#include "ops/exponential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

static void test_range(void **state)
{
    (void)state;
    for (double x = -110; x <= 90; x += 0.00037)
        assert_true(fabs(dcl_exponential(x) / exp(x) - 1) < 1e-8);
}

/* At most next to the float that is nearest. */
static void test_float(void **state)
{
    (void)state;
    for (float x = -104; x <= 89; x += 0.0061f) {
        const float nearest = (float)exp((double)x), found = dcl_exp(x);
        assert_true(found >= nextafterf(nearest, 0) && found <= nextafterf(nearest, INFINITY));
    }
}

static void test_special(void **state)
{
    (void)state;
    assert_true(dcl_exp(0) == 1 && dcl_exp(-0.0f) == 1);
    assert_true(dcl_exp(INFINITY) == INFINITY && dcl_exp(89) == INFINITY);
    assert_true(dcl_exp(-INFINITY) == 0 && dcl_exp(-104) == 0);
    assert_true(isnan(dcl_exp(NAN)) && isnan(dcl_exp(-NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_float),
        cmocka_unit_test(test_special),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
