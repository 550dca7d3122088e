/* Memory plan: where values with known lifetimes lie in one arena. Pure arithmetic. */
#ifndef DCL_GRAPH_PLAN_H
#define DCL_GRAPH_PLAN_H

#include <stddef.h>

struct dcl_usage {
    int first, last; /* node indices, inclusive */
    size_t bytes;
    size_t offset; /* out */
};

/* Assign offsets (multiples of `alignment`) so that values alive at the same node never overlap;
 * greedy by size (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference",
 * 2020, section 4). Returns the size of the arena, or 0 with `*ok` false when memory runs out or
 * sizes overflow. */
size_t dcl_plan(struct dcl_usage *usages, int n, size_t alignment, int *ok);

#endif
