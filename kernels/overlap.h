/* When does a box suppress another? Boxes are x1, y1, x2, y2; a negative extent counts as none; `one` is 1
 * for the legacy convention of inclusive pixels, else 0. All arithmetic is single additions and products,
 * never contracted, so that every device and the twin (host/ops/nms_greedy.c) agree to the last bit.
 * DEFINE_OVERLAP(V, name) makes, for V = float or a vector of it:
 *   name_area(x1, y1, x2, y2, one)
 *   name_suppress(inter, both, threshold, or_equal): inter over (or at) threshold * union, where
 *     union = both - inter is positive; both = the sum of the areas
 *   name_inter(a's x1, y1, x2, y2, b's x1, y1, x2, y2, one) */
#define DEFINE_OVERLAP(V, M, name)                                                                 \
    static V name##_extent(const V low, const V high, const float one)                                    \
    {                                                                                              \
        const V e = high - low + (V)one;                                                           \
        return e > (V)0 ? e : (V)0;                                                                \
    }                                                                                              \
    static V name##_area(const V x1, const V y1, const V x2, const V y2, const float one)                 \
    {                                                                                              \
        return name##_extent(x1, x2, one) * name##_extent(y1, y2, one);                            \
    }                                                                                              \
    static V name##_inter(const V ax1, const V ay1, const V ax2, const V ay2, const V bx1, const V by1,   \
                   const V bx2, const V by2, const float one)                                      \
    {                                                                                              \
        return name##_area(ax1 > bx1 ? ax1 : bx1, ay1 > by1 ? ay1 : by1, ax2 < bx2 ? ax2 : bx2,    \
                           ay2 < by2 ? ay2 : by2, one);                                            \
    }                                                                                              \
    static M name##_suppress(const V inter, const V both, const float threshold, const int or_equal)      \
    {                                                                                              \
        const V all = both - inter, limit = threshold * all;                                       \
        return (all > (V)0) & (or_equal ? inter >= limit : inter > limit);                         \
    }
