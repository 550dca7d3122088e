/* Centre and size of a box on one axis from its two deltas to an anchor of that middle and extent;
 * the twin is dcl_from_deltas in host/ops/box_deltas.h. */
void from_deltas(const float middle, const float extent, const float first, const float second,
                 const float limit, float *centre, float *size)
{
    *centre = middle + first * extent;
    *size = extent * exp(second > limit ? limit : second);
}
