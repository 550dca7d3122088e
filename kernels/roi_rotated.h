/* Where a rotated RoI is sampled; text for the kernel and the twin (host/ops/roi_align_rotated.c),
 * the same bits in both (trig.h), because a sample counts or does not by where it falls. */
#include "trig.h"

#define ROI_SAMPLES 1024 /* in a bin and direction, at most */

struct roi {
    int image;          /* -1: not there, or not valid */
    float x, y;         /* the centre, in pixels of the map, pixel centres at integers */
    float sine, cosine; /* of the counter-clockwise angle */
    float left, top;    /* of the box, relative to its centre */
    float bin_w, bin_h;
    int columns, rows; /* samples of a bin */
};

struct roi_sample {
    int left, right, top, bottom; /* pixels */
    float weight[4];              /* of top left, top right, bottom left, bottom right */
};

/* ceil(extent / bins) from 0 to ROI_SAMPLES. */
SHARED int roi_samples(const float extent, const int bins)
{
    const float guess = extent * reciprocal((float)bins);
    int n = guess >= ROI_SAMPLES ? ROI_SAMPLES : guess > 1 ? (int)guess - 1 : 0;
    while (n < ROI_SAMPLES && (float)n * (float)bins < extent)
        n++;
    return n;
}

/* data: image, cx, cy, w, h, angle. */
SHARED struct roi roi_open(global const float *data, const int images, const float scale,
                           const int ratio, const int angle, const int bins_h, const int bins_w)
{
    struct roi r = {-1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    int sane = data[0] >= 0 && data[0] < (float)images;
    for (int k = 1; k < 6; k++)
        sane &= data[k] >= -1e15f && data[k] <= 1e15f;
    if (!sane)
        return r;
    const float w = data[3] * scale, h = data[4] * scale;
    r.image = (int)data[0];
    r.x = data[1] * scale - 0.5f;
    r.y = data[2] * scale - 0.5f;
    sine_cosine(data[5], angle & 1, &r.sine, &r.cosine);
    r.sine = angle & 2 ? -r.sine : r.sine;
    r.left = -0.5f * w;
    r.top = -0.5f * h;
    r.bin_w = w * reciprocal((float)bins_w);
    r.bin_h = h * reciprocal((float)bins_h);
    r.columns = ratio > 0 ? ratio : roi_samples(w, bins_w);
    r.rows = ratio > 0 ? ratio : roi_samples(h, bins_h);
    return r;
}

/* Sample (row, column) of bin (bin_y, bin_x); false where it lies more than a pixel outside the
 * map. */
SHARED int roi_sample(const struct roi *r, const int bin_y, const int bin_x, const int row,
                      const int column, const int height, const int width, struct roi_sample *s)
{
    const float v = r->top + ((float)bin_y * r->bin_h +
                              ((float)row + 0.5f) * (r->bin_h * reciprocal((float)r->rows)));
    const float u = r->left + ((float)bin_x * r->bin_w +
                               ((float)column + 0.5f) * (r->bin_w * reciprocal((float)r->columns)));
    float y = v * r->cosine - u * r->sine + r->y, x = v * r->sine + u * r->cosine + r->x;
    if (!(y >= -1 && y <= (float)height && x >= -1 && x <= (float)width))
        return 0;
    y = y > 0 ? y : 0;
    x = x > 0 ? x : 0;
    s->top = (int)y < height - 1 ? (int)y : height - 1;
    s->left = (int)x < width - 1 ? (int)x : width - 1;
    s->bottom = s->top < height - 1 ? s->top + 1 : s->top;
    s->right = s->left < width - 1 ? s->left + 1 : s->left;
    const float down = s->bottom > s->top ? y - (float)s->top : 0;
    const float over = s->right > s->left ? x - (float)s->left : 0;
    s->weight[0] = (1 - down) * (1 - over);
    s->weight[1] = (1 - down) * over;
    s->weight[2] = down * (1 - over);
    s->weight[3] = down * over;
    return 1;
}
