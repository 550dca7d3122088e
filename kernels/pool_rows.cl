/* pool_max_rows: max pooling over small windows without dilation, on a processor with vectors.
 *
 *   y[n,c,i,j] = max of x[n,c, i sy - py + u, j sx - px + v] over u < KH, v < KW inside the image
 *
 * A NaN in the window gives NaN, an empty window -infinity. Layout: x and y planes, H, W, LANES
 * (a plane is a block of channels of an image). Mapping: one work-item a group; a group computes
 * `share` of the `parts`, the rows of y. Build options: LANES, KH, KW, SX (the column stride). */
#include "lanes.h"

#include "larger.h"

KERNEL_OF_ONE void CHAINED(pool_max_rows)(TENSOR(const float, x), TENSOR(float, y),
                                          const int height, const int width, const int out_height,
                                          const int out_width, const int stride_y,
                                          const int pad_top, const int pad_left, const int parts,
                                          const int share PLACED)
{
    OPEN(x);
    OPEN(y);
    const int begin = ID(0) * share, end = min(begin + share, parts), step = width * LANES;
    for (int part = begin; part < end; part++) {
        const int plane = part / out_height;
        const int iy = (part - plane * out_height) * stride_y - pad_top;
        const int first = max(iy, 0), rows = min(iy + KH, height) - first;
        global const float *in = x + (plane * height + first) * step;
        global float *to = y + part * out_width * LANES;
        for (int ox = 0, ix = -pad_left; ox < out_width; ox++, ix += SX, to += LANES) {
            global const float *row = in + ix * LANES;
            vec best = (vec)(-INFINITY);
            if (ix >= 0 && ix + KW <= width)
                for (int u = 0; u < rows; u++, row += step)
                    UNROLL for (int v = 0; v < KW; v++) best = larger(best, VLOAD(v, row));
            else
                for (int u = 0; u < rows; u++, row += step)
                    for (int v = 0; v < KW; v++)
                        if (ix + v >= 0 && ix + v < width)
                            best = larger(best, VLOAD(v, row));
            STORE(best, 0, to);
        }
    }
}
