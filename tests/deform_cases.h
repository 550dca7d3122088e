/* Inputs that the checks of deform_conv2d and its gradients share. */
#ifndef DCL_TESTS_DEFORM_CASES_H
#define DCL_TESTS_DEFORM_CASES_H

#include "check.h"

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)
#define OFFSET(...) DCL_RANGE(DETCL_F32, -2.5f, 2.5f, __VA_ARGS__)

/* (i * step mod period) * scale + first: the same in the scripts that gave the golden values. */
static void fill(float *to, int n, int step, int period, float scale, float first)
{
    for (int i = 0; i < n; i++)
        to[i] = (float)(i * step % period) * scale + first;
}

#endif
