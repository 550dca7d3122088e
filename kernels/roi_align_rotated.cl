/* y[r, c, i, j] = the mean, over rows x columns samples of bin (i, j) of rotated RoI r, of channel
 * c of its image, bilinear; see roi_rotated.h. x: [images, channels, height, width], rois [n, 6],
 * y: [n, channels, bins_h, bins_w]. Mapping: one work-item a bin and CHANNELS channels, which share
 * the positions. */
#include "roi_rotated.h"

#define CHANNELS 8

kernel void roi_align_rotated(TENSOR(const float, x), TENSOR(const float, rois), TENSOR(float, y),
                              const int images, const int channels, const int height,
                              const int width, const int bins_h, const int bins_w,
                              const float scale, const int ratio, const int angle)
{
    const int bin = (int)get_global_id(0), first = (int)get_global_id(1) * CHANNELS;
    const int n = (int)get_global_id(2);
    if (bin >= bins_h * bins_w || first >= channels)
        return;
    OPEN(x);
    OPEN(y);
    const struct roi r =
        roi_open(rois + rois_at + 6 * (long)n, images, scale, ratio, angle, bins_h, bins_w);
    const long plane = (long)height * width, bins = (long)bins_h * bins_w;
    float sum[CHANNELS];
    for (int c = 0; c < CHANNELS; c++)
        sum[c] = 0;
    if (r.image >= 0 && plane > 0) {
        x += ((long)r.image * channels + first) * plane;
        const int last = min(channels - first, CHANNELS) - 1;
        for (int k = 0; k < r.rows * r.columns; k++) {
            struct roi_sample s;
            const int row = k / r.columns;
            if (!roi_sample(&r, bin / bins_w, modulo(bin, bins_w), row, k - row * r.columns, height,
                            width, &s))
                continue;
            global const float *top = x + (long)s.top * width;
            global const float *bottom = x + (long)s.bottom * width;
            for (int c = 0; c < CHANNELS; c++) {
                const long at = min(c, last) * plane;
                sum[c] += s.weight[0] * top[at + s.left] + s.weight[1] * top[at + s.right] +
                          s.weight[2] * bottom[at + s.left] + s.weight[3] * bottom[at + s.right];
            }
        }
    }
    const float count = (float)max(r.rows * r.columns, 1);
    y += ((long)n * channels + first) * bins + bin;
    for (int c = 0; c < CHANNELS && first + c < channels; c++)
        y[c * bins] = sum[c] / count;
}
