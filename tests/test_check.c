/* The harness must catch what it exists for: rows whose kernel or twin is wrong in one way each. */
#include "check.h"
#include "ops/record.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static enum detcl_status same_shape(struct dcl_call *call)
{
    call->out[0]->desc = call->in[0]->desc;
    return DETCL_OK;
}

static enum detcl_status copy_twin(struct dcl_call *call)
{
    memcpy(call->out[0]->data, call->in[0]->data, (size_t)dcl_count(call->in[0]) * sizeof(float));
    return DETCL_OK;
}

static enum detcl_status record_copy(struct dcl_recorder *r, const struct dcl_value *from,
                                     const struct dcl_value *to, int64_t n)
{
    struct dcl_launch *l = dcl_launch(r, "copy", "-DT=uint", "copy");
    dcl_arg_value(l, from);
    dcl_arg_value(l, to);
    dcl_arg_int(l, n);
    return dcl_grid(l, 1, (size_t[]){(size_t)(n > 0 ? n : 1)}, NULL);
}

static enum detcl_status copy_all(struct dcl_call *call, struct dcl_recorder *r)
{
    return record_copy(r, call->in[0], call->out[0], dcl_count(call->in[0]));
}

static enum detcl_status copy_too_many(struct dcl_call *call, struct dcl_recorder *r)
{
    return record_copy(r, call->in[0], call->out[0], dcl_count(call->in[0]) + 1);
}

static enum detcl_status copy_too_few(struct dcl_call *call, struct dcl_recorder *r)
{
    return record_copy(r, call->in[0], call->out[0], dcl_count(call->in[0]) - 1);
}

static enum detcl_status copy_backwards(struct dcl_call *call, struct dcl_recorder *r)
{
    DCL_TRY(call->error, copy_all(call, r));
    return record_copy(r, call->out[0], call->in[0], dcl_count(call->in[0]) + 1);
}

/* Order of the elements by value, descending. The twin breaks ties by index; this device does not.
 */
static enum detcl_status order_infer(struct dcl_call *call)
{
    call->out[0]->desc = call->in[0]->desc;
    call->out[0]->desc.dtype = DETCL_I32;
    return DETCL_OK;
}

static enum detcl_status order_twin(struct dcl_call *call)
{
    for (int32_t i = 0; i < dcl_count(call->in[0]); i++)
        ((int32_t *)call->out[0]->data)[i] = i;
    return DETCL_OK;
}

static enum detcl_status order_with_wrong_tie(struct dcl_call *call, struct dcl_recorder *r)
{
    void *data = NULL;
    struct dcl_value *list = dcl_packed(r, DETCL_I32, dcl_count(call->in[0]), &data);
    for (int32_t i = 0; data && i < dcl_count(call->in[0]); i++)
        ((int32_t *)data)[i] = i < 2 ? 1 - i : i;
    return record_copy(r, list, call->out[0], dcl_count(call->in[0]));
}

static enum detcl_status twin_without_nan(struct dcl_call *call)
{
    copy_twin(call);
    for (int64_t i = 0; i < dcl_count(call->in[0]); i++)
        if (isnan(((float *)call->out[0]->data)[i]))
            ((float *)call->out[0]->data)[i] = 0;
    return DETCL_OK;
}

static enum detcl_status twin_with_overrun(struct dcl_call *call)
{
    copy_twin(call);
    ((float *)call->out[0]->data)[dcl_count(call->in[0])] = 1;
    return DETCL_OK;
}

static enum detcl_status twin_slightly_off(struct dcl_call *call)
{
    copy_twin(call);
    ((float *)call->out[0]->data)[3] *= 1.0001f;
    return DETCL_OK;
}

static char last_why[512];

static void remember(void *user, const struct dcl_check_report *r)
{
    (void)user;
    if (!r->passed)
        snprintf(last_why, sizeof last_why, "%s", r->why);
}

static void equal_values(struct dcl_check *c)
{
    static const float x[4] = {1, 1, 1, 1};
    DCL_CASE(c, NULL, 1, DCL_DATA(DETCL_F32, x, 4));
}

static void with_nan(struct dcl_check *c)
{
    static const float x[5] = {1, NAN, 2, 3, 4};
    DCL_CASE(c, NULL, 1, DCL_DATA(DETCL_F32, x, 5));
}

static void any_values(struct dcl_check *c)
{
    DCL_CASE(c, NULL, 1, DCL_RANGE(DETCL_F32, 1, 2, 33));
}

static void wrong_golden(struct dcl_check *c)
{
    static const float x[3] = {1, 2, 3}, y[3] = {1, 2, 4};
    const struct dcl_operand in[] = {DCL_DATA(DETCL_F32, x, 3)};
    const struct dcl_operand out[] = {DCL_DATA(DETCL_F32, y, 3)};
    dcl_check_golden(c, NULL, in, 1, out, 1, 1e-6);
}

/* How many cases of the row fail on the default device. */
static int failures(struct dcl_op row, void (*cases)(struct dcl_check *))
{
    struct detcl_context *ctx = NULL;
    if (detcl_context_create(NULL, &ctx, NULL) != DETCL_OK || strcmp(ctx->info.id, "cpu") == 0) {
        detcl_context_destroy(&ctx);
        return -1;
    }
    row.name = "fake";
    row.min_in = row.max_in = row.max_out = 1;
    struct dcl_check_totals totals = {0};
    const struct dcl_check_options options = {.report = remember};
    dcl_check_row(ctx, &options, &row, cases, &totals);
    detcl_context_destroy(&ctx);
    return totals.failed;
}

#define EXPECT(count, text, cases, ...)                                                            \
    do {                                                                                           \
        last_why[0] = 0;                                                                           \
        const int n = failures((struct dcl_op){__VA_ARGS__}, cases);                               \
        if (n < 0)                                                                                 \
            skip();                                                                                \
        assert_int_equal(n, count);                                                                \
        if (!strstr(last_why, text))                                                               \
            fail_msg("expected '%s' in '%s'", text, last_why);                                     \
    } while (0)

static void right_row_passes(void **state)
{
    (void)state;
    EXPECT(0, "", any_values, .infer = same_shape, .run_cpu = copy_twin, .record_cl = copy_all);
    EXPECT(0, "", with_nan, .infer = same_shape, .run_cpu = copy_twin, .record_cl = copy_all);
}

static void catches_overruns(void **state)
{
    (void)state;
    EXPECT(1, "outside buffer", any_values, .infer = same_shape, .run_cpu = copy_twin,
           .record_cl = copy_too_many);
    EXPECT(1, "outside buffer", any_values, .infer = same_shape, .run_cpu = copy_twin,
           .record_cl = copy_backwards);
    EXPECT(1, "twin wrote outside", any_values, .infer = same_shape, .run_cpu = twin_with_overrun,
           .record_cl = copy_all);
}

static void catches_off_by_one(void **state)
{
    (void)state;
    EXPECT(1, "element 32", any_values, .infer = same_shape, .run_cpu = copy_twin,
           .record_cl = copy_too_few);
}

static void catches_wrong_tie(void **state)
{
    (void)state;
    EXPECT(1, "element 0 is 1", equal_values, .infer = order_infer, .run_cpu = order_twin,
           .record_cl = order_with_wrong_tie);
}

static void catches_nan(void **state)
{
    (void)state;
    EXPECT(1, "element 1 is nan", with_nan, .infer = same_shape, .run_cpu = twin_without_nan,
           .record_cl = copy_all, .tolerance = 1e-3f);
}

static void catches_small_errors(void **state)
{
    (void)state;
    EXPECT(1, "element 3", any_values, .infer = same_shape, .run_cpu = twin_slightly_off,
           .record_cl = copy_all, .tolerance = 1e-5f);
    EXPECT(0, "", any_values, .infer = same_shape, .run_cpu = twin_slightly_off,
           .record_cl = copy_all, .tolerance = 1e-3f);
}

static void catches_wrong_twin(void **state)
{
    (void)state;
    EXPECT(1, "golden is 4", wrong_golden, .infer = same_shape, .run_cpu = copy_twin,
           .record_cl = copy_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_row_passes),   cmocka_unit_test(catches_overruns),
        cmocka_unit_test(catches_off_by_one), cmocka_unit_test(catches_wrong_tie),
        cmocka_unit_test(catches_nan),        cmocka_unit_test(catches_small_errors),
        cmocka_unit_test(catches_wrong_twin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
