/* Bilinear interpolation in a plane as kernels/bilinear.h does it, for the twins. */
#ifndef DCL_OPS_BILINEAR_H
#define DCL_OPS_BILINEAR_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The four pixels around a position: top left, top right, bottom left, bottom right. */
struct dcl_around {
    int64_t at[4]; /* where in the plane; -1: outside */
    double weight[4], along_y[4], along_x[4];
};

/* NaN and positions a pixel or more outside have nothing around them. */
static inline struct dcl_around dcl_bilinear(float y, float x, int64_t height, int64_t width)
{
    struct dcl_around r = {{-1, -1, -1, -1}, {0}, {0}, {0}};
    if (!(y >= -1 && y < (float)height && x >= -1 && x < (float)width))
        return r;
    const int64_t iy = (int64_t)floorf(y), ix = (int64_t)floorf(x);
    const double fy = (double)(y - floorf(y)), fx = (double)(x - floorf(x));
    for (int k = 0; k < 4; k++) {
        const bool low = k >= 2, far = k & 1;
        const int64_t row = iy + low, column = ix + far;
        if (row >= 0 && row < height && column >= 0 && column < width)
            r.at[k] = row * width + column;
        r.weight[k] = (low ? fy : 1 - fy) * (far ? fx : 1 - fx);
        r.along_y[k] = (low ? 1 : -1) * (far ? fx : 1 - fx);
        r.along_x[k] = (far ? 1 : -1) * (low ? fy : 1 - fy);
    }
    return r;
}

/* The sum of the four by `weight`; what is outside adds nothing. */
static inline double dcl_sum_around(const float *plane, const int64_t *at, const double *weight)
{
    double sum = 0;
    for (int k = 0; k < 4; k++)
        sum += at[k] >= 0 ? weight[k] * (double)plane[at[k]] : 0;
    return sum;
}

#endif
