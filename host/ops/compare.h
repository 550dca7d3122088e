/* How a device's result is held against its twin's. */
#ifndef DCL_OPS_COMPARE_H
#define DCL_OPS_COMPARE_H

#include "ops/op.h"

struct dcl_difference {
    bool same;
    int64_t at; /* the worst element, or the first that differs in kind (NaN, infinity, integer) */
    double found, expected;
    double error; /* |found - expected| / (1 + |expected|); infinity for a difference in kind */
};

/* float32: equal when |found - expected| <= tolerance * (1 + |expected|); NaN equals NaN only, an
 * infinity itself only; tolerance 0 asks for the same value. Other types must be identical. */
struct dcl_difference dcl_compare(enum detcl_dtype dtype, int64_t count, const void *found,
                                  const void *expected, double tolerance);

/* Zero the entries of v's dense `data` that lie past the valid ones; `count` is the data of
 * v->count. A count below 0 is 0. */
void dcl_clear_tail(const struct dcl_value *v, const int32_t *count, void *data);

/* The largest finite |value| of float32 data: the scale of a long sum's rounding errors, which
 * cancellation leaves in place while the result gets small. */
double dcl_magnitude(enum detcl_dtype dtype, int64_t count, const void *data);

/* As dcl_compare, with 1 + max(|expected|, scale) as the measure of an element. */
struct dcl_difference dcl_compare_scaled(enum detcl_dtype dtype, int64_t count, const void *found,
                                         const void *expected, double tolerance, double scale);

/* Output k of a call as the device has it against the twin's; long sums (DCL_OP_CONTRACTS) are
 * measured by the largest result. */
struct dcl_difference dcl_compare_output(const struct dcl_call *call, int k, const void *found,
                                         const void *expected, double tolerance);

/* Zero what lies past the valid entries of all outputs, `data` being one block an output (NULL:
 * none). Counts are outputs themselves, or inputs whose `data` is set. */
void dcl_clear_tails(const struct dcl_call *call, void *const *data);

#endif
