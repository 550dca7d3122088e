/* Pooling over windows, and over whole planes.
 *
 *   max      y[n,c,o] = max over the window; a NaN in the window gives NaN
 *   average  y[n,c,o] = sum over the window / number of positions that count
 *   lp       y[n,c,o] = (sum over the window of |x|^p)^(1/p)
 *
 * A window of output o covers o * stride - pad + i * dilation, i < taps, in each of the dimensions
 * D, H, W (missing ones have extent 1); positions outside the input are skipped. An empty window
 * gives -infinity (0 for integers), 0 and 0. Layout: x and y are planes, D, H, W, LANES: LANES = 1
 * is dense NCHW with planes = N x C, LANES = BLOCK is blocked with planes = N x ceil(C / BLOCK). T
 * is float, or uchar for pool_max with LANES = 1. Mapping: one work-item a vector of y over (out W,
 * out D x out H, planes), bounds out_w and planes; pool_global: one group of GROUP items a plane.
 */
#ifdef REAL
#include "lanes.h"
#else
typedef T vec;
#define VLOAD(i, p) ((p)[i])
#define VSTORE(v, i, p) ((p)[i] = (v))
#endif

#define SHAPE                                                                                      \
    const int planes, const int in_d, const int in_h, const int in_w, const int out_d,             \
        const int out_h, const int out_w, const int taps_d, const int taps_h, const int taps_w,    \
        const int stride_d, const int stride_h, const int stride_w, const int pad_d,               \
        const int pad_h, const int pad_w, const int step_d, const int step_h, const int step_w

/* The taps of a window at `at` that hit 0..extent-1 are first_tap .. end_tap - 1. */
static int first_tap(const int at, const int step)
{
    return at < 0 ? (step - 1 - at) / step : 0;
}

static int end_tap(const int at, const int extent, const int taps, const int step)
{
    return at >= extent ? 0 : min(taps, (extent - at + step - 1) / step);
}

/* Locate the window of this work-item; returns from the kernel when it is beyond the output. */
#define WINDOW                                                                                     \
    const int ow = ID(0), row = ID(1);                                                             \
    const int plane = ID(2);                                                                       \
    if (ow >= out_w || row >= out_d * out_h || plane >= planes)                                    \
        return;                                                                                    \
    const int at_d = row / out_h * stride_d - pad_d, at_h = row % out_h * stride_h - pad_h;        \
    const int at_w = ow * stride_w - pad_w;                                                        \
    const int end_d = end_tap(at_d, in_d, taps_d, step_d);                                         \
    const int end_h = end_tap(at_h, in_h, taps_h, step_h);                                         \
    const int end_w = end_tap(at_w, in_w, taps_w, step_w);                                         \
    const int out = (plane * out_d * out_h + row) * out_w + ow;

/* Visit the rows of the window (`line` = index of the row's position 0), and the taps of a row. */
#define EACH_ROW                                                                                   \
    for (int d = first_tap(at_d, step_d); d < end_d; d++)                                          \
        for (int h = first_tap(at_h, step_h),                                                      \
                 line = ((plane * in_d + at_d + d * step_d) * in_h + at_h + h * step_h) * in_w;    \
             h < end_h; h++, line += step_h * in_w)
#define EACH_TAP                                                                                   \
    for (int w = first_tap(at_w, step_w), i = line + at_w + w * step_w; w < end_w; w++, i += step_w)

#include "larger.h"

KERNEL void CHAINED(pool_max)(TENSOR(const T, x), TENSOR(T, y), SHAPE PLACED)
{
    OPEN(x);
    OPEN(y);
    WINDOW
    vec best = (vec)LOWEST;
    EACH_ROW
    EACH_TAP
    best = larger(best, VLOAD(i, x));
    VSTORE(best, out, y);
}

#if LANES == 1
/* Also the flat index of the first largest value in x, -1 for an empty window. `by_column`: within
 * a plane the index counts W, then H, then D slowest last to first (ONNX storage_order 1). */
KERNEL void CHAINED(pool_max_indices)(TENSOR(const T, x), TENSOR(T, y), TENSOR(long, indices),
                                      SHAPE, const int by_column PLACED)
{
    OPEN(x);
    OPEN(y);
    OPEN(indices);
    WINDOW
    T best = LOWEST;
    int found = -1;
    EACH_ROW
    EACH_TAP
    {
        const T v = x[i];
        if (found < 0 || v > best || (v != v && best == best)) {
            best = v;
            found = i;
        }
    }
    y[out] = best;
    if (by_column && found >= 0) {
        const int size = in_d * in_h * in_w, p = found % size;
        const int pw = p % in_w, ph = p / in_w % in_h, pd = p / in_w / in_h;
        found += (pw * in_h + ph) * in_d + pd - p;
    }
    indices[out] = found;
}
#endif

#ifdef REAL
/* Positions of the padded input count too with include_pad; those beyond its end never do. */
KERNEL void CHAINED(pool_average)(TENSOR(const float, x), TENSOR(float, y), SHAPE,
                                  const int include_pad, const int tail_d, const int tail_h,
                                  const int tail_w PLACED)
{
    OPEN(x);
    OPEN(y);
    WINDOW
    vec sum = (vec)0;
    EACH_ROW
    {
        vec part = (vec)0;
        EACH_TAP
        part += VLOAD(i, x);
        sum += part;
    }
    int count = max(end_d - first_tap(at_d, step_d), 0) * max(end_h - first_tap(at_h, step_h), 0) *
                max(end_w - first_tap(at_w, step_w), 0);
    if (include_pad)
        count = end_tap(at_d, in_d + tail_d, taps_d, step_d) *
                end_tap(at_h, in_h + tail_h, taps_h, step_h) *
                end_tap(at_w, in_w + tail_w, taps_w, step_w);
    VSTORE(sum / (float)max(count, 1), out, y);
}

static vec raise(const vec v, const float p)
{
    return p == 1.0f ? fabs(v) : p == 2.0f ? v * v : pow(fabs(v), (vec)p);
}

static vec root(const vec v, const float p)
{
    return p == 1.0f ? v : p == 2.0f ? sqrt(v) : pow(v, (vec)(1.0f / p));
}

KERNEL void CHAINED(pool_lp)(TENSOR(const float, x), TENSOR(float, y), SHAPE, const float p PLACED)
{
    OPEN(x);
    OPEN(y);
    WINDOW
    vec sum = (vec)0;
    EACH_ROW
    {
        vec part = (vec)0;
        EACH_TAP
        part += raise(VLOAD(i, x), p);
        sum += part;
    }
    VSTORE(root(sum, p), out, y);
}

#ifndef CHAIN
/* Whole planes of `size` positions, kind 0 = max, 1 = average, 2 = lp. */
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
pool_global(TENSOR(const float, x), TENSOR(float, y), const int planes, const int size,
            const int kind, const float p)
{
    OPEN(x);
    OPEN(y);
    local vec parts[GROUP];
    const int lid = ITEM_ID(0), plane = GROUP_ID(0);
    vec part = (vec)(kind == 0 ? LOWEST : 0.0f);
    for (int i = lid; i < size; i += GROUP) {
        const vec v = VLOAD(plane * size + i, x);
        part = kind == 0 ? larger(part, v) : part + (kind == 1 ? v : raise(v, p));
    }
    parts[lid] = part;
    for (int span = GROUP / 2; span > 0; span /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lid < span)
            parts[lid] =
                kind == 0 ? larger(parts[lid], parts[lid + span]) : parts[lid] + parts[lid + span];
    }
    if (lid == 0)
        VSTORE(kind == 0   ? parts[0]
               : kind == 1 ? parts[0] / (float)max(size, 1)
                           : root(parts[0], p),
               plane, y);
}
#endif
#endif
