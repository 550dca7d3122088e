#include "ops/spread.h"

#include "core/simd.h"

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t divisor(int64_t a, int64_t b)
{
    return b ? divisor(b, a % b) : a;
}

/* Tap k is tap k % slots moved on by this many elements. */
static int64_t shift_of(const struct dcl_window *w, const struct dcl_spread *s, int i, int64_t k)
{
    return (k - k % s->slots[i]) * w->dilation[i] / w->stride[i];
}

/* A slot for each tap needs less space than few long ones where taps are far apart. */
static void describe_axis(const struct dcl_window *w, int i, struct dcl_spread *s)
{
    int64_t each;
    s->slots[i] = min64(w->kernel[i], w->stride[i] / divisor(w->stride[i], w->dilation[i]));
    s->length[i] = w->out[i] + shift_of(w, s, i, (w->kernel[i] - 1) / s->slots[i] * s->slots[i]);
    if (!__builtin_mul_overflow(w->kernel[i], w->out[i], &each) &&
        each < s->slots[i] * s->length[i]) {
        s->slots[i] = w->kernel[i];
        s->length[i] = w->out[i];
    }
}

enum detcl_status dcl_spread_describe(const struct dcl_call *call, const struct dcl_window *w,
                                      int64_t channels, struct dcl_spread *s, size_t *bytes)
{
    size_t n = (size_t)channels;
    bool large = false;
    for (int i = 0; i < 3; i++) {
        describe_axis(w, i, s);
        large |= __builtin_mul_overflow(n, (size_t)s->slots[i], &n);
        large |= __builtin_mul_overflow(n, (size_t)s->length[i], &n);
    }
    if (large || n > PTRDIFF_MAX / 8)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "the windows take too much memory");
    s->slot = s->length[0] * s->length[1] * s->length[2];
    s->channel = s->slots[0] * s->slots[1] * s->slots[2] * s->slot;
    *bytes = (n + DCL_COLUMNS) * sizeof(float);
    return DETCL_OK;
}

void dcl_spread_taps(const struct dcl_window *w, const struct dcl_spread *s, int64_t channels,
                     int64_t *at)
{
    for (int64_t c = 0; c < channels; c++)
        for (int64_t z = 0; z < w->kernel[0]; z++)
            for (int64_t y = 0; y < w->kernel[1]; y++)
                for (int64_t x = 0; x < w->kernel[2]; x++) {
                    const int64_t rows = z % s->slots[0] * s->slots[1] + y % s->slots[1];
                    const int64_t slot = rows * s->slots[2] + x % s->slots[2];
                    const int64_t row = shift_of(w, s, 0, z) * s->length[1] + shift_of(w, s, 1, y);
                    *at++ =
                        c * s->channel + slot * s->slot + row * s->length[2] + shift_of(w, s, 2, x);
                }
}

/* to[i] = x[first + i * stride], and `pad` outside of 0 .. size. */
static void spread_row(const float *x, int64_t size, int64_t first, int64_t stride, float pad,
                       float *to, int64_t n)
{
    const int64_t low = first < 0 ? min64(dcl_ceil_div(-first, stride), n) : 0;
    const int64_t end = first < size ? min64((size - 1 - first) / stride + 1, n) : 0;
    const int64_t high = end > low ? end : low;
    for (int64_t i = 0; i < low; i++)
        to[i] = pad;
    if (stride == 1)
        for (int64_t i = low; i < high; i++)
            to[i] = x[first + i];
    else if (stride == 2)
        for (int64_t i = low; i < high; i++)
            to[i] = x[first + i * 2];
    else
        for (int64_t i = low; i < high; i++)
            to[i] = x[first + i * stride];
    for (int64_t i = high; i < n; i++)
        to[i] = pad;
}

DCL_VECTORISED void dcl_spread_channel(const struct dcl_window *w, const struct dcl_spread *s,
                                       const float *x, float pad, float *to)
{
    const int64_t slots = s->slots[0] * s->slots[1] * s->slots[2];
    for (int64_t q = 0; q < slots; q++) {
        const int64_t qx = q % s->slots[2], qy = q / s->slots[2] % s->slots[1];
        const int64_t qz = q / s->slots[2] / s->slots[1];
        for (int64_t i = 0; i < s->length[0] * s->length[1]; i++, to += s->length[2]) {
            const int64_t z = i / s->length[1] * w->stride[0] + qz * w->dilation[0] - w->begin[0];
            const int64_t y = i % s->length[1] * w->stride[1] + qy * w->dilation[1] - w->begin[1];
            const bool inside = z >= 0 && z < w->size[0] && y >= 0 && y < w->size[1];
            spread_row(inside ? x + (z * w->size[1] + y) * w->size[2] : x, inside ? w->size[2] : 0,
                       qx * w->dilation[2] - w->begin[2], w->stride[2], pad, to, s->length[2]);
        }
    }
}

int dcl_spread_runs(const struct dcl_window *w, const struct dcl_spread *s, int64_t z,
                    int64_t first, struct dcl_run runs[DCL_COLUMNS])
{
    int n = 0;
    for (int64_t j = 0; j < DCL_COLUMNS;) {
        const int64_t row = (first + j) / s->length[2], column = (first + j) % s->length[2];
        const int64_t to = (z * w->out[1] + row) * w->out[2] + column;
        const int64_t kept = min64(w->out[2] - column, DCL_COLUMNS - j);
        if (row >= w->out[1])
            break;
        if (kept > 0 && n > 0 && s->length[2] == w->out[2])
            runs[n - 1].n += kept; /* nothing lies between the rows */
        else if (kept > 0)
            runs[n++] = (struct dcl_run){j, to, kept};
        j += s->length[2] - column;
    }
    return n;
}
