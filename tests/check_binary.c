#include "check.h"

#include <math.h>
#include <stdio.h>

#define LENGTH(list) (sizeof(list) / sizeof *(list))

/* Expected values are NumPy's (1.26): add, subtract, multiply, divide, maximum, minimum, fmod,
 * power, mod and the comparisons of float32, int32 and uint8 arrays. */
static void golden_float(struct dcl_check *c)
{
    static const float a[] = {-7.5f, -2, 0.25f, 3, INFINITY, NAN, 5};
    static const float b[] = {2, -0.5f, 4, -2.5f, 1, 1, NAN};
    static const struct {
        const char *attrs;
        float y[7];
    } list[] = {
        {"kind=add", {-5.5f, -2.5f, 4.25f, 0.5f, INFINITY, NAN, NAN}},
        {"kind=sub", {-9.5f, -1.5f, -3.75f, 5.5f, INFINITY, NAN, NAN}},
        {"kind=mul", {-15, 1, 1, -7.5f, INFINITY, NAN, NAN}},
        {"kind=div", {-3.75f, 4, 0.0625f, -1.20000005f, INFINITY, NAN, NAN}},
        {"kind=max", {2, -0.5f, 4, 3, INFINITY, NAN, NAN}},
        {"kind=min", {-7.5f, -2, 0.25f, -2.5f, 1, NAN, NAN}},
        {"kind=mod fmod=1", {-1.5f, 0, 0.25f, 0.5f, NAN, NAN, NAN}},
        {"kind=pow", {56.25f, NAN, 0.00390625f, 0.0641500279f, INFINITY, NAN, NAN}},
        {"kind=mean", {-2.75f, -1.25f, 2.125f, 0.25f, INFINITY, NAN, NAN}},
        {"kind=sum", {-5.5f, -2.5f, 4.25f, 0.5f, INFINITY, NAN, NAN}},
        {"kind=prelu", {-15, 1, 0.25f, 3, INFINITY, NAN, 5}},
    };
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 7), DCL_DATA(DETCL_F32, b, 7)};
    for (size_t i = 0; i < LENGTH(list); i++) {
        const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, list[i].y, 7)};
        dcl_check_golden(c, list[i].attrs, in, 2, out, 1, 1e-6);
    }
    static const struct {
        const char *attrs;
        uint8_t y[7];
    } orders[] = {
        {"kind=greater", {0, 0, 0, 1, 1, 0, 0}}, {"kind=greater_equal", {0, 0, 0, 1, 1, 0, 0}},
        {"kind=less", {1, 1, 1, 0, 0, 0, 0}},    {"kind=less_equal", {1, 1, 1, 0, 0, 0, 0}},
        {"kind=equal", {0, 0, 0, 0, 0, 0, 0}},
    };
    for (size_t i = 0; i < LENGTH(orders); i++) {
        const struct dcl_operand out[] = {DCL_DATA(DETCL_BOOL, orders[i].y, 7)};
        dcl_check_golden(c, orders[i].attrs, in, 2, out, 1, 0);
    }
}

static void golden_integer(struct dcl_check *c)
{
    static const int32_t a[] = {-7, 7, -7, 7, 6, INT32_MIN, 9}, b[] = {3, -3, -3, 3, 0, -1, 2};
    static const struct {
        const char *attrs;
        int32_t y[7];
    } list[] = {
        {"kind=add", {-4, 4, -10, 10, 6, INT32_MAX, 11}},
        {"kind=mul", {-21, -21, 21, 21, 0, INT32_MIN, 18}},
        {"kind=div", {-2, -2, 2, 2, 0, INT32_MIN, 4}},
        {"kind=max", {3, 7, -3, 7, 6, -1, 9}},
        {"kind=mod", {2, -2, -1, 1, 0, 0, 1}},
        {"kind=mod fmod=1", {-1, 1, -1, 1, 0, 0, 1}},
    };
    for (size_t i = 0; i < LENGTH(list); i++) {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_I32, a, 7), DCL_DATA(DETCL_I32, b, 7)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_I32, list[i].y, 7)};
        dcl_check_golden(c, list[i].attrs, in, 2, out, 1, 0);
    }
    static const uint8_t u[] = {16, 4, 1, 255}, v[] = {1, 2, 3, 7};
    static const struct {
        const char *attrs;
        uint8_t y[4];
    } bytes[] = {
        {"kind=bit_shift direction=LEFT", {32, 16, 8, 128}},
        {"kind=bit_shift direction=RIGHT", {8, 1, 0, 1}},
        {"kind=add", {17, 6, 4, 6}},
        {"kind=sub", {15, 2, 254, 248}},
        {"kind=bitwise_and", {0, 0, 1, 7}},
        {"kind=bitwise_or", {17, 6, 3, 255}},
        {"kind=bitwise_xor", {17, 6, 2, 248}},
    };
    for (size_t i = 0; i < LENGTH(bytes); i++) {
        const struct dcl_operand in[] = {DCL_DATA(DETCL_U8, u, 4), DCL_DATA(DETCL_U8, v, 4)};
        const struct dcl_operand out[] = {DCL_DATA(DETCL_U8, bytes[i].y, 4)};
        dcl_check_golden(c, bytes[i].attrs, in, 2, out, 1, 0);
    }
}

static void golden_power(struct dcl_check *c)
{
    static const int64_t a[] = {2, -3, 7, 1, 10}, b[] = {10, 3, 0, 50, 18};
    static const int64_t y[] = {1024, -27, 1, 1, 1000000000000000000};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_I64, a, 5), DCL_DATA(DETCL_I64, b, 5)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_I64, y, 5)};
    dcl_check_golden(c, "kind=pow", in, 2, out, 1, 0);
    static const int32_t base[] = {2, 3, 9, -2, 5}, power[] = {8, 81, 3, -8, 25};
    static const float exponent[] = {3, 4, 0.5f, 3, 2};
    const struct dcl_operand mixed[] = {DCL_DATA(DETCL_I32, base, 5),
                                        DCL_DATA(DETCL_F32, exponent, 5)};
    const struct dcl_operand powers[] = {DCL_DATA(DETCL_I32, power, 5)};
    dcl_check_golden(c, "kind=pow", mixed, 2, powers, 1, 0);
}

static void golden_broadcast(struct dcl_check *c)
{
    static const float a[] = {0, 1, 2, 3, 4, 5}, b[] = {10, 20};
    static const float y[] = {10, 11, 12, 20, 21, 22, 13, 14, 15, 23, 24, 25};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, a, 2, 1, 3), DCL_DATA(DETCL_F32, b, 2, 1)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 2, 2, 3)};
    dcl_check_golden(c, "kind=add", in, 2, out, 1, 0);
}

static void every_type(struct dcl_check *c)
{
    static const char *const numeric[] = {"add",           "sub",  "mul",        "div",
                                          "max",           "min",  "mod",        "greater",
                                          "greater_equal", "less", "less_equal", "equal"};
    static const char *const logic[] = {"and", "or", "xor", "equal"};
    static const enum detcl_dtype integers[] = {DETCL_I32, DETCL_I64, DETCL_U8};
    char attrs[64];
    for (size_t i = 0; i < LENGTH(numeric); i++) {
        snprintf(attrs, sizeof attrs, "kind=%s fmod=1", numeric[i]);
        DCL_CASE(c, attrs, 1, DCL_SPECIAL(3, 37), DCL_SPECIAL(3, 37));
        for (int k = 0; k < 3; k++)
            DCL_CASE(c, attrs, 1, DCL_RANDOM(integers[k], 5, 1, 9), DCL_RANDOM(integers[k], 19, 9));
    }
    for (size_t i = 0; i < LENGTH(logic); i++) {
        snprintf(attrs, sizeof attrs, "kind=%s", logic[i]);
        DCL_CASE(c, attrs, 1, DCL_RANDOM(DETCL_BOOL, 7, 3), DCL_RANDOM(DETCL_BOOL, 3));
    }
    DCL_CASE(c, "kind=mod", 1, DCL_RANGE(DETCL_I32, -50, 50, 99), DCL_RANGE(DETCL_I32, -5, 5, 99));
    DCL_CASE(c, "kind=div", 1, DCL_RANGE(DETCL_I64, -50, 50, 99), DCL_RANGE(DETCL_I64, -5, 5, 99));
    DCL_CASE(c, "kind=prelu", 1, DCL_RANGE(DETCL_I32, -9, 9, 2, 5), DCL_RANGE(DETCL_I32, 1, 4, 5));
    DCL_CASE(c, "kind=pow", 1, DCL_RANGE(DETCL_F32, 0, 3, 67), DCL_RANGE(DETCL_F32, -3, 3, 67));
    static const float two[] = {2};
    DCL_CASE(c, "kind=pow", 1, DCL_SPECIAL(2, 19, 3, 5), DCL_CONST_DATA(DETCL_F32, two, 1));
    DCL_CASE(c, "kind=pow", 1, DCL_RANGE(DETCL_F32, -3, 3, 67), DCL_RANGE(DETCL_I64, -3, 4, 67));
    DCL_CASE(c, "kind=pow", 1, DCL_RANGE(DETCL_I32, -9, 9, 67), DCL_RANGE(DETCL_I32, -2, 5, 1));
    DCL_CASE(c, "kind=pow", 1, DCL_RANGE(DETCL_I64, 0, 9, 67), DCL_RANGE(DETCL_F32, 0, 3, 67));
}

/* Every pattern of repeated dimensions, and the blocked form's: same shape, gate per channel, mask
 * without channels, constants. */
static void shapes(struct dcl_check *c)
{
    DCL_CASE(c, "kind=mul", 1, DCL_RANDOM(DETCL_F32, 2, 19, 5, 7),
             DCL_RANDOM(DETCL_F32, 2, 19, 5, 7));
    DCL_CASE(c, "kind=mul", 1, DCL_RANDOM(DETCL_F32, 2, 19, 5, 7),
             DCL_RANDOM(DETCL_F32, 2, 19, 1, 1));
    DCL_CASE(c, "kind=sub", 1, DCL_RANDOM(DETCL_F32, 1, 19, 1, 7),
             DCL_RANDOM(DETCL_F32, 2, 19, 5, 1));
    DCL_CASE(c, "kind=mul", 1, DCL_RANDOM(DETCL_F32, 2, 19, 5, 7),
             DCL_RANDOM(DETCL_F32, 2, 1, 5, 7));
    DCL_CASE(c, "kind=div", 1, DCL_RANDOM(DETCL_F32, 2, 19, 5, 7),
             DCL_WEIGHTS(DETCL_F32, 19, 1, 1));
    DCL_CASE(c, "kind=sub", 1, DCL_WEIGHTS(DETCL_F32, 1, 19, 5, 7),
             DCL_RANDOM(DETCL_F32, 2, 19, 5, 7));
    DCL_CASE(c, "kind=add", 1, DCL_RANDOM(DETCL_F32, 2, 19, 5, 7), DCL_WEIGHTS(DETCL_F32, 1));
    DCL_CASE(c, "kind=add", 1, DCL_RANDOM(DETCL_F32, 2, 19, 5, 7), DCL_WEIGHTS(DETCL_F32, 5, 7));
    DCL_CASE(c, "kind=prelu", 1, DCL_RANDOM(DETCL_F32, 1, 33, 3, 3),
             DCL_WEIGHTS(DETCL_F32, 33, 1, 1));
    DCL_CASE(c, "kind=add", 1, DCL_RANDOM(DETCL_F32, 3, 1, 5, 1, 7),
             DCL_RANDOM(DETCL_F32, 1, 4, 1, 6, 1));
    DCL_CASE(c, "kind=sub", 1, DCL_RANDOM(DETCL_F32, 2, 1, 2, 1, 2, 1, 2, 1),
             DCL_RANDOM(DETCL_F32, 1, 3, 1, 3, 1, 3, 1, 3));
    DCL_CASE(c, "kind=add", 1, {.desc = {.dtype = DETCL_F32}}, {.desc = {.dtype = DETCL_F32}});
    DCL_CASE(c, "kind=add", 1, DCL_RANDOM(DETCL_F32, 0, 3), DCL_RANDOM(DETCL_F32, 1, 3));
    DCL_CASE(c, "kind=less", 1, DCL_RANDOM(DETCL_F32, 65, 33), DCL_RANDOM(DETCL_F32, 65, 1));
    /* Largest first: Oclgrind keeps the extent of released buffers when it tracks what is written.
     */
    DCL_CASE(c, "kind=sum", 1, DCL_RANDOM(DETCL_F32, 1, 32, 2, 3), DCL_RANDOM(DETCL_F32, 2, 3),
             DCL_RANDOM(DETCL_F32, 1, 32, 2, 1), DCL_RANDOM(DETCL_F32, 1, 32, 2, 3));
    DCL_CASE(c, "kind=mean", 1, DCL_RANDOM(DETCL_F32, 1, 17, 2, 3),
             DCL_RANDOM(DETCL_F32, 1, 17, 2, 3), DCL_RANDOM(DETCL_F32, 1, 17, 1, 1),
             DCL_WEIGHTS(DETCL_F32, 1, 1, 3));
    DCL_CASE(c, "kind=max", 1, DCL_SPECIAL(5), DCL_SPECIAL(4, 1), DCL_SPECIAL(3, 1, 1));
    DCL_CASE(c, "kind=min", 1, DCL_RANDOM(DETCL_F32, 1, 17, 2, 3));
}

void dcl_check_binary(struct dcl_check *c)
{
    golden_float(c);
    golden_integer(c);
    golden_power(c);
    golden_broadcast(c);
    every_type(c);
    shapes(c);
    const struct dcl_operand apart[] = {DCL_RANDOM(DETCL_F32, 2, 3), DCL_RANDOM(DETCL_F32, 2)};
    dcl_check_refused(c, "kind=add", apart, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=add", apart, 1, 1, DETCL_ERROR_MODEL);
    const struct dcl_operand wider[] = {DCL_RANDOM(DETCL_F32, 3), DCL_RANDOM(DETCL_F32, 2, 3)};
    dcl_check_refused(c, "kind=prelu", wider, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=mod", wider, 2, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "kind=and", wider, 2, 1, DETCL_ERROR_UNSUPPORTED);
    const struct dcl_operand types[] = {DCL_RANDOM(DETCL_F32, 3), DCL_RANDOM(DETCL_I32, 3)};
    dcl_check_refused(c, "kind=add", types, 2, 1, DETCL_ERROR_MODEL);
}
