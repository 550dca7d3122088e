/* corner_pool: running maxima of a map towards a corner's sides (Law & Deng 2018, section 3.2).
 * in, out: [N, C, H, W].
 *   top     y[i, j] = max of x[i .., j]    (looks down: a top side lies below the corner)
 *   bottom  y[i, j] = max of x[.. i, j]
 *   left    y[i, j] = max of x[i, j ..]
 *   right   y[i, j] = max of x[i, .. j]
 * A NaN makes everything after it NaN. Top left corners take top + left, bottom right ones bottom +
 * right. */
#include "detcl/proposals.h"
#include "ops/record.h"
#include "ops/typed.h"

#include <math.h>

static const char *const kinds[] = {"top", "bottom", "left", "right", NULL};

enum { TOP, BOTTOM, LEFT, RIGHT };

struct attrs {
    int kind;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, NULL, kinds),
                                             DCL_ATTRS_END};

/* The map as outer lines of `length` numbers, each `inner` numbers after the last. */
struct lines {
    int64_t outer, length, inner;
    bool backwards;
};

static struct lines lines_of(const struct dcl_call *call)
{
    const int kind = ((const struct attrs *)call->attrs)->kind;
    const int64_t *dims = call->in[0]->desc.dims, planes = dims[0] * dims[1];
    const bool backwards = kind == TOP || kind == LEFT;
    const struct lines columns = {planes, dims[2], dims[3], backwards};
    const struct lines rows = {planes * dims[2], dims[3], 1, backwards};
    return kind < LEFT ? columns : rows;
}

static enum detcl_status infer(struct dcl_call *call)
{
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, 0, 4));
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct lines l = lines_of(call);
    const float *x = call->in[0]->data;
    float *y = call->out[0]->data;
    for (int64_t o = 0; l.length > 0 && o < l.outer; o++)
        for (int64_t c = 0; c < l.inner; c++) {
            float top = -INFINITY;
            for (int64_t i = 0; i < l.length; i++) {
                const int64_t place = l.backwards ? l.length - 1 - i : i;
                const int64_t at = (o * l.length + place) * l.inner + c;
                top = x[at] > top || isnan(x[at]) ? x[at] : top;
                y[at] = top;
            }
        }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct lines l = lines_of(call);
    /* Lines along rows are neighbours in no direction: number them in the first dimension. */
    const bool rows = l.inner == 1;
    const int64_t across = rows ? l.outer : l.inner, pitch = rows ? l.length : 1;
    const int64_t step = l.backwards ? -l.inner : l.inner;
    struct dcl_launch *launch = dcl_launch(r, "corner_pool", "", "corner_pool");
    dcl_arg_value(launch, call->in[0]);
    dcl_arg_value(launch, call->out[0]);
    dcl_arg_int(launch, l.length);
    dcl_arg_int(launch, across);
    dcl_arg_int(launch, pitch);
    dcl_arg_int(launch, rows ? 0 : l.length * l.inner);
    dcl_arg_int(launch, l.backwards ? (l.length - 1) * l.inner : 0);
    dcl_arg_int(launch, step);
    return dcl_grid(launch, 2,
                    (size_t[]){l.length ? (size_t)across : 0, rows ? 1 : (size_t)l.outer}, NULL);
}

const struct dcl_op dcl_op_corner_pool = {
    .name = "corner_pool",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 1,
    .source = "Law & Deng 2018 (CornerNet), section 3.2",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_corner_pool(struct detcl_context *ctx, enum detcl_corner_pool kind,
                                    struct detcl_tensor *x, struct detcl_tensor *y,
                                    const struct detcl_sync *sync)
{
    const struct attrs attrs = {.kind = (int)kind};
    return DCL_CALL_OP(ctx, corner_pool, &attrs, sync, DCL_TENSORS(x), DCL_TENSORS(y));
}
