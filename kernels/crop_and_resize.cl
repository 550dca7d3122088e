/* y[r, c, oy, ox] = image x[batch[r], c] sampled on a grid that spans box r (host/ops/crop_and_resize.c).
 * Layout: dense. Mapping: id 0 = output pixel (all channels), id 1 = box; bounds `pixels`, the grid. */
#include "roi.h"

/* Where output pixel i of `size` lies along an axis of `extent` pixels. */
static float crop_at(const float low, const float high, const int i, const int size, const int extent)
{
    const float last = (float)(extent - 1);
    if (size == 1)
        return 0.5f * (low + high) * last;
    return low * last + (float)i * quotient((high - low) * last, (float)(size - 1));
}

kernel void crop_and_resize(TENSOR(const float, x), ROIS, TENSOR(float, y), const int channels,
                            const int height, const int width, const int out_height,
                            const int out_width, const int nearest, const float outside)
{
    const int p = (int)get_global_id(0), r = (int)get_global_id(1), pixels = out_height * out_width;
    if (p >= pixels)
        return;
    const int image = ROI_IMAGE(r);
    const long plane = (long)height * width;
    global const float *box = rois + rois_at + 4 * (long)r;
    const float py = crop_at(box[1], box[3], p / out_width, out_height, height);
    const float px = crop_at(box[0], box[2], modulo(p, out_width), out_width, width);
    const bool inside = image >= 0 && py >= 0 && py <= (float)(height - 1) && px >= 0 &&
                        px <= (float)(width - 1);
    y += y_at + (long)r * channels * pixels + p;
    if (!inside) {
        for (int c = 0; c < channels; c++)
            y[(long)c * pixels] = image < 0 ? 0 : outside;
        return;
    }
    x += x_at + (long)image * channels * plane;
    const int top = nearest ? (int)round(py) : (int)py, left = nearest ? (int)round(px) : (int)px;
    const int bottom = nearest ? top : (int)ceil(py), right = nearest ? left : (int)ceil(px);
    const float wy = py - (float)top, wx = px - (float)left;
    for (int c = 0; c < channels; c++, x += plane) {
        global const float *a = x + (long)top * width, *b = x + (long)bottom * width;
        const float upper = a[left] + (a[right] - a[left]) * wx;
        const float lower = b[left] + (b[right] - b[left]) * wx;
        y[(long)c * pixels] = nearest ? a[left] : upper + (lower - upper) * wy;
    }
}
