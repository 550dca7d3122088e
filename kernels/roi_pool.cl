/* RoI pooling with rounded bounds (host/ops/roi_pool.c, psroi_pool.c) and its gradient. Layout: dense.
 * Mapping of the pools: id 0 = channel and bin, id 1 = RoI; bounds `each`, n_rois by the grid. */
#include "roi.h"

/* y = the largest pixel of each bin; argmax, unless `indices` is 0, where the first one lies. */
kernel void roi_pool(TENSOR(const float, x), ROIS, TENSOR(float, y), TENSOR(int, argmax),
                     const int channels, const int height, const int width, const int bins_y,
                     const int bins_x, const float scale, const int indices, const int each)
{
    const int i = (int)get_global_id(0), r = (int)get_global_id(1), bins = bins_y * bins_x;
    if (i >= each)
        return;
    const int c = i / bins, bin = modulo(i, bins), ph = bin / bins_x, pw = modulo(bin, bins_x);
    const int image = ROI_IMAGE(r);
    global const float *box = rois + rois_at + 4 * (long)r;
    float best = 0;
    int found = -1;
    if (image >= 0 && roi_within(box, scale)) {
        const int2 ys = rounded_bin(box[1], box[3], scale, 1, bins_y, ph, height);
        const int2 xs = rounded_bin(box[0], box[2], scale, 1, bins_x, pw, width);
        x += x_at + ((long)image * channels + c) * height * width;
        if (ys.x < ys.y && xs.x < xs.y)
            best = -FLT_MAX;
        for (int py = ys.x; py < ys.y; py++)
            for (int px = xs.x; px < xs.y; px++)
                if (x[py * width + px] > best) {
                    found = py * width + px;
                    best = x[found];
                }
    }
    y[y_at + (long)r * each + i] = best;
    if (indices)
        argmax[argmax_at + (long)r * each + i] = found;
}

/* y = the mean of each bin, of which each reads a channel of its own. */
kernel void psroi_pool(TENSOR(const float, x), ROIS, TENSOR(float, y), const int height,
                       const int width, const int bins_y, const int bins_x, const float scale,
                       const int each)
{
    const int i = (int)get_global_id(0), r = (int)get_global_id(1), bins = bins_y * bins_x;
    if (i >= each)
        return;
    const int bin = modulo(i, bins), ph = bin / bins_x, pw = modulo(bin, bins_x);
    const int image = ROI_IMAGE(r);
    global const float *box = rois + rois_at + 4 * (long)r;
    float sum = 0;
    if (image >= 0 && roi_within(box, scale)) {
        const int2 ys = rounded_bin(box[1], box[3], scale, 0, bins_y, ph, max(height - 1, 0));
        const int2 xs = rounded_bin(box[0], box[2], scale, 0, bins_x, pw, max(width - 1, 0));
        x += x_at + ((long)image * each + i) * height * width;
        for (int py = ys.x; py < ys.y; py++) {
            float row = 0;
            for (int px = xs.x; px < xs.y; px++)
                row += x[py * width + px];
            sum += row;
        }
        if (ys.x < ys.y && xs.x < xs.y)
            sum /= (float)(ys.y - ys.x) * (float)(xs.y - xs.x);
    }
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
