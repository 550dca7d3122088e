/* A form of a channel in which whatever one tap of a sliding window reads for neighbouring outputs
 * lies side by side, so that the CPU twins of convolution and pooling compute many outputs at a
 * time.
 *
 * An axis is cut into slots, one for each remainder that the position of a tap can leave by the
 * stride, padding included. The outputs of a plane are numbered in rows of a slot's length; then
 * each tap lies a fixed distance away from its output's number. Numbers past the end of a row of
 * outputs are computed too, and not kept. */
#ifndef DCL_OPS_SPREAD_H
#define DCL_OPS_SPREAD_H

#include "ops/window.h"

#define DCL_COLUMNS 128 /* outputs that are computed together */

/* A channel: [slot z][slot y][slot x][z][y][x]. */
struct dcl_spread {
    int64_t slots[3], length[3];
    int64_t slot, channel; /* elements of a slot and of a channel */
};

/* Neighbouring numbers that are outputs of one row. */
struct dcl_run {
    int64_t from, to, n; /* first of the numbers, first output in its plane */
};

/* Describe the form, or fail when `channels` of it are more than the host can address. Sets how
 * many bytes they take, with what the numbers after the last output read. */
enum detcl_status dcl_spread_describe(const struct dcl_call *call, const struct dcl_window *w,
                                      int64_t channels, struct dcl_spread *s, size_t *bytes);

/* Where tap k of output 0 lies, counting the taps of one channel, then of the next. */
int64_t dcl_spread_tap(const struct dcl_window *w, const struct dcl_spread *s, int64_t k);

/* Fill the memory of `channels` with the padding, once: what is written there later leaves it. */
void dcl_spread_padding(const struct dcl_spread *s, int64_t channels, float pad, float *to);

/* Write one channel in this form. */
void dcl_spread_channel(const struct dcl_window *w, const struct dcl_spread *s, const float *x,
                        float *to);

/* How many numbers the outputs of one plane take. */
static inline int64_t dcl_spread_numbers(const struct dcl_window *w, const struct dcl_spread *s)
{
    return (w->out[1] - 1) * s->length[2] + w->out[2];
}

/* The outputs among numbers first .. first + DCL_COLUMNS of plane z; returns how many runs there
 * are.
 */
int dcl_spread_runs(const struct dcl_window *w, const struct dcl_spread *s, int64_t z,
                    int64_t first, struct dcl_run runs[DCL_COLUMNS]);

#endif
