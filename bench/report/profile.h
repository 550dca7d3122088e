/* Where the time of a network goes. */
#ifndef DCL_BENCH_PROFILE_H
#define DCL_BENCH_PROFILE_H

#include <jansson.h>

double dcl_profile_total(const json_t *profile);

/* The operations as [{"op", "ms", "nodes"}], the longest first; the caller's. */
json_t *dcl_profile_sums(const json_t *profile);

#endif
