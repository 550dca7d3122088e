/* Work-group size of kernels that include kernels/scan.h: passed to them as -DW. */
#ifndef DCL_OPS_SCAN_H
#define DCL_OPS_SCAN_H

#include "ops/record.h"

/* 1 on the SIMD profile, else the largest power of two up to 256 that the device takes. */
static inline int dcl_scan_width(const struct dcl_limits *limits)
{
    int width = 1;
    while (limits->profile == DCL_PROFILE_GPU && width < 256 &&
           2 * (size_t)width <= limits->max_work_group)
        width *= 2;
    return width;
}

#endif
