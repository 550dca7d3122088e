#include "check.h"

#include <math.h>

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)
#define AT(...) DCL_RANGE(DETCL_F32, -0.3f, 1.3f, __VA_ARGS__)

/* A transcription of equation 3 with torch 1.13: grid_sample of each level on float64 operands,
 * zeros, align_corners off. */
static void golden(struct dcl_check *c)
{
    static float value[192], at[96], weights[48];
    static const float y[] = {0.539505406f,  -0.581322437f,   0.0364720842f,  -0.169015427f,
                              0.97396315f,   -0.2018005f,     0.0346259445f,  -0.0226079654f,
                              0.071505621f,  -0.0405781481f,  0.30918256f,    0.394392781f,
                              0.854374785f,  -0.717710668f,   0.175993009f,   0.140321135f,
                              -0.555954913f, 0.465163495f,    -0.0823797186f, -0.0151656096f,
                              1.0841933f,    -0.231923928f,   -0.109764023f,  0.0994358961f,
                              0.724071037f,  -0.679501766f,   0.0803725402f,  -0.302532205f,
                              0.147675513f,  -0.0752297135f,  -0.564405576f,  -0.351156838f,
                              0.45279441f,   -0.00306805394f, 0.187642931f,   0.0910336606f};
    for (int i = 0; i < 192; i++)
        value[i] = (float)(i * 5 % 17) * 0.25f - 2;
    for (int i = 0; i < 96; i++)
        at[i] = (float)(i * 7 % 23) * 0.057f - 0.13f;
    for (int i = 0; i < 48; i++)
        weights[i] = (float)(i * 3 % 11) * 0.1f - 0.2f;
    dcl_check_golden(c, "spatial_shapes=3,4,2,2",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, value, 2, 16, 2, 3),
                                            DCL_DATA(DETCL_F32, at, 2, 3, 2, 2, 2, 2),
                                            DCL_DATA(DETCL_F32, weights, 2, 3, 2, 2, 2)},
                     3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 2, 3, 6)}, 1, 5e-6);
}

/* Worked by hand on 1 2 / 3 4: the middle, a corner, its edge, and what samples nothing. */
static void by_hand(struct dcl_check *c)
{
    static const float value[] = {1, 2, 3, 4};
    static const float at[] = {0.5f, 0.5f, 0.75f, 0.25f, 0,         0.25f,
                               NAN,  0.5f, 0.5f,  1e30f, -INFINITY, 0.5f};
    static const float weights[] = {2, 2, 2, 2, 2, 2}, y[] = {5, 4, 1, 0, 0, 0};
    dcl_check_golden(c, "spatial_shapes=2,2",
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, value, 1, 4, 1, 1),
                                            DCL_DATA(DETCL_F32, at, 1, 6, 1, 1, 1, 2),
                                            DCL_DATA(DETCL_F32, weights, 1, 6, 1, 1, 1)},
                     3, (struct dcl_operand[]){DCL_DATA(DETCL_F32, y, 1, 6, 1)}, 1, 0);
}

void dcl_check_ms_deform_attn(struct dcl_check *c)
{
    golden(c);
    by_hand(c);
    DCL_CASE(c, "spatial_shapes=5,7,3,4,2,2,1,1", 1, X(2, 52, 3, 32), AT(2, 23, 3, 4, 4, 2),
             X(2, 23, 3, 4, 4));
    DCL_CASE(c, "spatial_shapes=5,7,3,4", 1, X(1, 47, 2, 19), AT(1, 11, 2, 2, 3, 2),
             X(1, 11, 2, 2, 3));
    DCL_CASE(c, "spatial_shapes=3,2", 1, X(1, 6, 1, 4), AT(1, 70, 1, 1, 1, 2), X(1, 70, 1, 1, 1));
    DCL_CASE(c, "spatial_shapes=3,5", 1, X(2, 15, 1, 5), DCL_SPECIAL(2, 9, 1, 1, 3, 2),
             X(2, 9, 1, 1, 3));
    DCL_CASE(c, "spatial_shapes=0,3,1,2", 1, X(1, 2, 2, 3), AT(1, 4, 2, 2, 2, 2), X(1, 4, 2, 2, 2));
    DCL_CASE(c, "spatial_shapes=2,2", 1, X(1, 4, 2, 3), AT(1, 4, 2, 1, 0, 2), X(1, 4, 2, 1, 0));
    DCL_CASE(c, "spatial_shapes=2,2", 1, X(1, 4, 2, 3), AT(1, 0, 2, 1, 2, 2), X(1, 0, 2, 1, 2));
    DCL_CASE(c, "spatial_shapes=2,2", 1, X(1, 4, 2, 0), AT(1, 5, 2, 1, 2, 2), X(1, 5, 2, 1, 2));
    const struct dcl_operand in[] = {X(1, 6, 2, 4), AT(1, 5, 2, 1, 2, 2), X(1, 5, 2, 1, 2)};
    dcl_check_refused(c, "spatial_shapes=2,2", in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "spatial_shapes=2,3,1,1", in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "spatial_shapes=-2,-3", in, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "spatial_shapes=2,3",
                      (struct dcl_operand[]){in[0], in[1], X(1, 5, 2, 1, 3)}, 3, 1,
                      DETCL_ERROR_MODEL);
}
