/* For cmocka groups that run each test on the CPU device and, where it is there, on OpenCL. */
#ifndef DCL_TESTS_EACH_DEVICE_H
#define DCL_TESTS_EACH_DEVICE_H

#include "detcl/context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int open_devices(void **state)
{
    static struct detcl_context *contexts[2];
    static const char *const names[] = {"cpu", "opencl"};
    for (int i = 0; i < 2; i++) {
        const struct detcl_context_params params = {.device = names[i]};
        if (detcl_context_create(&params, &contexts[i], NULL) != DETCL_OK)
            contexts[i] = NULL;
    }
    *state = contexts;
    return 0;
}

static int close_devices(void **state)
{
    struct detcl_context **contexts = *state;
    detcl_context_destroy(&contexts[0]);
    detcl_context_destroy(&contexts[1]);
    return 0;
}

/* Each test on each device that is there. */
static void on_each(void **state, void (*test)(struct detcl_context *ctx))
{
    struct detcl_context **contexts = *state;
    assert_non_null(contexts[0]);
    for (int i = 0; i < 2; i++)
        if (contexts[i])
            test(contexts[i]);
}

/* The cmocka test test_NAME, which runs NAME on each device. */
#define ON_EACH_DEVICE(name)                                                                       \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        on_each(state, name);                                                                      \
    }

#endif
