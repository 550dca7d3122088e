/* The OpenCL launches of resize: passes over one or two neighbouring axes, from the last axes to
 * the first, through workspaces. */
#include "ops/resize.h"

#include <stdio.h>

/* The operand of a pass as outer x a x b x inner; b is an axis of one element when one axis is
 * resized. */
struct pass {
    const struct dcl_resize_axis *a, *b;
    int64_t outer, inner;
};

static const struct dcl_resize_axis single = {
    .in = 1, .out = 1, .same = true, .scale = 1, .extent = 1, .roi_end = 1, .taps = 1};

/* A product of two filters costs the product of their taps: with long ones two passes are less. */
#define LONG_FILTER 4

/* Which passes resize the tensor; returns how many. The axes behind a pass have their new extents;
 * lanes are no part of the shape. */
static int find_passes(const struct dcl_resize *r, int lanes, struct pass *passes)
{
    int n = 0;
    for (int i = r->rank - 1; i >= 0; i--) {
        if (r->axis[i].same)
            continue;
        const bool pair = i > 0 && !r->axis[i - 1].same && r->axis[i].taps <= LONG_FILTER &&
                          r->axis[i - 1].taps <= LONG_FILTER;
        struct pass p = {.a = &r->axis[i], .b = &single, .outer = 1, .inner = 1};
        for (int k = i + 1; k < r->rank; k++)
            p.inner *= r->axis[k].out;
        if (pair) {
            p.b = p.a;
            p.a = &r->axis[--i];
        }
        for (int k = 0; k < i; k++)
            p.outer *= k == 1 ? (r->axis[k].in + lanes - 1) / lanes : r->axis[k].in;
        passes[n++] = p;
    }
    return n;
}

struct table {
    const struct dcl_value *index, *weight;
};

static struct table make_table(struct dcl_recorder *recorder, const struct dcl_resize_rule *rule,
                               const struct dcl_resize_axis *axis)
{
    void *index, *weight;
    const int64_t n = axis->out * axis->taps;
    const struct table t = {dcl_packed(recorder, DETCL_I32, n, &index),
                            dcl_packed(recorder, DETCL_F32, n, &weight)};
    if (t.index && t.weight)
        dcl_resize_table(rule, axis, index, weight);
    return t;
}

static enum detcl_status record_pass(struct dcl_recorder *recorder, const struct dcl_resize *r,
                                     const struct pass *p, int lanes, const struct dcl_value *x,
                                     const struct dcl_value *y)
{
    static const char *const integers[] = {[1] = "-DT=uchar", [4] = "-DT=int", [8] = "-DT=long"};
    const bool real = x->desc.dtype == DETCL_F32, nearest = r->rule.mode == DCL_RESIZE_NEAREST;
    char options[32];
    snprintf(options, sizeof options, "-DLANES=%d", lanes);
    const struct table a = make_table(recorder, &r->rule, p->a);
    const struct table b = make_table(recorder, &r->rule, p->b);
    struct dcl_launch *l =
        dcl_launch(recorder, "resize", real ? options : integers[detcl_dtype_size(x->desc.dtype)],
                   nearest ? "resize_nearest" : "resize_f32");
    dcl_arg_value(l, x);
    dcl_arg_value(l, y);
    dcl_arg_value(l, a.index);
    dcl_arg_value(l, b.index);
    if (!nearest) {
        dcl_arg_value(l, a.weight);
        dcl_arg_value(l, b.weight);
    }
    dcl_arg_int(l, p->a->in);
    dcl_arg_int(l, p->a->out);
    dcl_arg_int(l, p->b->in);
    dcl_arg_int(l, p->b->out);
    dcl_arg_int(l, p->inner);
    dcl_arg_float(l, r->extrapolation);
    if (!nearest) {
        dcl_arg_int(l, p->a->taps);
        dcl_arg_int(l, p->b->taps);
    }
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)(p->b->out * p->inner), (size_t)p->a->out, (size_t)p->outer},
                    NULL);
}

enum detcl_status dcl_resize_record_cl(struct dcl_call *call, struct dcl_recorder *recorder)
{
    struct dcl_resize r;
    struct pass passes[DETCL_MAX_RANK];
    DCL_TRY(call->error, dcl_resize_describe(call, &r));
    const struct dcl_value *x = call->in[0];
    const int lanes = x->block;
    int n = find_passes(&r, lanes, passes);
    if (n == 0) /* nothing changes: one pass copies */
        passes[n++] = (struct pass){&single, &single, 1, dcl_stored_count(x) / lanes};
    for (int i = 0; i < n; i++) {
        const struct pass *p = &passes[i];
        const struct dcl_value *y = call->out[0];
        if (i + 1 < n)
            y = dcl_workspace(recorder, x->desc.dtype,
                              p->outer * p->a->out * p->b->out * p->inner * lanes);
        if (!y)
            return dcl_recorded(recorder);
        DCL_TRY(call->error, record_pass(recorder, &r, p, lanes, x, y));
        x = y;
    }
    return DETCL_OK;
}
