/* RoI align: y[r, c, ph, pw] = the mean of bilinear samples of x over a bin (host/ops/roi_align.c).
 * The samples of a bin form a grid, so its mean is a sum over rows and columns of the map with one weight
 * a row and one a column: the taps. roi_taps finds them once a RoI for all channels:
 *   head    [R][1 + (rows of bins + 1) + (columns of bins + 1)]: image, then where the taps of each row
 *           and, counted anew, of each column of bins begin, and the end. Image -1: no taps, -2: none
 *           of this level's RoIs
 *   at      [R][rows + columns]: rows of the map, then columns
 *   weight  likewise
 * Layout of x: N, ceil(C/block), H, W, block; of y: dense. */
#include "lanes.h"
#include "roi.h"

#define CHUNK 4 /* channel blocks of a work-item */

/* Add a weight to the taps first..n-1 of a bin, in which an element is met again soon or never. */
static int put(global int *at, global float *weight, const int first, const int n, const int room,
        const int index, const float w)
{
    for (int k = max(first, n - 2); k < n; k++)
        if (at[k] == index) {
            weight[k] += w;
            return n;
        }
    if (n == room)
        return n;
    at[n] = index;
    weight[n] = w;
    return n + 1;
}

/* Mapping: id 0 = RoI, id 1 = 0 for rows, 1 for columns. Bound: n_rois. */
kernel void roi_taps(ROIS, TENSOR(const int, levels), TENSOR(int, head), TENSOR(int, at),
                     TENSOR(float, weight), const int level, const int height, const int width,
                     const int bins_y, const int bins_x, const int ratio, const float scale,
                     const int aligned, const int rows, const int columns)
{
    const int r = (int)get_global_id(0), axis = (int)get_global_id(1);
    if (r >= n_rois)
        return;
    const bool elsewhere = level >= 0 && levels[levels_at + r] != level;
    const int image = elsewhere ? -2 : ROI_IMAGE(r);
    const int bins = axis ? bins_x : bins_y, room = axis ? columns : rows;
    const long slot = (long)r * (rows + columns) + (axis ? rows : 0);
    global const float *box = rois + rois_at + 4 * (long)r;
    head += head_at + (long)r * (bins_y + bins_x + 3);
    at += at_at + slot;
    weight += weight_at + slot;
    if (!axis)
        head[0] = image;
    head += axis ? bins_y + 2 : 1;
    const bool none = image < 0 || !roi_within(box, scale);
    struct axis a = {0, 0, 0, 0, 0};
    if (!none)
        a = roi_axis(box[1 - axis], box[3 - axis], scale, aligned, bins, ratio,
                     axis ? width : height);
    int n = 0;
    for (int b = 0; b < bins; b++) {
        const int first = n;
        const int2 range = none ? (int2)(0) : bin_range(&a, b);
        head[b] = first;
        for (int i = range.x; i < range.y; i++) {
            struct sample s;
            if (!bin_sample(&a, b, i, &s))
                continue;
            n = put(at, weight, first, n, room, s.low, 1 - s.weight);
            n = put(at, weight, first, n, room, s.high, s.weight);
        }
        for (int k = first; k < n; k++)
            weight[k] /= (float)a.grid;
    }
    head[bins] = n;
}

/* Mapping: id 0 = channel and bin, id 1 = RoI. Bounds: `each` = channels * bins, n_rois by the grid. */
kernel void roi_align_f32(TENSOR(const float, x), TENSOR(const int, head), TENSOR(const int, at),
                          TENSOR(const float, weight), TENSOR(float, y), const int channels,
                          const int height, const int width, const int block, const int bins_y,
                          const int bins_x, const int rows, const int columns, const int sensitive,
                          const int each)
{
    const int i = (int)get_global_id(0), r = (int)get_global_id(1), bins = bins_y * bins_x;
    if (i >= each)
        return;
    const int bin = modulo(i, bins), ph = bin / bins_x, pw = modulo(bin, bins_x);
    const int c = sensitive ? i : i / bins, blocks = (channels + block - 1) / block;
    head += head_at + (long)r * (bins_y + bins_x + 3);
    at += at_at + (long)r * (rows + columns);
    weight += weight_at + (long)r * (rows + columns);
    if (head[0] < -1)
        return;
    x += x_at + ((long)head[0] * blocks + c / block) * height * width * block + modulo(c, block);
    const int x0 = head[bins_y + 2 + pw], x1 = head[bins_y + 3 + pw];
    float sum = 0;
    for (int k = head[1 + ph]; k < head[2 + ph]; k++) {
        float row = 0;
        for (int m = rows + x0; m < rows + x1; m++)
            row += weight[m] * x[((long)at[k] * width + at[m]) * block];
        sum += weight[k] * row;
    }
    y[y_at + (long)r * each + i] = sum;
}

/* Mapping: id 0 = RoI, id 1 = CHUNK blocks of LANES channels. No bounds beyond the grid, which is exact. */
kernel void roi_align_blocked(TENSOR(const float, x), TENSOR(const int, head), TENSOR(const int, at),
                              TENSOR(const float, weight), TENSOR(float, y), const int channels,
                              const int height, const int width, const int bins_y, const int bins_x,
                              const int rows, const int columns)
{
    const int r = (int)get_global_id(0), first = (int)get_global_id(1) * CHUNK;
    const int blocks = (channels + LANES - 1) / LANES, bins = bins_y * bins_x;
    const long plane = (long)height * width * LANES;
    head += head_at + (long)r * (bins_y + bins_x + 3);
    at += at_at + (long)r * (rows + columns);
    weight += weight_at + (long)r * (rows + columns);
    if (head[0] < -1)
        return;
    x += x_at + (long)head[0] * blocks * plane;
    y += y_at + (long)r * channels * bins;
    long from[CHUNK];
    for (int j = 0; j < CHUNK; j++)
        from[j] = min(first + j, blocks - 1) * plane;
    for (int bin = 0; bin < bins; bin++) {
        const int ph = bin / bins_x, pw = modulo(bin, bins_x);
        const int x0 = rows + head[bins_y + 2 + pw], x1 = rows + head[bins_y + 3 + pw];
        vec sum[CHUNK];
        UNROLL for (int j = 0; j < CHUNK; j++)
            sum[j] = (vec)0;
        for (int k = head[1 + ph]; k < head[2 + ph]; k++)
            for (int m = x0; m < x1; m++) {
                const vec w = (vec)(weight[k] * weight[m]);
                global const float *p = x + ((long)at[k] * width + at[m]) * LANES;
                UNROLL for (int j = 0; j < CHUNK; j++)
                    sum[j] = fma(w, VLOAD(0, p + from[j]), sum[j]);
            }
        for (int j = 0; j < CHUNK; j++) {
            float lanes[LANES];
            VSTORE(sum[j], 0, lanes);
            const int c = (first + j) * LANES, real = min(LANES, channels - c);
            for (int v = 0; v < real; v++)
                y[(long)(c + v) * bins + bin] = lanes[v];
        }
    }
}

/* ONNX's maximum: of every weighted tap of every sample, where a sample outside counts as 0.
 * Mapping: id 0 = channel and bin, id 1 = RoI. Bounds: `each`, n_rois by the grid. */
kernel void roi_align_max(TENSOR(const float, x), ROIS, TENSOR(float, y), const int channels,
                          const int height, const int width, const int bins_y, const int bins_x,
                          const int ratio, const float scale, const int aligned, const int each)
{
    const int i = (int)get_global_id(0), r = (int)get_global_id(1), bins = bins_y * bins_x;
    if (i >= each)
        return;
    const int bin = modulo(i, bins), ph = bin / bins_x, pw = modulo(bin, bins_x), c = i / bins;
    const int image = ROI_IMAGE(r);
    global const float *box = rois + rois_at + 4 * (long)r;
    float best = 0;
    if (image >= 0 && roi_within(box, scale)) {
        const struct axis ay = roi_axis(box[1], box[3], scale, aligned, bins_y, ratio, height);
        const struct axis ax = roi_axis(box[0], box[2], scale, aligned, bins_x, ratio, width);
        const int2 ys = bin_range(&ay, ph), xs = bin_range(&ax, pw);
        const bool clipped = ys.y - ys.x < ay.grid || xs.y - xs.x < ax.grid;
        x += x_at + ((long)image * channels + c) * height * width;
        best = clipped || ay.grid <= 0 || ax.grid <= 0 ? 0 : -INFINITY;
        for (int iy = ys.x; iy < ys.y; iy++)
            for (int ix = xs.x; ix < xs.y; ix++) {
                struct sample sy, sx;
                float top = 0;
                if (bin_sample(&ay, ph, iy, &sy) && bin_sample(&ax, pw, ix, &sx)) {
                    global const float *low = x + (long)sy.low * width, *high = x + (long)sy.high * width;
                    const float wy = 1 - sy.weight, wx = 1 - sx.weight;
                    top = fmax(fmax(wy * wx * low[sx.low], wy * sx.weight * low[sx.high]),
                               fmax(sy.weight * wx * high[sx.low],
                                    sy.weight * sx.weight * high[sx.high]));
                }
                best = fmax(best, top);
            }
    }
    y[y_at + (long)r * each + i] = best;
}
