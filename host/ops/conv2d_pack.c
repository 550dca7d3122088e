/* Weights in the forms that the convolution kernels read (their files describe them). Lanes, blocks
 * and steps that the convolution does not have stay zero. */
#include "ops/conv2d.h"

/* The weight of output channel `o` and input channel `c` of its group at `tap`. */
static float weight_of(const struct dcl_conv2d *v, const float *w, int64_t o, int64_t c,
                       int64_t tap)
{
    return w[(o * (v->channels / v->groups) + c) * dcl_conv2d_taps(v) + tap];
}

struct dcl_value *dcl_conv2d_pack_blocked(struct dcl_recorder *r, const struct dcl_conv2d *v,
                                          const float *w, const float *bias, int lanes, int blocks)
{
    const int64_t width = (int64_t)lanes * blocks, taps = dcl_conv2d_taps(v);
    const int64_t channels = v->channels / v->groups, outs = v->out_channels / v->groups;
    const int64_t tiles = dcl_ceil_div(outs, width), tile = (1 + channels * taps) * width;
    void *data;
    struct dcl_value *packed = dcl_packed(r, DETCL_F32, v->groups * tiles * tile, &data);
    if (!packed)
        return NULL;
    for (int64_t o = 0; o < v->out_channels; o++) {
        const int64_t lane = o % outs;
        float *to = (float *)data + (o / outs * tiles + lane / width) * tile + lane % width;
        *to = bias ? bias[o] : 0;
        for (int64_t c = 0; c < channels; c++) {
            const int64_t first = c - c % lanes;
            const int64_t count = channels - first < lanes ? channels - first : lanes;
            for (int64_t tap = 0; tap < taps; tap++)
                to[(1 + first * taps + tap * count + c - first) * width] =
                    weight_of(v, w, o, c, tap);
        }
    }
    return packed;
}

struct dcl_value *dcl_conv2d_pack_depthwise(struct dcl_recorder *r, const struct dcl_conv2d *v,
                                            const float *w, const float *bias, int lanes)
{
    const int64_t taps = dcl_conv2d_taps(v), blocks = dcl_ceil_div(v->channels, lanes);
    void *data;
    struct dcl_value *packed = dcl_packed(r, DETCL_F32, blocks * (1 + taps) * lanes, &data);
    if (!packed)
        return NULL;
    for (int64_t c = 0; c < v->channels; c++) {
        float *to = (float *)data + c / lanes * (1 + taps) * lanes + c % lanes;
        *to = bias ? bias[c] : 0;
        for (int64_t tap = 0; tap < taps; tap++)
            to[(1 + tap) * lanes] = weight_of(v, w, c, 0, tap);
    }
    return packed;
}

struct dcl_value *dcl_conv2d_pack_tiled(struct dcl_recorder *r, const struct dcl_conv2d *v,
                                        const float *w, const float *bias, int lanes, int blocks,
                                        int depth)
{
    const int64_t width = (int64_t)lanes * blocks, taps = dcl_conv2d_taps(v);
    const int64_t channels = v->channels / v->groups, outs = v->out_channels / v->groups;
    const int64_t in_blocks = dcl_ceil_div(channels, lanes);
    const int64_t steps = dcl_ceil_div(in_blocks * taps, depth) * depth;
    const int64_t tiles = dcl_ceil_div(outs, width), tile = (1 + steps * lanes) * width;
    void *data;
    struct dcl_value *packed = dcl_packed(r, DETCL_F32, v->groups * tiles * tile, &data);
    if (!packed)
        return NULL;
    for (int64_t o = 0; o < v->out_channels; o++) {
        const int64_t lane = o % outs;
        float *to = (float *)data + (o / outs * tiles + lane / width) * tile + lane % width;
        *to = bias ? bias[o] : 0;
        for (int64_t c = 0; c < channels; c++)
            for (int64_t tap = 0; tap < taps; tap++)
                to[(1 + (tap * in_blocks + c / lanes) * lanes + c % lanes) * width] =
                    weight_of(v, w, o, c, tap);
    }
    return packed;
}
