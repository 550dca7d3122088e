/* join_channels_last: maps x_i [N, C_i, H, W] joined along their channels and written pixel by
 * pixel: y [N, H W, sum of C_i], as heads of detectors end in a row of numbers for each place. The
 * same as Concat (axis 1), Reshape and Transpose of ONNX, in one pass from channel blocks as they
 * are. */
#include "ops/join_channels_last.h"
#include "ops/record.h"

#include <stdio.h>

#define SPAN 32 /* pixels that a work-item of a processor copies */

static const struct dcl_attr_spec specs[] = {DCL_ATTRS_END};

static int64_t pixels_of(const struct dcl_call *call)
{
    return DCL_DIM(call->in[0], 2) * DCL_DIM(call->in[0], 3);
}

static enum detcl_status infer(struct dcl_call *call)
{
    int64_t channels = 0;
    for (int i = 0; i < call->n_in; i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        DCL_TRY(call->error, dcl_need_rank(call, i, 4));
        for (int k = 0; k < 4; k++)
            if (k != 1 && DCL_DIM(call->in[i], k) != DCL_DIM(call->in[0], k))
                return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                                     "input %d does not fit the first along axis %d", i, k);
        channels += DCL_DIM(call->in[i], 1);
    }
    int64_t pixels;
    if (channels > INT32_MAX ||
        __builtin_mul_overflow(DCL_DIM(call->in[0], 2), DCL_DIM(call->in[0], 3), &pixels))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the extent overflows");
    call->out[0]->desc =
        (struct detcl_desc){DETCL_F32, 3, {DCL_DIM(call->in[0], 0), pixels, channels}};
    return DETCL_OK;
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const int64_t pixels = pixels_of(call), total = DCL_DIM(call->out[0], 2);
    int64_t first = 0;
    for (int i = 0; i < call->n_in; first += DCL_DIM(call->in[i++], 1)) {
        const float *x = call->in[i]->data;
        for (int64_t n = 0; n < DCL_DIM(call->in[0], 0); n++) {
            float *y = (float *)call->out[0]->data + n * pixels * total + first;
            for (int64_t c = 0; c < DCL_DIM(call->in[i], 1); c++)
                for (int64_t p = 0; p < pixels; p++)
                    y[p * total + c] = *x++;
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const bool simd = dcl_limits(r)->profile == DCL_PROFILE_SIMD;
    const int64_t pixels = pixels_of(call), span = simd ? SPAN : 1;
    char options[32];
    snprintf(options, sizeof options, "-DLANES=%d", call->in[0]->block);
    struct dcl_launch *l = dcl_launch(r, "join_channels_last", options, "join_channels_last_f32");
    for (int i = 0; i < DCL_JOIN_INPUTS; i++) {
        dcl_arg_value(l, i < call->n_in ? call->in[i] : NULL);
        dcl_arg_int(l, i < call->n_in ? DCL_DIM(call->in[i], 1) : 0);
    }
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, pixels);
    dcl_arg_int(l, DCL_DIM(call->out[0], 2));
    dcl_arg_int(l, span);
    return dcl_grid(
        l, 2, (size_t[]){(size_t)((pixels + span - 1) / span), (size_t)DCL_DIM(call->in[0], 0)},
        simd ? (size_t[]){1, 1} : NULL);
}

static struct dcl_layout layout(const struct dcl_call *call, int block)
{
    (void)block;
    return (struct dcl_layout){DCL_LAYOUT_FOLLOW, (1u << call->n_in) - 1, 0};
}

const struct dcl_op dcl_op_join_channels_last = {
    .name = "join_channels_last",
    .attrs = specs,
    .attrs_size = 1,
    .min_in = 1,
    .max_in = DCL_JOIN_INPUTS,
    .max_out = 1,
    .source = "ONNX Concat, Reshape and Transpose, composed",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
    .layout = layout,
};
