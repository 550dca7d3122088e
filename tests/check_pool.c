#include "check.h"

/* 1x1x5x6. All golden values are ONNX Runtime 1.32's on this input. */
static const float picture[] = {-3, -1.25, 0.5, 2.25, 4,     -2, -0.25, 1.5,   3.25, -2.75,
                                -1, 0.75,  2.5, 4.25, -1.75, 0,  1.75,  3.5,   -2.5, -0.75,
                                1,  2.75,  4.5, -1.5, 0.25,  2,  3.75,  -2.25, -0.5, 1.25};

static void golden(struct dcl_check *c)
{
    static const struct {
        const char *attrs;
        int n;
        float y[16];
    } list[] = {
        {"kind=max kernel_shape=2,2 dilations=2,3",
         9,
         {2.5f, 4.25f, 3.5f, 2.75f, 4.5f, 3.25f, 2.5f, 4.25f, 3.75f}},
        {"kind=max kernel_shape=3,3 strides=3,3 ceil_mode=1", 4, {4.25f, 4, 3.75f, 4.5f}},
        {"kind=max kernel_shape=3,3 strides=2,2 auto_pad=SAME_LOWER",
         9,
         {1.5f, 3.25f, 4, 4.25f, 4.25f, 4.5f, 2, 3.75f, 4.5f}},
        {"kind=average kernel_shape=3,3 strides=2,2 auto_pad=SAME_UPPER",
         9,
         {0.125f, 1.04166663f, 0.4375f, 0.805555582f, 0.861111104f, 1.33333337f, 0.625f,
          1.54166663f, 0.9375f}},
        {"kind=average kernel_shape=3,3 strides=2,2 pads=1,1,1,1 count_include_pad=1",
         9,
         {-0.333333343f, 0.388888896f, 0.138888896f, 0.527777791f, 0.833333313f, 0.888888896f,
          -0.111111112f, 0.722222209f, 0.472222209f}},
        {"kind=average kernel_shape=3,3 strides=2,2 pads=1,1,1,1 ceil_mode=1",
         12,
         {-0.75f, 0.583333313f, 0.208333328f, -0.625f, 0.791666687f, 0.833333313f, 0.888888896f,
          0.916666687f, -0.25f, 1.08333337f, 0.708333313f, -0.125f}},
        {"kind=average kernel_shape=2,2 dilations=2,3 pads=1,1,0,0",
         16,
         {3.25f, -1.5f, 0.25f, 2, -0.625f, 0.4375f, 2.1875f, 0.0625f, 2.125f, -0.6875f, 1.0625f,
          0.875f, 1, 0.125f, 1.875f, 1.6875f}},
        {"kind=lp kernel_shape=2,3 strides=2,3 p=3",
         4,
         {4.0574398f, 4.7268033f, 4.86007929f, 5.46848392f}},
        {"kind=average global=1", 1, {0.675000012f}},
        {"kind=max global=1", 1, {4.5f}},
        {"kind=lp global=1 p=2", 1, {12.7842674f}},
    };
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, picture, 1, 1, 5, 6)};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, list[i].y, list[i].n)};
        dcl_check_golden(c, list[i].attrs, in, 1, out, 1, 1e-6);
    }
}

static void golden_indices(struct dcl_check *c)
{
    static const float y[] = {1.5f, 3.25f, 4, 4.25f, 3.25f, 4.5f, 2, 3.75f, 4.5f};
    static const int64_t by_row[] = {7, 8, 4, 13, 8, 22, 25, 26, 22};
    static const int64_t by_column[] = {6, 11, 20, 7, 11, 23, 9, 14, 23};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, picture, 1, 1, 5, 6)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 9), DCL_DATA(DETCL_I64, by_row, 9)};
    const struct dcl_operand out2[] = {DCL_DATA(DETCL_F32, y, 9),
                                       DCL_DATA(DETCL_I64, by_column, 9)};
    dcl_check_golden(c, "kind=max kernel_shape=3,2 strides=2,2 pads=1,0,1,1", in, 1, out, 2, 0);
    dcl_check_golden(c, "kind=max kernel_shape=3,2 strides=2,2 pads=1,0,1,1 storage_order=1", in, 1,
                     out2, 2, 0);
}

static void refused(struct dcl_check *c)
{
    const struct dcl_operand picture_in[] = {DCL_RANDOM(DETCL_F32, 1, 2, 5, 5)};
    const struct dcl_operand matrix[] = {DCL_RANDOM(DETCL_F32, 5, 5)};
    const struct dcl_operand whole[] = {DCL_RANDOM(DETCL_I64, 1, 1, 5, 5)};
    dcl_check_refused(c, "kind=max", picture_in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=max kernel_shape=3", picture_in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=max kernel_shape=6,1", picture_in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=max kernel_shape=2,0", picture_in, 1, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=max kernel_shape=2,2 strides=0,1", picture_in, 1, 1,
                      DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=max kernel_shape=2,2 pads=0,0,0,-1", picture_in, 1, 1,
                      DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=lp kernel_shape=2,2 p=0", picture_in, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=average kernel_shape=2,2", picture_in, 1, 2, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=max kernel_shape=2,2", matrix, 1, 1, DETCL_ERROR_UNSUPPORTED);
    dcl_check_refused(c, "kind=max kernel_shape=2,2", whole, 1, 1, DETCL_ERROR_UNSUPPORTED);
}

void dcl_check_pool(struct dcl_check *c)
{
    static const char *const flat[] = {
        "kind=max kernel_shape=2,2 strides=2,2",
        "kind=max kernel_shape=3,3 strides=2,2 ceil_mode=1",
        "kind=max kernel_shape=2,2 pads=0,0,1,1",
        "kind=max kernel_shape=5,5 pads=2,2,2,2",
        "kind=max kernel_shape=3,2 strides=2,3 pads=1,1,2,0 dilations=2,3",
        "kind=max kernel_shape=3,3 strides=2,2 auto_pad=SAME_UPPER",
        "kind=max kernel_shape=3,3 strides=2,3 auto_pad=SAME_LOWER",
        "kind=max kernel_shape=2,2 pads=3,3,3,3",
        "kind=max global=1",
        "kind=average kernel_shape=3,3 pads=1,1,1,1",
        "kind=average kernel_shape=3,3 strides=2,2 pads=1,1,1,1 count_include_pad=1 ceil_mode=1",
        "kind=average kernel_shape=3,4 strides=2,3 auto_pad=SAME_LOWER",
        "kind=average kernel_shape=2,3 dilations=3,2 pads=2,1,0,2 count_include_pad=1",
        "kind=average global=1",
        "kind=lp kernel_shape=3,3 strides=2,2 p=1",
        "kind=lp kernel_shape=2,3 pads=1,0,1,1",
        "kind=lp kernel_shape=2,2 p=3",
        "kind=lp global=1 p=2"};
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++)
        DCL_CASE(c, flat[i], 1, DCL_RANDOM(DETCL_F32, 2, 19, 9, 11));
    DCL_CASE(c, "kind=max kernel_shape=3,3 pads=1,1,1,1", 1, DCL_SPECIAL(1, 18, 12, 7));
    DCL_CASE(c, "kind=max kernel_shape=2,2 dilations=9,9", 1, DCL_SPECIAL(1, 18, 11, 12));
    DCL_CASE(c,
             "kind=average kernel_shape=3,3 strides=2,4 dilations=4,2 pads=1,2,3,1 ceil_mode=1 "
             "count_include_pad=1",
             1, DCL_RANDOM(DETCL_F32, 1, 5, 19, 43));
    DCL_CASE(c, "kind=max global=1", 1, DCL_SPECIAL(2, 9, 13, 10));
    DCL_CASE(c, "kind=max kernel_shape=3,3 strides=2,2", 1, DCL_RANDOM(DETCL_F32, 1, 64, 65, 65));
    DCL_CASE(c, "kind=average global=1", 1, DCL_RANDOM(DETCL_F32, 2, 40, 50, 31));
    DCL_CASE(c, "kind=max kernel_shape=3 strides=2 pads=1,1", 1, DCL_RANDOM(DETCL_F32, 2, 3, 17));
    DCL_CASE(c, "kind=average kernel_shape=2,3,2 pads=1,1,0,0,1,1", 1,
             DCL_RANDOM(DETCL_F32, 1, 2, 5, 6, 7));
    DCL_CASE(c, "kind=max kernel_shape=2,2,2 strides=2,1,2 dilations=1,2,1", 1,
             DCL_RANDOM(DETCL_F32, 2, 2, 4, 6, 5));
    DCL_CASE(c, "kind=max kernel_shape=3,3 pads=1,1,1,1", 1, DCL_RANDOM(DETCL_U8, 1, 3, 7, 5));
    DCL_CASE(c, "kind=max kernel_shape=2,2", 1, DCL_RANDOM(DETCL_F32, 0, 3, 4, 4));
    DCL_CASE(c, "kind=max kernel_shape=2,2", 1, DCL_RANDOM(DETCL_F32, 2, 0, 4, 4));
    DCL_CASE(c, "kind=max kernel_shape=3,3 pads=1,1,1,1", 2, DCL_SPECIAL(2, 3, 9, 7));
    DCL_CASE(c, "kind=max kernel_shape=2,2 pads=2,2,2,2 storage_order=1", 2,
             DCL_RANDOM(DETCL_F32, 2, 3, 4, 5));
    DCL_CASE(c, "kind=max kernel_shape=2,2,3 storage_order=1", 2,
             DCL_RANDOM(DETCL_F32, 1, 2, 3, 4, 5));
    DCL_CASE(c, "kind=max kernel_shape=3,3 strides=2,2", 2, DCL_RANDOM(DETCL_U8, 1, 2, 8, 9));
    golden(c);
    golden_indices(c);
    refused(c);
}
