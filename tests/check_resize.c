#include "check.h"

/* The input of all golden values. They are those of the ONNX 1.23 reference evaluator and of ONNX
 * Runtime 1.32, which agree within 3e-6; where scales do not give a whole extent and corners are
 * aligned, the reference evaluator's, as in the operator's tests. */
static const float picture[] = {-2.75f, -1,     0.75f, 2.5f,   -1.5f,  0.25f, 2,
                                -2,     -0.25f, 1.5f,  -2.5f,  -0.75f, 1,     2.75f,
                                -1.25f, 0.5f,   2.25f, -1.75f, 0,      1.75f};

#define PICTURE DCL_DATA(DETCL_F32, picture, 1, 1, 4, 5)

static void golden_scales(struct dcl_check *c)
{
    static const struct {
        const char *attrs;
        float scales[4];
        int n;
        float y[18];
    } list[] = {
        {"mode=linear coordinate_transformation_mode=half_pixel",
         {1, 1, 0.8f, 1.3f},
         18,
         {-2.375f, -1.23076916f, -0.188701853f, 0.742788672f, 2.08894253f, -0.241587058f,
          -0.78124994f, 0.362980932f, 0.188701808f, -0.538461447f, 0.807692468f, 0.578125f,
          -0.625000119f, 0.519230723f, 0.344951779f, -0.382211238f, 0.963942647f, 0.734374881f}},
        {"mode=linear coordinate_transformation_mode=align_corners",
         {1, 1, 0.8f, 1.3f},
         18,
         {-2.75f, -1.47727263f, -0.204545349f, 1.06818199f, 2.34090924f, -0.0454551764f,
          -0.74999994f, 0.52272743f, 0.132231295f, -0.590909004f, 0.681818306f, 0.623966932f,
          -0.318181992f, 0.954545319f, 0.326446116f, -0.68181783f, 0.590909481f, 0.86570245f}},
        {"mode=linear coordinate_transformation_mode=asymmetric",
         {1, 1, 0.8f, 1.3f},
         18,
         {-2.75f, -1.40384614f, -0.0576922074f, 1.28846169f, 2.19230723f, -0.884615958f,
          -0.43749994f, 0.908653975f, -0.0673078448f, -0.711538374f, 0.524038434f, 0.764423132f,
          -1.00000012f, 0.346153796f, 0.144230708f, 0.163461789f, 1.28846145f, 0.423076689f}},
        {"mode=linear coordinate_transformation_mode=half_pixel_symmetric",
         {1, 1, 0.8f, 1.3f},
         18,
         {-1.8653847f, -0.519230783f, -0.0576923229f, 0.735576868f, 1.41826904f, -0.552884758f,
          -0.990384758f, 0.355769157f, -0.0673076734f, 0.173076943f, 1.07692301f, 0.211538389f,
          -0.115384795f, 1.23076916f, -0.0769230276f, -0.389423013f, 0.735576987f, 0.975961506f}},
        {"mode=linear coordinate_transformation_mode=pytorch_half_pixel",
         {1, 1, 0.8f, 1.3f},
         18,
         {-2.375f, -1.23076916f, -0.188701853f, 0.742788672f, 2.08894253f, -0.241587058f,
          -0.78124994f, 0.362980932f, 0.188701808f, -0.538461447f, 0.807692468f, 0.578125f,
          -0.625000119f, 0.519230723f, 0.344951779f, -0.382211238f, 0.963942647f, 0.734374881f}},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dcl_operand in[] = {PICTURE, DCL_ABSENT,
                                         DCL_CONST_DATA(DETCL_F32, list[i].scales, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, list[i].y, list[i].n)};
        dcl_check_golden(c, list[i].attrs, in, 3, out, 1, 1e-6);
    }
}

static void golden_sizes(struct dcl_check *c)
{
    static const struct {
        const char *attrs;
        int64_t sizes[4];
        int n;
        float y[24];
    } list[] = {
        {"mode=cubic coordinate_transformation_mode=half_pixel",
         {1, 1, 3, 8},
         24,
         {-2.43416262f,  -1.58614898f,  -0.413424969f, -0.0436813124f, 1.06109035f,   2.09524679f,
          0.441250086f,  -1.30716252f,  -1.28746033f,  -0.281990051f,  0.636398315f,  -0.27684021f,
          -0.056350708f, 1.20631409f,   0.749847412f,  0.0205612183f,  -0.140759036f, 1.02216864f,
          1.6862222f,    -0.509999335f, -1.17379177f,  0.317382485f,   1.05844533f,   1.34828496f}},
        {"mode=cubic coordinate_transformation_mode=align_corners",
         {1, 1, 3, 8},
         24,
         {-2.75f,        -1.91836691f,  -0.673469067f, 0.173467189f,   1.57798767f,  2.62609339f,
          1.00437343f,   -1.5f,         -1.125f,       0.00838199258f, 0.603680849f, -0.317967415f,
          -0.112062767f, 1.11206269f,   0.96137017f,   0.125f,         0.5f,         1.93513095f,
          1.88083088f,   -0.809402049f, -1.80211329f,  -0.401967853f,  0.918366909f, 1.75f}},
        {"mode=cubic cubic_coeff_a=-0.5 exclude_outside=1",
         {1, 1, 3, 8},
         24,
         {-2.50447822f,  -1.73966706f,  -0.545619607f, 0.0526195429f, 1.06712484f,    2.18180919f,
          0.255592048f,  -1.36477351f,  -1.25092256f,  -0.377468884f, 0.628387451f,   -0.264251709f,
          -0.068939209f, 1.21432495f,   0.65725255f,   0.0440498143f, 0.00263318489f, 0.98472929f,
          1.80239451f,   -0.581122935f, -1.20500326f,  0.246840715f,  1.05891299f,    1.45287323f}},
        {"mode=cubic antialias=1",
         {1, 1, 2, 3},
         6,
         {-1.00405502f, 0.438667327f, 0.415183604f, 0.0661006495f, 0.135736197f, 0.767346084f}},
        {"mode=linear antialias=1",
         {1, 1, 2, 3},
         6,
         {-0.9375f, 0.229166672f, 0.34765625f, 3.46944695e-18f, 0.0486111119f, 0.74609375f}},
        {"mode=linear antialias=1 exclude_outside=1",
         {1, 1, 2, 3},
         6,
         {-0.678571403f, 0.15476191f, 0.479591846f, -0.0714285746f, 0.123015873f, 0.734693885f}},
        {"mode=nearest nearest_mode=round_prefer_floor",
         {1, 1, 2, 9},
         18,
         {-2.75f, -2.75f, -1, -1, 0.75f, 2.5f, 2.5f, -1.5f, -1.5f, -2.5f, -2.5f, -0.75f, -0.75f, 1,
          2.75f, 2.75f, -1.25f, -1.25f}},
        {"mode=nearest nearest_mode=round_prefer_ceil",
         {1, 1, 2, 9},
         18,
         {0.25f, 0.25f, 2, 2, -2, -0.25f, -0.25f, 1.5f, 1.5f, 0.5f, 0.5f, 2.25f, 2.25f, -1.75f, 0,
          0, 1.75f, 1.75f}},
        {"mode=nearest nearest_mode=floor",
         {1, 1, 2, 9},
         18,
         {-2.75f, -2.75f, -2.75f, -1, 0.75f, 0.75f, 2.5f, 2.5f, -1.5f, -2.5f, -2.5f, -2.5f, -0.75f,
          1, 1, 2.75f, 2.75f, -1.25f}},
        {"mode=nearest nearest_mode=ceil",
         {1, 1, 2, 9},
         18,
         {0.25f, 2, 2, -2, -2, -0.25f, 1.5f, 1.5f, 1.5f, 0.5f, 2.25f, 2.25f, -1.75f, -1.75f, 0,
          1.75f, 1.75f, 1.75f}},
        {"mode=nearest coordinate_transformation_mode=tf_half_pixel_for_nn nearest_mode=floor",
         {1, 1, 3, 2},
         6,
         {-1, 2.5f, -0.75f, 2.75f, 2.25f, 0}},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dcl_operand in[] = {PICTURE, DCL_ABSENT, DCL_ABSENT,
                                         DCL_CONST_DATA(DETCL_I64, list[i].sizes, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, list[i].y, list[i].n)};
        dcl_check_golden(c, list[i].attrs, in, 4, out, 1, 3e-6);
    }
}

static void golden_axes(struct dcl_check *c)
{
    static const float roi[] = {0.2f, -0.1f, 1.1f, 0.7f};
    static const int64_t sizes[] = {3, 4}, square[] = {6, 6};
    static const float cropped[] = {
        9, 0.216666758f, -0.446666747f, 0.5f, 9, -1.19583356f, 0.460000157f, 2.25000024f, 9, 9, 9,
        9};
    static const float larger[] = {-2.75f, -2.75f, -1,     0.75f,  0.75f,  2.5f,   -1.5f,  -1.5f,
                                   -2.75f, -2.75f, -1,     0.75f,  0.75f,  2.5f,   -1.5f,  -1.5f,
                                   0.25f,  0.25f,  2,      -2,     -2,     -0.25f, 1.5f,   1.5f,
                                   -2.5f,  -2.5f,  -0.75f, 1,      1,      2.75f,  -1.25f, -1.25f,
                                   -2.5f,  -2.5f,  -0.75f, 1,      1,      2.75f,  -1.25f, -1.25f,
                                   0.5f,   0.5f,   2.25f,  -1.75f, -1.75f, 0,      1.75f,  1.75f};
    const struct dcl_operand crop[] = {PICTURE, DCL_CONST_DATA(DETCL_F32, roi, 4), DCL_ABSENT,
                                       DCL_CONST_DATA(DETCL_I64, sizes, 2)};
    const struct dcl_operand crop_out[] = {DCL_DATA(DETCL_F32, cropped, 12)};
    dcl_check_golden(c,
                     "mode=linear coordinate_transformation_mode=tf_crop_and_resize axes=2,3 "
                     "extrapolation_value=9",
                     crop, 4, crop_out, 1, 1e-6);
    const struct dcl_operand keep[] = {PICTURE, DCL_ABSENT, DCL_ABSENT,
                                       DCL_CONST_DATA(DETCL_I64, square, 2)};
    const struct dcl_operand keep_out[] = {DCL_DATA(DETCL_F32, larger, 1, 1, 6, 8)};
    dcl_check_golden(c,
                     "axes=3,-2 keep_aspect_ratio_policy=not_smaller nearest_mode=floor "
                     "coordinate_transformation_mode=asymmetric",
                     keep, 4, keep_out, 1, 0);
}

/* Resize-10 and Upsample, by ONNX Runtime. */
static void golden_older(struct dcl_check *c)
{
    static const float halved[] = {-2.75f, -2.75f, -1,    -1,    0.75f,  0.75f,  2.5f,
                                   2.5f,   -1.5f,  -1.5f, -2.5f, -2.5f,  -0.75f, -0.75f,
                                   1,      1,      2.75f, 2.75f, -1.25f, -1.25f};
    static const float wider[] = {
        -2.75f, -1.875f, -1,     -0.125f, 0.75f,  1.625f,  2.5f,   0.5f,   -1.5f,  -1.5f,
        0.25f,  1.125f,  2,      0,       -2,     -1.125f, -0.25f, 0.625f, 1.5f,   1.5f,
        -2.5f,  -1.625f, -0.75f, 0.125f,  1,      1.875f,  2.75f,  0.75f,  -1.25f, -1.25f,
        0.5f,   1.375f,  2.25f,  0.25f,   -1.75f, -0.875f, 0,      0.875f, 1.75f,  1.75f};
    static const float down[] = {1, 1, 0.5f, 2}, up[] = {1, 1, 1, 2};
    const struct dcl_operand in[] = {PICTURE, DCL_CONST_DATA(DETCL_F32, down, 4)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, halved, 1, 1, 2, 10)};
    dcl_check_golden(c, NULL, in, 2, out, 1, 0);
    const struct dcl_operand in2[] = {PICTURE, DCL_CONST_DATA(DETCL_F32, up, 4)};
    const struct dcl_operand out2[] = {DCL_DATA(DETCL_F32, wider, 1, 1, 4, 10)};
    dcl_check_golden(c, "mode=linear", in2, 2, out2, 1, 1e-6);
    const struct dcl_operand in3[] = {PICTURE};
    dcl_check_golden(c, "mode=linear scales=1,1,1,2", in3, 1, out2, 1, 1e-6);
}

static void refused(struct dcl_check *c)
{
    static const float scales[] = {1, 1, 0, 2, 1}, fine[] = {1, 1, 2, 2};
    static const int64_t sizes[] = {1, 1, -1, 3};
    const struct dcl_operand nothing[] = {PICTURE, DCL_ABSENT, DCL_ABSENT};
    const struct dcl_operand zero[] = {PICTURE, DCL_CONST_DATA(DETCL_F32, scales, 4)};
    const struct dcl_operand many[] = {PICTURE, DCL_CONST_DATA(DETCL_F32, scales, 5)};
    const struct dcl_operand variable[] = {PICTURE, DCL_DATA(DETCL_F32, fine, 4)};
    const struct dcl_operand negative[] = {PICTURE, DCL_ABSENT, DCL_ABSENT,
                                           DCL_CONST_DATA(DETCL_I64, sizes, 4)};
    const struct dcl_operand twice[] = {PICTURE, DCL_CONST_DATA(DETCL_F32, fine, 2)};
    const struct dcl_operand crop[] = {PICTURE, DCL_ABSENT, DCL_CONST_DATA(DETCL_F32, fine, 4)};
    const struct dcl_operand whole[] = {DCL_RANDOM(DETCL_I32, 1, 1, 4, 4),
                                        DCL_CONST_DATA(DETCL_F32, fine, 4)};
    dcl_check_refused(c, NULL, nothing, 3, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, zero, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, many, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, NULL, variable, 2, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, NULL, negative, 4, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "axes=2,-2", twice, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "coordinate_transformation_mode=tf_crop_and_resize", crop, 3, 1,
                      DETCL_ERROR_MODEL);
    dcl_check_refused(c, "mode=linear", whole, 2, 1, DETCL_ERROR_UNSUPPORTED);
}

void dcl_check_resize(struct dcl_check *c)
{
    static const char *const all[] = {
        "nearest_mode=floor coordinate_transformation_mode=asymmetric",
        "mode=linear",
        "mode=linear coordinate_transformation_mode=align_corners",
        "mode=cubic",
        "mode=cubic exclude_outside=1",
        "mode=linear antialias=1",
        "mode=cubic antialias=1"};
    static const float up[] = {1, 1, 2, 2}, mixed[] = {1, 1, 0.3f, 1.7f}, high[] = {1, 1, 1.5f, 1};
    static const float every[] = {2, 1.5f, 0.7f, 2.5f}, apart[] = {1, 2, 1, 0.5f, 2},
                       none[] = {1, 1, 1, 1};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 2, 19, 6, 7), DCL_ABSENT,
                 DCL_CONST_DATA(DETCL_F32, up, 4));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 1, 5, 20, 9), DCL_ABSENT,
                 DCL_CONST_DATA(DETCL_F32, mixed, 4));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 1, 17, 5, 4), DCL_ABSENT,
                 DCL_CONST_DATA(DETCL_F32, high, 4));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 5, 4), DCL_ABSENT,
                 DCL_CONST_DATA(DETCL_F32, every, 4));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 2, 8, 3), DCL_ABSENT,
                 DCL_CONST_DATA(DETCL_F32, apart, 5));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 2, 3, 4, 5), DCL_ABSENT,
                 DCL_CONST_DATA(DETCL_F32, none, 4));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 0, 3, 4, 5), DCL_ABSENT,
                 DCL_CONST_DATA(DETCL_F32, up, 4));
    }
    DCL_CASE(c, "mode=linear", 1, DCL_RANDOM(DETCL_F32, 1, 40, 60, 50), DCL_ABSENT,
             DCL_CONST_DATA(DETCL_F32, up, 4));
    DCL_CASE(c, "nearest_mode=ceil", 1, DCL_SPECIAL(1, 4, 5, 6), DCL_ABSENT,
             DCL_CONST_DATA(DETCL_F32, mixed, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_U8, 1, 3, 5, 6), DCL_ABSENT,
             DCL_CONST_DATA(DETCL_F32, mixed, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_I32, 1, 3, 5, 6), DCL_CONST_DATA(DETCL_F32, up, 4));
    DCL_CASE(c, NULL, 1, DCL_RANDOM(DETCL_I64, 1, 3, 5, 6), DCL_CONST_DATA(DETCL_F32, every, 4));
    golden_scales(c);
    golden_sizes(c);
    golden_axes(c);
    golden_older(c);
    refused(c);
}
