/* The inputs that decode_deltas and rpn_proposals share: anchors, then logits and deltas of each
 * level, as maps or as rows. */
#ifndef DCL_OPS_DELTAS_H
#define DCL_OPS_DELTAS_H

#include "ops/decode.h"

/* Inputs: 0 anchors [M, 4]; from `first` on logits x L, then deltas x L, maps [N, A * C, H, W] and
 * [N, A * 4, H, W] or, for L = 1, rows [N, M, C] and [N, M, 4]. Sets images, classes, priors and of
 * each level the fields: "anchors" are the map's H * W places (or the rows) and "cells" its A
 * anchors, so that rows come in the order of the anchors. Fails when they do not go together. */
enum detcl_status dcl_delta_levels(const struct dcl_call *call, int first, struct dcl_decode *d);

/* The attribute for a typed function's clip: 0 is log(1000 / 16), less is none. */
static inline float dcl_delta_clip(float clip)
{
    return clip > 0 ? clip : clip < 0 ? 0 : 4.135166556742356f;
}

#endif
