/* Walks: a box of elements visited in row-major order while up to three operands are read or
 * written at strided places. Broadcasting, transposition, slicing, tiling and concatenation are all
 * walks; the device's side is `walk` in kernels/common.cl and kernels/strided.cl. */
#ifndef DCL_OPS_WALK_H
#define DCL_OPS_WALK_H

#include "ops/record.h"

#define DCL_WALK_RANK 16
#define DCL_WALK_OPERANDS 3

struct dcl_walk {
    int rank;
    int64_t extent[DCL_WALK_RANK];
    int64_t stride[DCL_WALK_OPERANDS][DCL_WALK_RANK]; /* elements; may be 0 or negative */
    int64_t at[DCL_WALK_OPERANDS];                    /* where the first element lies */
};

/* The walk over all elements of `desc`; every stride is 0. */
void dcl_walk_over(struct dcl_walk *w, const struct detcl_desc *desc);

/* Row-major strides of `desc` (of the walk's rank or less, aligned right; 0 where broadcast) for
 * one operand. */
void dcl_walk_operand(struct dcl_walk *w, int operand, const struct detcl_desc *desc);

/* Drop extents of 1 and merge neighbours that every operand sees as one; the rank becomes at least
 * 1. The last dimension is then called the row. */
void dcl_walk_simplify(struct dcl_walk *w);

/* Make every element a row of its own, for kernels that handle one element at a time. */
void dcl_walk_points(struct dcl_walk *w);

/* Number of rows and of elements in each (after dcl_walk_simplify). */
int64_t dcl_walk_rows(const struct dcl_walk *w);
int64_t dcl_walk_row_length(const struct dcl_walk *w);

/* Where each operand's row starts; the step within the row is stride[k][rank - 1]. */
void dcl_walk_row(const struct dcl_walk *w, int64_t row, int64_t at[DCL_WALK_OPERANDS]);

/* Elements that one work-item of a walking kernel handles: WIDTH of its build options. A vector on
 * CPUs; one on GPUs, where neighbouring work-items take neighbouring elements. */
int dcl_walk_width(const struct dcl_recorder *r);

/* Append the arguments table, rank, length, rows (see `walk` in common.cl). */
void dcl_arg_walk(struct dcl_recorder *r, struct dcl_launch *l, const struct dcl_walk *w);

/* Close the launch with one work-item per WIDTH elements of a row. */
enum detcl_status dcl_grid_walk(struct dcl_recorder *r, struct dcl_launch *l,
                                const struct dcl_walk *w);

/* Close the launch with `n` work-items in one dimension. */
enum detcl_status dcl_grid_line(struct dcl_recorder *r, struct dcl_launch *l, int64_t n);

/* Extents of the storage: `desc` itself, or N, C/block, H, W, block of a blocked value. */
struct detcl_desc dcl_stored_desc(const struct dcl_value *v);

/* Copy along a walk: operand 0 is read, operand 1 written; elements of `size` bytes. */
void dcl_copy_cpu(const struct dcl_walk *w, size_t size, const void *from, void *to);
enum detcl_status dcl_record_copy(struct dcl_recorder *r, const struct dcl_walk *w,
                                  const struct dcl_value *from, const struct dcl_value *to);

/* to = from, element by element, both of one shape and form. */
void dcl_same_cpu(const struct dcl_value *from, const struct dcl_value *to);
enum detcl_status dcl_record_same(struct dcl_recorder *r, const struct dcl_value *from,
                                  const struct dcl_value *to);

/* For values known before the run: let the twin compute out[0] on the host and record its copy. */
enum detcl_status dcl_record_constant(struct dcl_call *call, struct dcl_recorder *r);

/* "T=..." for elements of that size whose bits are only moved. */
const char *dcl_bits_type(enum detcl_dtype dtype);

#endif
