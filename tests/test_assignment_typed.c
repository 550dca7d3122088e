/* The typed assignment functions on both devices: values by hand, and misuse. */
#include "loss_tensors.h"

static void assign(struct detcl_context *ctx)
{
    static const float anchors[] = {0, 0, 4, 4, 0, 0, 4, 1, 9, 9, 10, 10};
    static const float truth[] = {0, 0, 4, 2, 9, 9, 13, 13};
    static const int32_t classes[] = {7, 8}, matches[] = {0, 0, 1}, labels[] = {7, 7, 8};
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_F32, 3, 4, -1, anchors), tensor(ctx, DETCL_F32, 1, 2, 4, truth),
        tensor(ctx, DETCL_I32, 1, 2, -1, classes), tensor(ctx, DETCL_I32, 1, 3, -1, NULL),
        tensor(ctx, DETCL_I32, 1, 3, -1, NULL)};
    struct detcl_assign_params p = {
        .high = 0.5f, .low = 0.25f, .low_quality = DETCL_LOW_QUALITY_OVERLAPPING};
    assert_int_equal(detcl_assign_anchors(ctx, &p, t[0], t[1], NULL, t[2], t[3], t[4], NULL),
                     DETCL_OK);
    expect_ints(t[3], matches);
    expect_ints(t[4], labels);
    p.low = 0.75f;
    refused(ctx, detcl_assign_anchors(ctx, &p, t[0], t[1], NULL, t[2], t[3], t[4], NULL),
            DETCL_ERROR_ARGUMENT, "low 0.75 and high 0.5");
    DROP(t);
}

static void mine(struct detcl_context *ctx)
{
    static const int32_t matches[] = {-1, 5, -1, -1, -1, -2}, samples[] = {-1, 5, -1, -2, -1, -2};
    static const float losses[] = {1, 0, 3, 0.5f, 1, 9};
    static const int32_t indices[] = {1, 2, 0, 4, -1, -1}, counts[] = {1, 3};
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_I32, 1, 6, -1, matches), tensor(ctx, DETCL_F32, 1, 6, -1, losses),
        tensor(ctx, DETCL_I32, 1, 6, -1, NULL), tensor(ctx, DETCL_I32, 1, 6, -1, NULL),
        tensor(ctx, DETCL_I32, 1, 2, -1, NULL)};
    const struct detcl_mining_params p = {0};
    assert_int_equal(detcl_mine_negatives(ctx, &p, t[0], t[1], t[2], t[3], t[4], NULL), DETCL_OK);
    expect_ints(t[2], samples);
    expect_ints(t[3], indices);
    expect_ints(t[4], counts);
    refused(ctx, detcl_mine_negatives(ctx, &p, t[0], NULL, t[2], t[3], t[4], NULL),
            DETCL_ERROR_MODEL, "losses");
    DROP(t);
}

/* A new seed samples anew, an old one alike. */
static void sample(struct detcl_context *ctx)
{
    int32_t matches[64], samples[3][64], counts[2];
    for (int i = 0; i < 64; i++)
        matches[i] = i % 4 ? -1 : i;
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_I32, 1, 64, -1, matches), tensor(ctx, DETCL_I32, 1, -1, -1, NULL),
        tensor(ctx, DETCL_I32, 1, 64, -1, NULL), tensor(ctx, DETCL_I32, 1, 2, -1, NULL)};
    const struct detcl_sampling_params p = {.batch_size = 16, .max_positives = 4};
    for (int round = 0; round < 3; round++) {
        const int32_t seed = round % 2;
        assert_int_equal(detcl_tensor_write(t[1], &seed, sizeof seed), DETCL_OK);
        assert_int_equal(detcl_sample_balanced(ctx, &p, t[0], t[1], t[2], NULL, t[3], NULL),
                         DETCL_OK);
        assert_int_equal(detcl_tensor_read(t[2], samples[round], sizeof samples[round]), DETCL_OK);
        assert_int_equal(detcl_tensor_read(t[3], counts, sizeof counts), DETCL_OK);
        int taken[2] = {0, 0};
        for (int i = 0; i < 64; i++)
            if (samples[round][i] != DETCL_MATCH_BETWEEN) {
                assert_int_equal(samples[round][i], matches[i]);
                taken[matches[i] < 0]++;
            }
        assert_true(taken[0] == 4 && taken[1] == 12 && counts[0] == 4 && counts[1] == 12);
    }
    assert_memory_equal(samples[0], samples[2], sizeof samples[0]);
    assert_memory_not_equal(samples[0], samples[1], sizeof samples[0]);
    const struct detcl_sampling_params many = {.batch_size = 4, .max_positives = 5};
    refused(ctx, detcl_sample_balanced(ctx, &many, t[0], t[1], t[2], NULL, t[3], NULL),
            DETCL_ERROR_ARGUMENT, "5 positives");
    DROP(t);
}

/* From queries to pairs: query 1 is the box of truth 0, query 0 that of truth 1; place 2 is not
 * there. */
static void match(struct detcl_context *ctx)
{
    static const float logits[6] = {0};
    static const float boxes[] = {5, 5, 2, 2, 1, 1, 2, 2, 9, 1, 2, 2};
    static const float truth[] = {1, 1, 2, 2, 5, 5, 2, 2, 9, 1, 2, 2};
    static const int32_t classes[] = {0, 1, 0}, count[] = {2};
    struct detcl_tensor *t[] = {
        tensor(ctx, DETCL_F32, 1, 3, 2, logits),   tensor(ctx, DETCL_F32, 1, 3, 4, boxes),
        tensor(ctx, DETCL_I32, 1, 3, -1, classes), tensor(ctx, DETCL_F32, 1, 3, 4, truth),
        tensor(ctx, DETCL_I32, 1, -1, -1, count),  tensor(ctx, DETCL_F32, 1, 3, 3, NULL)};
    const struct detcl_match_cost_params p = {.class_weight = 1, .l1_weight = 5, .giou_weight = 2};
    float cost[9];
    int32_t query_of[2];
    double total;
    assert_int_equal(detcl_match_cost(ctx, &p, t[0], t[1], t[2], t[3], t[4], t[5], NULL), DETCL_OK);
    assert_int_equal(detcl_tensor_read(t[5], cost, sizeof cost), DETCL_OK);
    assert_true(cost[2] == 0 && cost[8] == 0);
    assert_int_equal(detcl_hungarian_f32(cost, 3, 2, 3, NULL, query_of, &total, NULL), DETCL_OK);
    assert_true(query_of[0] == 1 && query_of[1] == 0 && fabs(total + 5) < 1e-5);
    refused(ctx, detcl_match_cost(ctx, &p, t[0], t[1], t[2], t[0], t[4], t[5], NULL),
            DETCL_ERROR_MODEL, "do not go together");
    DROP(t);
}

ON_EACH_DEVICE(assign)
ON_EACH_DEVICE(mine)
ON_EACH_DEVICE(sample)
ON_EACH_DEVICE(match)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_assign), cmocka_unit_test(test_mine),
                                       cmocka_unit_test(test_sample), cmocka_unit_test(test_match)};
    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
