#include "ops/spread.h"

#include "core/simd.h"

#define LINE 16           /* elements of a cache line */
#define SLACK DCL_COLUMNS /* what numbers after the last output read */

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

/* False when the form, or a table of its taps, is larger than any memory. */
static bool fits(const struct dcl_window *w, const struct dcl_spread *s, int64_t channels)
{
    const int64_t most = PTRDIFF_MAX / 1024;
    int64_t n = channels + 1, taps = channels;
    for (int i = 0; i < 3; i++)
        if (__builtin_mul_overflow(taps, w->kernel[i], &taps) ||
            __builtin_mul_overflow(n, s->slots[i], &n) ||
            __builtin_mul_overflow(n, s->length[i], &n))
            return false;
    return n < most && taps < most;
}

enum detcl_status dcl_spread_describe(const struct dcl_call *call, const struct dcl_window *w,
                                      int64_t channels, struct dcl_spread *s, size_t *bytes)
{
    for (int i = 0; i < 3; i++)
        describe_axis(w, i, s);
    if (!fits(w, s, channels))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "the windows take too much memory");
    s->slot = s->length[0] * s->length[1] * s->length[2];
    /* An odd number of cache lines, so that channels do not fall into the same sets of a cache. */
    const int64_t lines = dcl_ceil_div(s->slots[0] * s->slots[1] * s->slots[2] * s->slot, LINE);
    s->channel = (lines | 1) * LINE;
    *bytes = (size_t)(channels * s->channel + SLACK) * sizeof(float);
    return DETCL_OK;
}

int64_t dcl_spread_tap(const struct dcl_window *w, const struct dcl_spread *s, int64_t k)
{
    const int64_t x = k % w->kernel[2], row = k / w->kernel[2];
    const int64_t y = row % w->kernel[1], plane = row / w->kernel[1];
    const int64_t z = plane % w->kernel[0], channel = plane / w->kernel[0];
    const int64_t slot =
        (z % s->slots[0] * s->slots[1] + y % s->slots[1]) * s->slots[2] + x % s->slots[2];
    const int64_t moved = shift_of(w, s, 0, z) * s->length[1] + shift_of(w, s, 1, y);
    return channel * s->channel + slot * s->slot + moved * s->length[2] + shift_of(w, s, 2, x);
}

void dcl_spread_padding(const struct dcl_spread *s, int64_t channels, float pad, float *to)
{
    for (int64_t i = 0; i < channels * s->channel + SLACK; i++)
        to[i] = pad;
}

/* The part of an axis that taps of slot q see, without the padding: positions low .. high of the
 * slot; position i is element i * stride + first of x. */
struct part {
    int64_t low, high, first;
};

static struct part part_of(const struct dcl_window *w, const struct dcl_spread *s, int i, int64_t q)
{
    const int64_t first = q * w->dilation[i] - w->begin[i], last = w->size[i] - 1 - first;
    struct part p = {.first = first};
    p.low = first < 0 ? dcl_ceil_div(-first, w->stride[i]) : 0;
    p.high = min64(last < 0 ? 0 : last / w->stride[i] + 1, s->length[i]);
    return p;
}

static inline void copy_row(const float *x, int64_t stride, struct part p, float *to)
{
    if (stride == 1)
        for (int64_t i = p.low; i < p.high; i++)
            to[i] = x[i + p.first];
    else if (stride == 2)
        for (int64_t i = p.low; i < p.high; i++)
            to[i] = x[i * 2 + p.first];
    else
        for (int64_t i = p.low; i < p.high; i++)
            to[i] = x[i * stride + p.first];
}

DCL_VECTORISED static void spread_channel(const struct dcl_window *w, const struct dcl_spread *s,
                                          const float *x, float *to)
{
    const int64_t slots = s->slots[0] * s->slots[1] * s->slots[2];
    for (int64_t q = 0; q < slots; q++, to += s->slot) {
        const struct part px = part_of(w, s, 2, q % s->slots[2]);
        const struct part py = part_of(w, s, 1, q / s->slots[2] % s->slots[1]);
        const struct part pz = part_of(w, s, 0, q / s->slots[2] / s->slots[1]);
        for (int64_t z = pz.low; z < pz.high; z++)
            for (int64_t y = py.low; y < py.high; y++) {
                const int64_t row =
                    (z * w->stride[0] + pz.first) * w->size[1] + y * w->stride[1] + py.first;
                copy_row(x + row * w->size[2], w->stride[2], px,
                         to + (z * s->length[1] + y) * s->length[2]);
            }
    }
}

void dcl_spread_channel(const struct dcl_window *w, const struct dcl_spread *s, const float *x,
                        float *to)
{
    spread_channel(w, s, x, to);
}

int dcl_spread_runs(const struct dcl_window *w, const struct dcl_spread *s, int64_t z,
                    int64_t first, struct dcl_run runs[DCL_COLUMNS])
{
    int64_t row = first / s->length[2], column = first % s->length[2];
    int n = 0;
    for (int64_t j = 0; j < DCL_COLUMNS && row < w->out[1]; row++, column = 0) {
        const int64_t kept = min64(w->out[2] - column, DCL_COLUMNS - j);
        if (kept > 0 && n > 0 && s->length[2] == w->out[2])
            runs[n - 1].n += kept; /* nothing lies between the rows */
        else if (kept > 0)
            runs[n++] = (struct dcl_run){j, (z * w->out[1] + row) * w->out[2] + column, kept};
        j += s->length[2] - column;
    }
    return n;
}
