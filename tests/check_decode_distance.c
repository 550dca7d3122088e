#include "check.h"

/* FCOS, section 3.1 and the root in its own code, in double (numpy). */
static void maps(struct dcl_check *c)
{
    static const float cls0[] = {-0.56f, 0.74f,  -0.59f, 0.84f, -0.02f, 0.22f,  0.53f, 0.04f,
                                 -0.41f, -0.62f, -0.84f, 0.48f, -0.12f, -0.68f, 0.76f, -0.45f};
    static const float cls1[] = {-0.17f, -0.41f, 0.26f, 0.16f};
    static const float dist0[] = {0.6f,  1.41f, 1.29f, 1.47f, 1.02f, 2.13f, 2.01f, 2.79f,
                                  2.76f, 1.86f, 2.85f, 1.77f, 1.2f,  1.68f, 2.85f, 0.48f,
                                  3,     0.09f, 0.84f, 2.91f, 1.44f, 1.8f,  2.22f, 2.55f,
                                  3,     0.18f, 2.88f, 0.6f,  1.89f, 0.27f, 1.62f, 0.09f};
    static const float dist1[] = {2.82f, 2.49f, 2.34f, 1.5f, 2.79f, 0.78f, 1.89f, 0.39f};
    static const float centre0[] = {0.27f, 0.62f, 0.85f, 0.83f, 0.65f, -0.81f, -0.28f, -0.93f};
    static const float centre1[] = {0.09f, 0.59f};
    static const float boxes[] = {
        -0.8f,  -18.08f, 28,      28,      0.72f,  -10.88f, 12.72f,  5.44f,  9.68f,  -18.8f,
        26.72f, 27.04f,  16.24f,  -10.16f, 51.28f, 8.8f,    -4.16f,  2.4f,   15.52f, 27.12f,
        -5.04f, -1.44f,  26.4f,   14.16f,  3.92f,  -10.8f,  37.76f,  24.96f, 5.68f,  8.16f,
        48.4f,  12.72f,  -37.12f, -29.44f, 52.64f, 38.24f,  -15.84f, -16,    36.48f, 14.24f};
    static const float scores[] = {0.45405417f, 0.47562615f, 0.66347213f, 0.47690082f, 0.49984664f,
                                   0.45961436f, 0.69740927f, 0.65587482f, 0.57028089f, 0.55571444f,
                                   0.41329318f, 0.32176336f, 0.52054143f, 0.54156374f, 0.37985685f,
                                   0.33190327f, 0.48896844f, 0.54315181f, 0.50660256f, 0.5893746f};
    const struct dcl_operand in[] = {
        DCL_DATA(DETCL_F32, cls0, 1, 2, 2, 4),    DCL_DATA(DETCL_F32, cls1, 1, 2, 1, 2),
        DCL_DATA(DETCL_F32, dist0, 1, 4, 2, 4),   DCL_DATA(DETCL_F32, dist1, 1, 4, 1, 2),
        DCL_DATA(DETCL_F32, centre0, 1, 1, 2, 4), DCL_DATA(DETCL_F32, centre1, 1, 1, 1, 2)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, boxes, 1, 10, 4),
                                      DCL_DATA(DETCL_F32, scores, 1, 10, 2)};
    dcl_check_golden(c, "height=16 width=32 strides=8,16 root=1", in, 6, out, 2, 1e-5);
    dcl_check_refused(c, "height=16 width=32 strides=8,16", in, 5, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=32 width=16 strides=8,16", in, 6, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=16 width=32 strides=8", in, 6, 2, DETCL_ERROR_MODEL);
}

/* Generalized Focal Loss, eq. 5, with NanoDet's points at the cells' corners, in double (numpy). */
static void rows_of_bins(struct dcl_check *c)
{
    static const float rows[] = {-1.8f,  -1.24f, -0.54f, -1.02f, 1.18f,  -0.6f,  0.56f,
                                 -0.02f, 0.34f,  1.76f,  1.78f,  -1.56f, 1.38f,  -0.62f,
                                 -1.6f,  -0.46f, 0.04f,  1.84f,  -0.52f, -1.96f, 1.44f,
                                 -1.56f, -0.08f, 1.4f,   0.06f,  -0.22f};
    static const float boxes[] = {-16.924269f, -11.668016f, 25.431538f, 12.907602f,
                                  -7.1625897f, -1.9937377f, 22.145353f, 7.2083094f};
    static const float scores[] = {-1.8f, -0.62f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, rows, 1, 2, 13)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, boxes, 1, 2, 4),
                                      DCL_DATA(DETCL_F32, scores, 1, 2, 1)};
    dcl_check_golden(c, "height=16 width=32 strides=16 bins=3 offset=0 activation=none", in, 1, out,
                     2, 1e-5);
    dcl_check_refused(c, "height=16 width=32 strides=16 bins=4", in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=16 width=32 strides=8 bins=3", in, 1, 2, DETCL_ERROR_MODEL);
}

void dcl_check_decode_distance(struct dcl_check *c)
{
    maps(c);
    rows_of_bins(c);
    DCL_CASE(c, "height=40 width=24 strides=8", 2, DCL_RANDOM(DETCL_F32, 3, 5, 5, 3),
             DCL_RANDOM(DETCL_F32, 3, 4, 5, 3));
    DCL_CASE(c, "height=24 width=40 strides=8", 2, DCL_RANDOM(DETCL_F32, 2, 3, 3, 5),
             DCL_RANDOM(DETCL_F32, 2, 32, 3, 5), DCL_RANDOM(DETCL_F32, 2, 1, 3, 5));
    DCL_CASE(c, "height=16 width=16 strides=8,16 bins=8", 2, DCL_RANDOM(DETCL_F32, 2, 5, 39));
    DCL_CASE(c, "height=8 width=24 strides=8", 2, DCL_SPECIAL(1, 2, 1, 3), DCL_SPECIAL(1, 4, 1, 3));
    DCL_CASE(c, "height=8 width=8 strides=8", 2, DCL_RANDOM(DETCL_F32, 0, 1, 1, 1),
             DCL_RANDOM(DETCL_F32, 0, 4, 1, 1));
}
