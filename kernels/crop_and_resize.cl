/* y[r, c, oy, ox] = image x[batch[r], c] sampled on a grid that spans box r (host/ops/crop_and_resize.c).
 * Layout: dense. Mapping: id 0 = channel and output pixel, id 1 = box; bounds `each`, n_rois by the grid. */
#include "roi.h"

/* Where output pixel i of `size` lies along an axis of `extent` pixels. */
float crop_at(const float low, const float high, const int i, const int size, const int extent)
{
    const float last = (float)(extent - 1);
    if (size == 1)
        return 0.5f * (low + high) * last;
    return low * last + (float)i * quotient((high - low) * last, (float)(size - 1));
}

kernel void crop_and_resize(TENSOR(const float, x), ROIS, TENSOR(float, y), const int channels,
                            const int height, const int width, const int out_height,
                            const int out_width, const int nearest, const float outside,
                            const int each)
{
    const int i = (int)get_global_id(0), r = (int)get_global_id(1), pixels = out_height * out_width;
    if (i >= each)
        return;
    const int c = i / pixels, p = modulo(i, pixels);
    const int image = ROI_IMAGE(r);
    global const float *box = rois + rois_at + 4 * (long)r;
    const float py = crop_at(box[1], box[3], p / out_width, out_height, height);
    const float px = crop_at(box[0], box[2], modulo(p, out_width), out_width, width);
    const bool inside = py >= 0 && py <= (float)(height - 1) && px >= 0 && px <= (float)(width - 1);
    float v = image < 0 ? 0 : outside;
    if (image >= 0 && inside) {
        x += x_at + ((long)image * channels + c) * height * width;
        if (nearest) {
            v = x[(long)round(py) * width + (long)round(px)];
        } else {
            const int top = (int)py, left = (int)px;
            const int bottom = (int)ceil(py), right = (int)ceil(px);
            const float wy = py - (float)top, wx = px - (float)left;
            global const float *a = x + (long)top * width, *b = x + (long)bottom * width;
            const float upper = a[left] + (a[right] - a[left]) * wx;
            const float lower = b[left] + (b[right] - b[left]) * wx;
            v = upper + (lower - upper) * wy;
        }
    }
    y[y_at + (long)r * each + i] = v;
}
