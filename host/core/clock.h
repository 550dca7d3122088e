/* A clock that only moves forward. */
#ifndef DCL_CORE_CLOCK_H
#define DCL_CORE_CLOCK_H

#include <time.h>

static inline double dcl_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

#endif
