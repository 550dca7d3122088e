/* RoI pooling with rounded bounds (host/ops/roi_pool.c, psroi_pool.c) and its gradient. roi_bins finds the
 * pixels of all bins once a RoI:
 *   ranges  [R][1 + 2 (bins_y + bins_x)]: image or -1, then first and end of each row of bins, of each
 *           column of bins. Nothing lies outside of the map
 * Layout of x: N, C/LANES, H, W, LANES, which is dense where LANES is 1; all else is dense. */
#include "lanes.h"
#include "roi.h"

/* Mapping: id 0 = RoI, id 1 = row or column of bins. Bounds: n_rois, the grid. */
kernel void roi_bins(ROIS, TENSOR(int, ranges), const int height, const int width, const int bins_y,
                     const int bins_x, const float scale, const int one)
{
    const int r = (int)get_global_id(0), b = (int)get_global_id(1);
    if (r >= n_rois)
        return;
    global const float *box = rois + rois_at + 4 * (long)r;
    const int image = ROI_IMAGE(r);
    int2 range = (int2)(0);
    if (image >= 0 && roi_within(box, scale))
        range = b < bins_y ? rounded_bin(box[1], box[3], scale, one, bins_y, b, height)
                           : rounded_bin(box[0], box[2], scale, one, bins_x, b - bins_y, width);
    ranges += ranges_at + (long)r * (1 + 2 * (bins_y + bins_x));
    if (b == 0)
        ranges[0] = image;
    ranges[1 + 2 * b] = range.x;
    ranges[2 + 2 * b] = range.y;
}

/* y = the largest pixel of each bin; argmax, unless `indices` is 0, where the first one lies. Mapping:
 * id 0 = `share` of the `parts`, which count bins fastest, then channel blocks; id 1 = RoI. */
kernel void roi_pool(TENSOR(const float, x), TENSOR(const int, ranges), TENSOR(float, y),
                     TENSOR(int, argmax), const int channels, const int height, const int width,
                     const int bins_y, const int bins_x, const int indices, const int parts,
                     const int share)
{
    const int r = (int)get_global_id(1), bins = bins_y * bins_x, begin = (int)get_global_id(0) * share;
    const int blocks = (channels + LANES - 1) / LANES, end = min(begin + share, parts);
    ranges += ranges_at + (long)r * (1 + 2 * (bins_y + bins_x));
    for (int part = begin; part < end; part++) {
        const int cb = part / bins, bin = modulo(part, bins);
        global const int *ys = ranges + 1 + 2 * (bin / bins_x);
        global const int *xs = ranges + 1 + 2 * (bins_y + modulo(bin, bins_x));
        global const float *p = x + x_at + ((long)ranges[0] * blocks + cb) * height * width * LANES;
        vec best = (vec)(ys[0] < ys[1] && xs[0] < xs[1] ? -FLT_MAX : 0.0f);
        ivec found = (ivec)(-1);
        for (int py = ys[0]; py < ys[1]; py++)
            for (int i = py * width + xs[0]; i < py * width + xs[1]; i++) {
                const vec v = VLOAD(i, p);
                const ivec more = v > best;
                best = more ? v : best;
                found = more ? (ivec)i : found;
            }
        float value[LANES];
        int where[LANES];
        VSTORE(best, 0, value);
        VSTORE(found, 0, where);
        for (int v = 0; v < min(LANES, channels - cb * LANES); v++) {
            const long to = ((long)r * channels + cb * LANES + v) * bins + bin;
            y[y_at + to] = value[v];
            if (indices)
                argmax[argmax_at + to] = where[v];
        }
    }
}

/* y = the mean of each bin, of which each reads a channel of its own. x is dense. Mapping: id 0 = channel
 * and bin, id 1 = RoI; bounds `each`, the grid. */
kernel void psroi_pool(TENSOR(const float, x), TENSOR(const int, ranges), TENSOR(float, y),
                       const int height, const int width, const int bins_y, const int bins_x,
                       const int each)
{
    const int i = (int)get_global_id(0), r = (int)get_global_id(1);
    if (i >= each)
        return;
    const int bin = modulo(i, bins_y * bins_x);
    ranges += ranges_at + (long)r * (1 + 2 * (bins_y + bins_x));
    global const int *ys = ranges + 1 + 2 * (bin / bins_x);
    global const int *xs = ranges + 1 + 2 * (bins_y + modulo(bin, bins_x));
    x += x_at + ((long)ranges[0] * each + i) * height * width;
    float sum = 0;
    for (int py = ys[0]; py < ys[1]; py++) {
        float row = 0;
        for (int px = xs[0]; px < xs[1]; px++)
            row += x[(long)py * width + px];
        sum += row;
    }
    if (ys[0] < ys[1] && xs[0] < xs[1])
        sum /= (float)(ys[1] - ys[0]) * (float)(xs[1] - xs[0]);
    y[y_at + (long)r * each + i] = sum;
}

/* dx = the sum of the gradients of all bins whose argmax a pixel is, in their order. Every work-item owns
 * a band of a plane. Mapping: id 0 = channel, id 1 = band of `band` pixels, id 2 = image; bounds channels,
 * `plane` pixels. */
kernel void roi_pool_backward(TENSOR(const float, dy), ROIS, TENSOR(const int, argmax),
                              TENSOR(float, dx), const int channels, const int plane, const int bins,
                              const int band)
{
    const int c = (int)get_global_id(0), n = (int)get_global_id(2);
    const int first = (int)get_global_id(1) * band, end = min(first + band, plane);
    if (c >= channels || first >= plane)
        return;
    dx += dx_at + ((long)n * channels + c) * plane;
    for (int p = first; p < end; p++)
        dx[p] = 0;
    for (int r = 0; r < n_rois; r++) {
        if (ROI_IMAGE(r) != n)
            continue;
        const long at = ((long)r * channels + c) * bins;
        for (int b = 0; b < bins; b++) {
            const int p = argmax[argmax_at + at + b];
            if (p >= first && p < end)
                dx[p] += dy[dy_at + at + b];
        }
    }
}
