#include "check.h"

#include <string.h>

/* torchvision 0.14: masks_to_boxes; the third mask is empty, which torchvision refuses. */
static void torchvision(struct dcl_check *c)
{
    static const uint8_t masks[] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0,
                                    0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const float boxes[] = {1, 1, 2, 2, 3, 0, 4, 0, 0, 0, 0, 0};
    uint8_t data[60] = {0};
    memcpy(data, masks, sizeof masks);
    const struct dcl_operand in[] = {DCL_DATA(DETCL_U8, data, 3, 4, 5)};
    dcl_check_golden(c, NULL, in, 1, (struct dcl_operand[]){DCL_DATA(DETCL_F32, boxes, 3, 4)}, 1,
                     0);
}

/* One pixel in each row, at every place of wide masks. */
static void sparse(struct dcl_check *c)
{
    enum { WIDTH = 37, HEIGHT = 5, MASKS = 5 };
    uint8_t data[MASKS][HEIGHT][WIDTH];
    memset(data, 0, sizeof data);
    for (int n = 0; n < MASKS; n++)
        for (int y = n; y < HEIGHT; y++)
            data[n][y][(n * 17 + y * 11) % WIDTH] = 1;
    DCL_CASE(c, NULL, 1, DCL_DATA(DETCL_BOOL, data, MASKS, HEIGHT, WIDTH));
}

void dcl_check_masks_to_boxes(struct dcl_check *c)
{
    torchvision(c);
    sparse(c);
    DCL_CASE(c, NULL, 1, DCL_RANGE(DETCL_U8, 0, 1.02f, 67, 9, 70));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 3, 3, 16));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 2, 0, 5));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 2, 3, 0));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_BOOL, 0, 3, 5));
    const struct dcl_operand in[] = {DCL_RANDOM(DETCL_F32, 2, 3, 5), DCL_RANDOM(DETCL_U8, 3, 5)};
    dcl_check_refused(c, NULL, in, 1, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, &in[1], 1, 1, DETCL_ERROR_UNSUPPORTED);
}
