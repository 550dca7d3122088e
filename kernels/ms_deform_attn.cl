/* Multi-scale deformable attention; formula in host/ops/ms_deform_attn.c.
 *
 *   y[n, q, m, d] = sum over l, p of weight[n, q, m, l, p] * value of level l, head m, channel d at
 *                   (x * W - 0.5, y * H - 0.5)
 *
 * Layout: value [N, pixels, heads, width], locations [N, queries, heads, levels, points, 2] (x, y),
 * weights the same without the 2, extents [levels][3]: height, width, first pixel. Mapping: one
 * work-item LANES channels of a head of a query; bounds: queries * heads. Build option: LANES. */
#include "bilinear.h"
#include "lanes.h"

/* The first `count` lanes; what is behind them is not read. */
static vec load(global const float *from, const int count)
{
    if (count == LANES)
        return VLOAD(0, from);
    float lane[LANES];
    for (int i = 0; i < LANES; i++)
        lane[i] = i < count ? from[i] : 0.0f;
    return VLOAD(0, lane);
}

kernel void ms_deform_attn_f32(TENSOR(const float, value), TENSOR(const float, locations),
                               TENSOR(const float, weights), TENSOR(const int, extents),
                               TENSOR(float, y), const int pixels, const int heads, const int width,
                               const int queries, const int levels, const int points)
{
    OPEN(value);
    OPEN(locations);
    OPEN(weights);
    OPEN(extents);
    OPEN(y);
    const int qm = (int)get_global_id(0), d = (int)get_global_id(1) * LANES;
    const int n = (int)get_global_id(2), row = n * queries * heads + qm;
    if (qm >= queries * heads)
        return;
    const int count = min(LANES, width - d);
    value += (n * pixels * heads + modulo(qm, heads)) * width + d;
    locations += 2 * row * levels * points;
    weights += row * levels * points;
    vec sum = (vec)0.0f;
    for (int l = 0; l < levels; l++) {
        const int h = extents[3 * l], w = extents[3 * l + 1];
        global const float *level = value + extents[3 * l + 2] * heads * width;
        for (int p = 0; p < points; p++, locations += 2, weights++) {
            const struct around s =
                bilinear(locations[1] * (float)h - 0.5f, locations[0] * (float)w - 0.5f, h, w, -1);
            const int4 at = s.at * (heads * width);
            const float4 f = s.weight * *weights;
            if (s.at.s0 >= 0)
                sum += f.s0 * load(level + at.s0, count);
            if (s.at.s1 >= 0)
                sum += f.s1 * load(level + at.s1, count);
            if (s.at.s2 >= 0)
                sum += f.s2 * load(level + at.s2, count);
            if (s.at.s3 >= 0)
                sum += f.s3 * load(level + at.s3, count);
        }
    }
    y += row * width + d;
    if (count == LANES) {
        VSTORE(sum, 0, y);
    } else {
        float lane[LANES];
        VSTORE(sum, 0, lane);
        for (int i = 0; i < count; i++)
            y[i] = lane[i];
    }
}
