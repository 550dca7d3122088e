#include "check.h"

/* ONNX Runtime 1.32 on the same input; opset 13 unless the attributes say 11. */
static void golden(struct dcl_check *c)
{
    static const float x[] = {-2, 0.5f, 3, -1, 1.5f, 4, 0, 2.5f, -1.5f, 1, 3.5f, -0.5f};
    static const struct {
        const char *attrs;
        float y[12];
    } list[] = {
        {"kind=softmax",
         {0.0758581832f, 0.924141824f, 0.982013762f, 0.0179862101f, 0.0758581832f, 0.924141824f,
          0.0758581832f, 0.924141824f, 0.0758581832f, 0.924141824f, 0.982013762f, 0.0179862101f}},
        {"kind=softmax axis=1",
         {0.00547859306f, 0.0291217621f, 0.813095272f, 0.00649794331f, 0.181426078f, 0.964380324f,
          0.0291217621f, 0.785597026f, 0.00649794331f, 0.175290391f, 0.964380324f, 0.0391125716f}},
        {"kind=softmax opset=11",
         {0.00166428613f, 0.0202751569f, 0.247001991f, 0.00452399906f, 0.0551135913f, 0.671420991f,
          0.0200618356f, 0.244403198f, 0.00447640056f, 0.0545337237f, 0.664356768f, 0.0121681187f}},
        {"kind=log_softmax axis=0",
         {-2.12692809f, -2.12692809f, -0.0110477433f, -2.12692809f, -2.12692809f, -0.0110477433f,
          -0.126928046f, -0.126928046f, -4.51104784f, -0.126928046f, -0.126928046f, -4.51104784f}},
        {"kind=log_softmax opset=11",
         {-6.39835882f, -3.89835906f, -1.39835894f, -5.39835882f, -2.89835906f, -0.398358971f,
          -3.90893602f, -1.40893602f, -5.40893602f, -2.90893602f, -0.408936024f, -4.40893602f}},
        {"kind=hardmax axis=1", {0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0}},
        {"kind=hardmax opset=11", {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}},
    };
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 2, 3, 2)};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, list[i].y, 12)};
        dcl_check_golden(c, list[i].attrs, in, 1, out, 1, 1e-6);
    }
}

/* Rows whose largest value appears twice, on both sides of what one work-item of a group visits. */
static void ties(struct dcl_check *c)
{
    float x[300] = {0}, y[300] = {0};
    x[131] = x[70] = x[299] = 2;
    y[70] = 1;
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 1, 300)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 300)};
    dcl_check_golden(c, "kind=hardmax", in, 1, out, 1, 0);
}

void dcl_check_softmax(struct dcl_check *c)
{
    static const char *const all[] = {"kind=softmax axis=1", "kind=log_softmax axis=1",
                                      "kind=hardmax axis=1"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        DCL_CASE(c, all[i], 1, DCL_RANGE(DETCL_F32, -20, 20, 3, 7, 5));
        DCL_CASE(c, all[i], 1, DCL_RANGE(DETCL_F32, -20, 20, 2, 129, 3));
        DCL_CASE(c, all[i], 1, DCL_RANGE(DETCL_F32, -5, 5, 3, 1000));
        DCL_CASE(c, all[i], 1, DCL_SPECIAL(5, 3, 4));
        DCL_CASE(c, all[i], 1, DCL_SPECIAL(4, 200));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 4, 1));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 2, 0, 3));
        DCL_CASE(c, all[i], 1, DCL_RANDOM(DETCL_F32, 0, 5));
    }
    DCL_CASE(c, "kind=softmax", 1, DCL_RANGE(DETCL_F32, -5, 5, 1, 4420, 2));
    DCL_CASE(c, "kind=softmax axis=-3 opset=9", 1, DCL_RANGE(DETCL_F32, -5, 5, 3, 5, 7));
    DCL_CASE(c, "kind=softmax", 1, DCL_RANGE(DETCL_F32, -1, 1, 2, 100000));
    golden(c);
    ties(c);
    const struct dcl_operand matrix[] = {DCL_RANDOM(DETCL_F32, 3, 4)};
    const struct dcl_operand whole[] = {DCL_RANDOM(DETCL_I32, 3, 4)};
    dcl_check_refused(c, "kind=softmax axis=2", matrix, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=softmax axis=0,1", matrix, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=softmax", whole, 1, 1, DETCL_ERROR_UNSUPPORTED);
}
