/* Separable filters of planes: Gaussians and their first derivatives. */
#ifndef DCL_PROPOSE_FILTER_H
#define DCL_PROPOSE_FILTER_H

#define DCL_MAX_SIGMA 100
#define DCL_MAX_RADIUS (4 * DCL_MAX_SIGMA)

/* Taps 0..radius; the other half mirrors them, negated when `odd`. */
struct dcl_taps {
    int radius, odd;
    float tap[DCL_MAX_RADIUS + 1];
};

/* A Gaussian cut off at four sigma, with a sum of one; sigma 0..DCL_MAX_SIGMA, 0 changes nothing.
 */
void dcl_gaussian_taps(double sigma, struct dcl_taps *taps);

/* The derivative of that Gaussian, rising flanks positive. */
void dcl_derivative_taps(double sigma, struct dcl_taps *taps);

/* `out` = `in` filtered along its rows by `x`, then along its columns by `y`; the border mirrors
 * the plane, its edge pixel twice (d c b a | a b c d). `middle` has room for a plane, `row` for
 * width + 2 * DCL_MAX_RADIUS numbers. `out` may be `in`. */
void dcl_filter(const float *in, float *out, int width, int height, const struct dcl_taps *x,
                const struct dcl_taps *y, float *middle, float *row);

#endif
