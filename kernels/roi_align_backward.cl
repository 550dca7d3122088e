/* Gradient of RoI align: dx[n, c, y, x] = the sum over the RoIs of image n, in their order, and over
 * their bins of weight(y) * weight(x) * dy[r, c, bin]. The weights are the taps of kernels/roi_align.cl.
 * Layout: dy and dx in blocks of LANES channels. Every work-item owns some rows of dx, so nothing is added
 * by two at once. Mapping: id 0 = channel block, id 1 = band of `band` rows, id 2 = image. Bounds: blocks,
 * height. */
#include "lanes.h"

kernel void roi_align_backward(TENSOR(const float, dy), TENSOR(const int, head), TENSOR(const int, at),
                               TENSOR(const float, weight), TENSOR(float, dx), const int n_rois,
                               const int blocks, const int height, const int width, const int bins_y,
                               const int bins_x, const int rows, const int columns, const int band)
{
    const int cb = (int)get_global_id(0), n = (int)get_global_id(2);
    const int y0 = (int)get_global_id(1) * band, y1 = min(y0 + band, height);
    if (cb >= blocks || y0 >= height)
        return;
    dx += dx_at + ((long)n * blocks + cb) * height * width * LANES;
    for (int i = y0 * width; i < y1 * width; i++)
        VSTORE((vec)0, 0, dx + (long)i * LANES);
    for (int r = 0; r < n_rois; r++) {
        global const int *h = head + head_at + (long)r * (bins_y + bins_x + 3);
        if (h[0] != n)
            continue;
        global const int *where = at + at_at + (long)r * (rows + columns);
        global const float *w = weight + weight_at + (long)r * (rows + columns);
        global const float *g =
            dy + dy_at + ((long)r * blocks + cb) * bins_y * bins_x * LANES;
        for (int ph = 0; ph < bins_y; ph++)
            for (int k = h[1 + ph]; k < h[2 + ph]; k++) {
                if (where[k] < y0 || where[k] >= y1)
                    continue;
                global float *row = dx + (long)where[k] * width * LANES;
                for (int pw = 0; pw < bins_x; pw++) {
                    const vec v = w[k] * VLOAD(ph * bins_x + pw, g);
                    for (int m = rows + h[bins_y + 2 + pw]; m < rows + h[bins_y + 3 + pw]; m++) {
                        global float *to = row + (long)where[m] * LANES;
                        VSTORE(fma((vec)w[m], v, VLOAD(0, to)), 0, to);
                    }
                }
            }
    }
}
