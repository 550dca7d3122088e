#include "ops/peaks.h"

#include <string.h>

const char *const dcl_peak_activations[] = {"none", "sigmoid", NULL};

static bool is_peak(const float *plane, int64_t height, int64_t width, int64_t y, int64_t x)
{
    for (int64_t i = y > 0 ? y - 1 : 0; i <= y + 1 && i < height; i++)
        for (int64_t j = x > 0 ? x - 1 : 0; j <= x + 1 && j < width; j++)
            if (plane[i * width + j] > plane[y * width + x])
                return false;
    return true;
}

void dcl_peak_keys_cpu(const float *heat, int64_t channels, int64_t height, int64_t width,
                       uint32_t *keys)
{
    for (int64_t c = 0; c < channels; c++)
        for (int64_t y = 0; y < height; y++)
            for (int64_t x = 0; x < width; x++) {
                const float *plane = heat + c * height * width;
                *keys++ = is_peak(plane, height, width, y, x)
                              ? dcl_order_key(plane[y * width + x], true)
                              : UINT32_MAX;
            }
}

enum detcl_status dcl_peak_keys_record(struct dcl_recorder *r, const struct dcl_value *heat,
                                       const struct dcl_value *keys, int64_t first)
{
    struct dcl_launch *l = dcl_launch(r, "keypoints", "", "peak_keys");
    dcl_arg_value(l, heat);
    dcl_arg_value(l, keys);
    dcl_arg_int(l, DCL_DIM(heat, 2));
    dcl_arg_int(l, DCL_DIM(heat, 3));
    dcl_arg_int(l, first);
    return dcl_grid(l, 3,
                    (size_t[]){(size_t)DCL_DIM(heat, 3), (size_t)DCL_DIM(heat, 2),
                               (size_t)(DCL_DIM(heat, 0) * DCL_DIM(heat, 1))},
                    NULL);
}

enum detcl_status dcl_detections_shape(struct dcl_call *call, int64_t n, int64_t k)
{
    for (int i = 0; i < 4; i++)
        if (!dcl_has_out(call, i))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "output %d is absent", i);
    call->out[0]->desc = (struct detcl_desc){.dtype = DETCL_F32, .rank = 3, .dims = {n, k, 4}};
    call->out[1]->desc = (struct detcl_desc){.dtype = DETCL_F32, .rank = 2, .dims = {n, k}};
    call->out[2]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 2, .dims = {n, k}};
    call->out[3]->desc = (struct detcl_desc){.dtype = DETCL_I32, .rank = 1, .dims = {n}};
    for (int i = 0; i < 3; i++)
        call->out[i]->count = call->out[3];
    return DETCL_OK;
}

void dcl_detections_clear(const struct dcl_call *call, int64_t at)
{
    memset((float *)call->out[0]->data + 4 * at, 0, 4 * sizeof(float));
    ((float *)call->out[1]->data)[at] = 0;
    ((int32_t *)call->out[2]->data)[at] = -1;
}
