/* Centre and size of a box on one axis from its two deltas to an anchor of that middle and extent;
 * the twin is dcl_from_deltas in host/ops/box_deltas.h. The same bits on every device: a corner is the
 * difference of two numbers as large as the picture, and suppression decides on it. */
#include "exact.h"

static void from_deltas(const float middle, const float extent, const float first, const float second,
                 const float limit, float *centre, float *size)
{
    *centre = middle + first * extent;
    *size = extent * exact_exp(second > limit ? limit : second);
}
