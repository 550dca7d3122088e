/* Bounds of a clip node, for passes that fuse it as an activation. */
#ifndef DCL_OPS_CLIP_H
#define DCL_OPS_CLIP_H

#include "ops/op.h"

/* True when the call is a float32 `clip` whose bounds are known before the run and lo <= hi; an
 * absent bound is the lowest or highest finite float, as in ONNX. */
bool dcl_clip_bounds(const struct dcl_call *call, float *lo, float *hi);

#endif
