#include "check.h"

#include <math.h>
#include <stdio.h>

#define X(...) DCL_RANDOM(DETCL_F32, __VA_ARGS__)
#define GRID(...) DCL_RANGE(DETCL_F32, -1.7f, 1.7f, __VA_ARGS__)

static const char *const modes[] = {"bilinear", "nearest", "bicubic"};
static const char *const paddings[] = {"zeros", "border", "reflection"};

/* torch 1.13, torch.nn.functional.grid_sample on float64 operands: modes, paddings, align_corners.
 */
static void golden(struct dcl_check *c)
{
    static float x[48], grid[20];
    static const float y[18][20] = {
        {0, 0.294518f, 0.266923f,  -0.690941f, 0, 0, -0.042074f, -0.115078f, 1.12706f, 0,
         0, 0.21122f,  -0.371635f, 0,          0, 0, -0.34905f,  0.676865f,  0,        0},
        {-0.307449f, 1.21394f,   1.10515f,   -0.698f,   0.00249201f, 0.153801f,  -0.41006f,
         -0.482851f, 0.57025f,   0.021716f,  0.913024f, 0.220985f,   -0.842943f, 0.374756f,
         0.518763f,  -0.368976f, -0.654994f, 1.34968f,  0.105909f,   -0.421238f},
        {-1.62463f, 1.75f,    1.3975f, -0.855125f, 0.896f, 0.625375f, -0.25f,
         -0.6025f,  1.39488f, -0.067f, 1.8575f,    0.472f, -0.7975f,  2,
         1.43f,     -0.1425f, -0.78f,  1.4525f,    0,      -0.57f},
        {-1.49975f,  1.495f,     1.39187f,  -0.698f,  0.014f,   0.75025f, -0.505f,
         -0.608125f, 0.57025f,   0.122f,    1.42438f, 0.229f,   -0.865f,  0.8625f,
         1.10375f,   -0.575625f, -0.67875f, 1.385f,   0.24375f, -0.89625f},
        {-0.924625f, 1.75f,      1.3975f, -0.855125f, 0.769052f, 0.134185f, -0.25f,
         -0.6025f,   1.39488f,   -0.812f, 1.7414f,    0.472f,    -0.7975f,  1.6825f,
         0.96921f,   -0.113625f, -0.78f,  1.4525f,    -0.3175f,  -0.34875f},
        {-0.506f,    0.999996f,  1.23738f, -0.698f,   0.719276f,  -0.509626f, -0.364f,
         -0.762625f, 0.57025f,   -0.9055f, 0.870483f, 0.240979f,  -0.833125f, 0.936722f,
         0.863792f,  -0.306375f, -0.705f,  1.3085f,   -0.463125f, -0.49875f},
        {0, 0, 0, -0.5f, 0, 0, 0, 0, 1.75f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {0, 1.75f, 2, -1.25f, 0, 0, -0.25f, 0, 1, 0, 2, 1, -1, 0, 0, 0, -1, 1.25f, 0, 0},
        {-1.25f, 1.75f, 2,  -0.5f, 1.75f, 1, -0.25f, 0,     1.75f, -0.25f,
         2,      1,     -1, 2,     2,     0, -1,     1.25f, 0,     0},
        {-1.25f, 1.75f, 2,  -1.25f, 1.75f, 1, -0.25f, 0,     1, -0.25f,
         2,      1,     -1, 2,      0.75f, 0, -1,     1.25f, 0, -1.25f},
        {0, 1.75f, 2, -0.5f, 0.5f, -2, -0.25f, 0, 1.75f, -1.5f, 2, 1, -1, 2, 2, 0, -1, 1.25f, 0, 0},
        {0, 1.75f, 2,  -1.25f, 0.5f, -2, -0.25f, 0,     1,      -1.5f,
         2, 1,     -1, 0.75f,  1.5f, 0,  -1,     1.25f, -1.25f, -0.5f},
        {0.153051f,  0.384599f,   0.318119f,   -0.824103f,  -0.0829058f,  -0.0470352f, -0.0305252f,
         -0.149141f, 1.70617f,    0.00993492f, -0.0541068f, 0.279794f,    -0.456399f,  -0.213412f,
         -0.191924f, 0.00384507f, -0.423832f,  1.04832f,    0.000726909f, 0.0899189f},
        {-0.337095f, 1.72823f,   1.54271f,   -0.809621f, 0.00278939f, 0.16566f,  -0.565832f,
         -0.744778f, 0.774558f,  0.0310876f, 1.35471f,   0.365356f,   -0.8267f,  0.463028f,
         0.650339f,  -0.675119f, -1.02552f,  1.50888f,   0.19191f,    -0.692762f},
        {-1.69496f,  1.98702f,  1.82073f,   -0.903764f, 0.953322f,    0.555039f,  -0.143513f,
         -0.975113f, 1.78116f,  -0.110026f, 1.89266f,   0.632284f,    -0.842279f, 2.032f,
         1.54287f,   -0.14404f, -1.03993f,  1.81723f,   -0.00685658f, -0.817692f},
        {-1.6005f,   1.81038f,   1.86961f,  -0.695903f, -0.0707136f, 0.722511f,  -0.629035f,
         -0.926686f, 0.561789f,  0.076296f, 1.71076f,   0.375824f,   -0.837334f, 0.867405f,
         1.24416f,   -0.950222f, -1.05465f, 1.49686f,   0.289337f,   -1.35769f},
        {-1.11508f,  2.43425f,   1.89105f,   -0.931689f, 0.897483f, 0.147519f,  -0.180878f,
         -0.904797f, 1.85659f,   -1.09155f,  1.79951f,   0.634383f, -0.966857f, 1.78008f,
         1.17922f,   -0.121274f, -0.963096f, 2.16193f,   -0.40502f, -0.548262f},
        {-0.739768f, 1.437f,     1.76243f,  -0.778993f, 0.764731f,  -0.463128f, -0.383524f,
         -1.10606f,  0.962405f,  -1.1684f,  1.27085f,   0.387489f,  -0.798122f, 1.33597f,
         1.28919f,   -0.488952f, -1.07763f, 1.44465f,   -0.737272f, -0.730302f}};
    for (int i = 0; i < 48; i++)
        x[i] = (float)(i * 5 % 17) * 0.25f - 2;
    for (int i = 0; i < 20; i++)
        grid[i] = (float)(i * 7 % 19) * 0.171f - 1.53f;
    char attrs[80];
    for (int i = 0; i < 18; i++) {
        snprintf(attrs, sizeof attrs, "mode=%s padding_mode=%s align_corners=%d", modes[i / 6],
                 paddings[i / 2 % 3], i % 2);
        dcl_check_golden(c, attrs,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, x, 2, 2, 3, 4),
                                                DCL_DATA(DETCL_F32, grid, 2, 5, 1, 2)},
                         2, (struct dcl_operand[]){DCL_DATA(DETCL_F32, y[i], 2, 2, 5, 1)}, 1, 2e-5);
    }
}

/* Worked by hand on 1 2 / 3 4: NaN and infinities read nothing, a border clamps infinities. */
static void by_hand(struct dcl_check *c)
{
    static const float x[] = {1, 2, 3, 4};
    static const float grid[] = {NAN, 0, 0, NAN, INFINITY, 0.5f, -INFINITY, -INFINITY, 0, 0};
    static const float zeros[] = {0, 0, 0, 0, 2.5f}, border[] = {0, 0, 4, 1, 2.5f};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 1, 2, 2),
                                     DCL_DATA(DETCL_F32, grid, 1, 5, 1, 2)};
    const struct dcl_operand nothing = DCL_DATA(DETCL_F32, zeros, 1, 1, 5, 1);
    const struct dcl_operand clamped = DCL_DATA(DETCL_F32, border, 1, 1, 5, 1);
    dcl_check_golden(c, "mode=linear", in, 2, &nothing, 1, 0);
    dcl_check_golden(c, "mode=linear padding_mode=reflection", in, 2, &nothing, 1, 0);
    dcl_check_golden(c, "mode=linear padding_mode=border", in, 2, &clamped, 1, 0);
    dcl_check_golden(c, "mode=cubic padding_mode=border", in, 2, &nothing, 1, 0);
}

void dcl_check_grid_sample(struct dcl_check *c)
{
    golden(c);
    by_hand(c);
    char attrs[80];
    for (int i = 0; i < 9; i++)
        for (int align = 0; align < 2; align++) {
            snprintf(attrs, sizeof attrs, "mode=%s padding_mode=%s align_corners=%d", modes[i % 3],
                     paddings[i / 3], align);
            DCL_CASE(c, attrs, 1, X(2, 19, 5, 7), GRID(2, 9, 11, 2));
            DCL_CASE(c, attrs, 1, X(1, 2, 3, 5), DCL_SPECIAL(1, 13, 7, 2));
            DCL_CASE(c, attrs, 1, X(1, 1, 1, 1), GRID(1, 2, 3, 2));
        }
    DCL_CASE(c, "", 1, X(1, 2, 0, 3), GRID(1, 2, 3, 2));
    DCL_CASE(c, "padding_mode=border", 1, X(1, 2, 0, 3), GRID(1, 2, 3, 2));
    DCL_CASE(c, "padding_mode=reflection align_corners=1", 1, X(1, 2, 0, 0), GRID(1, 2, 3, 2));
    DCL_CASE(c, "", 1, X(1, 0, 4, 3), GRID(1, 2, 3, 2));
    DCL_CASE(c, "", 1, X(2, 3, 4, 3), GRID(2, 0, 3, 2));
    dcl_check_refused(c, "", (struct dcl_operand[]){X(2, 1, 3, 3), GRID(1, 2, 3, 2)}, 2, 1,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "", (struct dcl_operand[]){X(1, 1, 3, 3), GRID(1, 2, 3, 3)}, 2, 1,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "", (struct dcl_operand[]){X(1, 1, 3, 3, 3), GRID(1, 2, 2, 2, 3)}, 2, 1,
                      DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "mode=lanczos", (struct dcl_operand[]){X(1, 1, 3, 3), GRID(1, 2, 3, 2)}, 2,
                      1, DETCL_ERROR_UNSUPPORTED);
}
