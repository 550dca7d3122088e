/* Orders: permutations that sort 32-bit keys, on the device and on the host; what sort and nms
 * share. A key made from a float is a total order: by value, zeros of both signs equal, NaN last.
 */
#ifndef DCL_OPS_ORDER_H
#define DCL_OPS_ORDER_H

#include "ops/record.h"

struct dcl_order {
    const struct dcl_value *keys;  /* int32 values read as unsigned, [segments, length] */
    const struct dcl_value *count; /* int32 [segments]: entries of each; NULL: length */
    const struct dcl_value *in;    /* order to start from; NULL: 0, 1, 2 ... */
    const struct dcl_value *out;   /* int32 [segments, length]; not `in` */
    const struct dcl_value
        *spare[2]; /* int64 [segments, length] workspaces; may serve several orders */
    int64_t segments, length;
};

/* out = `in` sorted by keys[in[i]] ascending, equal keys in the order of `in`. */
enum detcl_status dcl_order_record(struct dcl_recorder *r, const struct dcl_order *o);

/* The same for one segment on the host. */
void dcl_order_cpu(const uint32_t *keys, int64_t count, int32_t *order, int32_t *spare);

/* The key of x, for ascending or descending order. */
uint32_t dcl_order_key(float x, bool descending);

#endif
