#include "ops/blocked.h"

/* Index of (n, c, p) in the blocked form, p = position within the H x W plane. */
static int64_t blocked_index(int64_t n, int64_t c, int64_t p, int64_t blocks, int64_t plane,
                             int block)
{
    return ((n * blocks + c / block) * plane + p) * block + c % block;
}

void dcl_to_blocked(const struct detcl_desc *desc, int block, const float *from, float *to,
                    float padding)
{
    const int64_t channels = desc->dims[1], plane = desc->dims[2] * desc->dims[3];
    const int64_t blocks = (channels + block - 1) / block;
    for (int64_t n = 0; n < desc->dims[0]; n++)
        for (int64_t c = 0; c < blocks * block; c++)
            for (int64_t p = 0; p < plane; p++)
                to[blocked_index(n, c, p, blocks, plane, block)] =
                    c < channels ? from[(n * channels + c) * plane + p] : padding;
}

void dcl_from_blocked(const struct detcl_desc *desc, int block, const float *from, float *to)
{
    const int64_t channels = desc->dims[1], plane = desc->dims[2] * desc->dims[3];
    const int64_t blocks = (channels + block - 1) / block;
    for (int64_t n = 0; n < desc->dims[0]; n++)
        for (int64_t c = 0; c < channels; c++)
            for (int64_t p = 0; p < plane; p++)
                to[(n * channels + c) * plane + p] =
                    from[blocked_index(n, c, p, blocks, plane, block)];
}
