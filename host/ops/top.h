/* The K best of long rows by 32-bit keys, for ops that decode the best candidates of a map: equal
 * keys by position, so every device picks the same ones. A threshold is found by counting digits,
 * what lies below it is compacted, and only that is sorted. */
#ifndef DCL_OPS_TOP_H
#define DCL_OPS_TOP_H

#include "ops/order.h"

struct dcl_top {
    const struct dcl_value *keys;   /* int32 read as unsigned, [rows, length]; ascending is best
                                       first, UINT32_MAX: no candidate */
    const struct dcl_value *starts; /* int32 [segments + 1]: where the segments of each row begin
                                       and, last, end; NULL: the row is one segment */
    int64_t rows, length, segments, k;

    /* what dcl_top_record makes */
    const struct dcl_value *picked; /* int32 [rows, segments, k]: positions in the row, rising */
    const struct dcl_value
        *order; /* int32 [rows, segments, k]: the j-th best is picked[order[j]] */
    const struct dcl_value *count; /* int32 [rows, segments]: how many there are */
};

enum detcl_status dcl_top_record(struct dcl_recorder *r, struct dcl_top *t);

/* The twin, for one segment: the positions of the `k` best of `length` keys, best first, into
 * `best`; returns how many. `best` and `spare` hold `length` numbers. */
int64_t dcl_top_cpu(const uint32_t *keys, int64_t length, int64_t k, int32_t *best, int32_t *spare);

#endif
