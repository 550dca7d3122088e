/* Weights of kernels/conv2d_winograd.cl: G w G^T for the points 0, 1, -1, 1/2, -2, infinity. */
#include "ops/conv2d.h"

#define SIDE 6
#define TAPS 3

static const double g[SIDE][TAPS] = {{1, 0, 0},
                                     {1.0 / 3, 1.0 / 3, 1.0 / 3},
                                     {-1.0 / 3, 1.0 / 3, -1.0 / 3},
                                     {-16.0 / 15, -8.0 / 15, -4.0 / 15},
                                     {1.0 / 15, -2.0 / 15, 4.0 / 15},
                                     {0, 0, 1}};

/* The 36 points of one 3 x 3 filter, `step` floats apart. */
static void transform(const float *w, float *to, int64_t step)
{
    double rows[SIDE][TAPS];
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < TAPS; j++)
            rows[i][j] = g[i][0] * (double)w[j] + g[i][1] * (double)w[TAPS + j] +
                         g[i][2] * (double)w[2 * TAPS + j];
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++)
            to[(i * SIDE + j) * step] =
                (float)(rows[i][0] * g[j][0] + rows[i][1] * g[j][1] + rows[i][2] * g[j][2]);
}

struct dcl_value *dcl_conv2d_pack_winograd(struct dcl_recorder *r, const struct dcl_conv2d *v,
                                           const float *w, const float *bias, int lanes, int blocks)
{
    const int64_t width = (int64_t)lanes * blocks, slots = dcl_ceil_div(v->out_channels, width);
    const int64_t slot = (1 + SIDE * SIDE * v->channels) * width;
    void *data;
    struct dcl_value *packed = dcl_packed(r, DETCL_F32, slots * slot, &data);
    if (!packed)
        return NULL;
    for (int64_t o = 0; o < v->out_channels; o++) {
        float *to = (float *)data + o / width * slot + o % width;
        *to = bias ? bias[o] : 0;
        for (int64_t c = 0; c < v->channels; c++)
            transform(w + (o * v->channels + c) * TAPS * TAPS, to + (1 + c) * width,
                      v->channels * width);
    }
    return packed;
}
