/* What ops on boxes [..., 4] share: images whose sizes come as a tensor or as one size for all. */
#ifndef DCL_OPS_BOXES_H
#define DCL_OPS_BOXES_H

#include "ops/record.h"

/* Input i as it is, or NULL when it is not given. */
static inline const struct dcl_value *dcl_optional(const struct dcl_call *call, int i)
{
    return dcl_has_in(call, i) ? call->in[i] : NULL;
}

/* Boxes of input 0. */
static inline int64_t dcl_box_count(const struct dcl_call *call)
{
    return dcl_count(call->in[0]) / 4;
}

/* For infer: input 0 must be float32 [..., 4]. */
enum detcl_status dcl_need_boxes(const struct dcl_call *call);

/* For infer: the size of the images that the boxes of input 0 lie in must be given, either by input
 * 1, [N, 2] float32 (width, height) for boxes [N, ..., 4], or by a positive width and height. */
enum detcl_status dcl_need_sizes(const struct dcl_call *call, float width, float height);

/* For the twin: width and height of the image that box i lies in. */
void dcl_size_of_box(const struct dcl_call *call, int64_t i, float width, float height,
                     float size[2]);

/* Add a launch of one of the kernels of boxes.cl with the arguments that they share. */
struct dcl_launch *dcl_box_launch(const struct dcl_call *call, struct dcl_recorder *r,
                                  const char *kernel, float width, float height);

#endif
