/* Between the dense and the channel-blocked form, on the host: for validation and checks. */
#ifndef DCL_OPS_BLOCKED_H
#define DCL_OPS_BLOCKED_H

#include "ops/op.h"

/* float32 NCHW <-> N, ceil(C/block), H, W, block. Padded lanes are filled with `padding`. */
void dcl_to_blocked(const struct detcl_desc *desc, int block, const float *from, float *to,
                    float padding);
void dcl_from_blocked(const struct detcl_desc *desc, int block, const float *from, float *to);

#endif
