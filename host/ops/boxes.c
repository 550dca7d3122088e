#include "ops/boxes.h"

enum detcl_status dcl_need_boxes(const struct dcl_call *call)
{
    const struct detcl_desc *boxes = &call->in[0]->desc;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    if (boxes->rank < 1 || boxes->dims[boxes->rank - 1] != 4)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "boxes are not [..., 4]");
    return DETCL_OK;
}

enum detcl_status dcl_need_sizes(const struct dcl_call *call, float width, float height)
{
    if (!dcl_has_in(call, 1)) {
        if (!(width > 0 && height > 0))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                                 "an image of %g x %g; give a width and a height over 0 or sizes",
                                 (double)width, (double)height);
        return DETCL_OK;
    }
    DCL_TRY(call->error, dcl_need_dtype(call, 1, DCL_F32));
    const struct detcl_desc *boxes = &call->in[0]->desc, *sizes = &call->in[1]->desc;
    if (boxes->rank < 2 || sizes->rank != 2 || sizes->dims[0] != boxes->dims[0] ||
        sizes->dims[1] != 2)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "sizes are not [N, 2] for boxes [N, ..., 4]");
    return DETCL_OK;
}

static int64_t per_image(const struct dcl_call *call)
{
    const int64_t images = dcl_has_in(call, 1) ? DCL_DIM(call->in[1], 0) : 1;
    return images > 0 ? dcl_box_count(call) / images : 0;
}

void dcl_size_of_box(const struct dcl_call *call, int64_t i, float width, float height,
                     float size[2])
{
    const float *sizes = dcl_has_in(call, 1)
                             ? (const float *)call->in[1]->data + 2 * (i / per_image(call))
                             : (const float[]){width, height};
    size[0] = sizes[0];
    size[1] = sizes[1];
}

struct dcl_launch *dcl_box_launch(const struct dcl_call *call, struct dcl_recorder *r,
                                  const char *kernel, float width, float height)
{
    struct dcl_launch *l = dcl_launch(r, "boxes", "", kernel);
    dcl_arg_value(l, call->in[0]);
    dcl_arg_value(l, dcl_optional(call, 1));
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, dcl_box_count(call));
    dcl_arg_int(l, per_image(call));
    dcl_arg_float(l, width);
    dcl_arg_float(l, height);
    return l;
}
