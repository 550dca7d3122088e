/* Sampling at the positions of a grid and its gradients; modes, padding and formulas in
 * host/ops/grid_sample.c.
 *
 *   y[n, c, p] = sum over i, j of wy[i] wx[j] x[n, c, row i, column j]
 *
 * Layout: x [N, C, height, width], grid [N, pixels, 2] (x, y), y [N, C, pixels]. Mapping:
 * grid_sample_f32: one work-item a pixel and `chunk` channels. grid_sample_backward_x: one
 * work-item a plane, which adds to it pixel after pixel. grid_sample_backward_grid: one work-item a
 * pixel. Bounds: pixels; planes. */
#define LINEAR 0
#define NEAREST 1
#define CUBIC 2
#define ZEROS 0
#define REFLECTION 2

/* What one axis reads: elements (-1: outside), weights and their slopes; `scale` is how far the
 * position moves, in elements, when the grid's coordinate does. */
struct taps {
    int count, at[4];
    float weight[4], slope[4], scale;
};

/* Bring position p into the map; `*scale` follows. */
static float padded(const float position, const int size, const int padding, const int align,
                    float *scale)
{
    const float last = (float)(size - 1);
    float p = position;
    if (padding == ZEROS)
        return p;
    if (padding == REFLECTION) {
        const float low = align ? 0.0f : -0.5f, span = align ? last : (float)size;
        if (span <= 0) {
            p = fabs(p) < INFINITY ? 0.0f : NAN;
        } else {
            const float far = fabs(p - low), flips = floor(far / span);
            const float extra = far - flips * span;
            const bool odd = flips - 2 * floor(flips * 0.5f) != 0;
            *scale *= (p < low) != odd ? -1.0f : 1.0f;
            p = odd ? span - extra + low : extra + low;
        }
    }
    if (p <= 0 || p >= last)
        *scale = 0.0f;
    return p <= 0 ? 0.0f : p >= last ? last : p;
}

static struct taps taps_of(const float coordinate, const int size, const int mode,
                           const int padding, const int align)
{
    struct taps t;
    const float last = (float)(size - 1), one = coordinate + 1, a = -0.75f;
    float p = align ? one * 0.5f * last : (one * (float)size - 1) * 0.5f, unused = 0;
    t.scale = (align ? last : (float)size) * 0.5f;
    if (mode != CUBIC)
        p = padded(p, size, padding, align, &t.scale);
    else if (!(fabs(p) < INFINITY))
        p = NAN;
    const float base = mode == NEAREST ? rint(p) : floor(p), f = p - base;
    t.count = mode == CUBIC ? 4 : mode == LINEAR ? 2 : 1;
    for (int k = 0; k < t.count; k++) {
        const float q = base + (float)(mode == CUBIC ? k - 1 : k);
        const float in = mode == CUBIC ? padded(q, size, padding, align, &unused) : q;
        t.at[k] = in >= 0 && in <= last ? (int)in : -1;
        const float d = k < 2 ? f + 1 - k : k - 1 - f, sign = k < 2 ? 1.0f : -1.0f;
        if (mode == CUBIC && (k == 1 || k == 2)) {
            t.weight[k] = ((a + 2) * d - (a + 3)) * d * d + 1;
            t.slope[k] = sign * (3 * (a + 2) * d - 2 * (a + 3)) * d;
        } else if (mode == CUBIC) {
            t.weight[k] = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
            t.slope[k] = sign * ((3 * a * d - 10 * a) * d + 8 * a);
        } else {
            t.weight[k] = mode == NEAREST ? 1.0f : k ? f : 1 - f;
            t.slope[k] = mode == NEAREST ? 0.0f : k ? 1.0f : -1.0f;
        }
    }
    return t;
}

kernel void grid_sample_f32(TENSOR(const float, x), TENSOR(const float, grid), TENSOR(float, y),
                            const int height, const int width, const int pixels, const int mode,
                            const int padding, const int align, const int channels, const int chunk)
{
    const int p = (int)get_global_id(0), first = (int)get_global_id(1) * chunk;
    const int n = (int)get_global_id(2), end = min(channels, first + chunk);
    if (p >= pixels)
        return;
    grid += grid_at + 2 * (n * pixels + p);
    const struct taps tx = taps_of(grid[0], width, mode, padding, align);
    const struct taps ty = taps_of(grid[1], height, mode, padding, align);
    int count = 0, at[16];
    float weight[16];
    for (int i = 0; i < ty.count; i++)
        for (int j = 0; j < tx.count; j++)
            if (ty.at[i] >= 0 && tx.at[j] >= 0) {
                at[count] = ty.at[i] * width + tx.at[j];
                weight[count++] = ty.weight[i] * tx.weight[j];
            }
    x += x_at + (n * channels + first) * height * width;
    y += y_at + (n * channels + first) * pixels + p;
    for (int c = first; c < end; c++, x += height * width, y += pixels) {
        float sum = 0.0f;
        for (int k = 0; k < count; k++)
            sum += weight[k] * x[at[k]];
        *y = sum;
    }
}

kernel void grid_sample_backward_x(TENSOR(const float, grid), TENSOR(const float, grad),
                                   TENSOR(float, grad_x), const int height, const int width,
                                   const int pixels, const int mode, const int padding,
                                   const int align, const int channels, const int planes)
{
    const int plane = (int)get_global_id(0);
    if (plane >= planes)
        return;
    grid += grid_at + 2 * (plane / channels * pixels);
    grad += grad_at + plane * pixels;
    grad_x += grad_x_at + plane * height * width;
    for (int i = 0; i < height * width; i++)
        grad_x[i] = 0.0f;
    for (int p = 0; p < pixels; p++) {
        const struct taps tx = taps_of(grid[2 * p], width, mode, padding, align);
        const struct taps ty = taps_of(grid[2 * p + 1], height, mode, padding, align);
        for (int i = 0; i < ty.count; i++)
            for (int j = 0; j < tx.count; j++)
                if (ty.at[i] >= 0 && tx.at[j] >= 0)
                    grad_x[ty.at[i] * width + tx.at[j]] += ty.weight[i] * tx.weight[j] * grad[p];
    }
}

kernel void grid_sample_backward_grid(TENSOR(const float, x), TENSOR(const float, grid),
                                      TENSOR(const float, grad), TENSOR(float, grad_grid),
                                      const int height, const int width, const int pixels,
                                      const int mode, const int padding, const int align,
                                      const int channels)
{
    const int p = (int)get_global_id(0), n = (int)get_global_id(1);
    if (p >= pixels)
        return;
    grid += grid_at + 2 * (n * pixels + p);
    const struct taps tx = taps_of(grid[0], width, mode, padding, align);
    const struct taps ty = taps_of(grid[1], height, mode, padding, align);
    x += x_at + n * channels * height * width;
    grad += grad_at + n * channels * pixels + p;
    float along_x = 0.0f, along_y = 0.0f;
    for (int c = 0; c < channels; c++, x += height * width, grad += pixels)
        for (int i = 0; i < ty.count; i++)
            for (int j = 0; j < tx.count; j++)
                if (ty.at[i] >= 0 && tx.at[j] >= 0) {
                    const float v = x[ty.at[i] * width + tx.at[j]] * *grad;
                    along_x += ty.weight[i] * tx.slope[j] * v;
                    along_y += ty.slope[i] * tx.weight[j] * v;
                }
    grad_grid += grad_grid_at + 2 * (n * pixels + p);
    grad_grid[0] = along_x * tx.scale;
    grad_grid[1] = along_y * ty.scale;
}
