/* Segmentation and selective search as their users call them. */
#include "detcl/selective_search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

#include "scenes.h"

/* Gray values as a picture of one row, without smoothing. */
static int segments_of_row(const uint8_t *gray, int n, float k, int min_size, int32_t *labels)
{
    uint8_t rgb[3 * 16];
    const struct detcl_image image = {.pixels = rgb, .width = n, .height = 1};
    const struct detcl_segment_params params = {.sigma = -1, .k = k, .min_size = min_size};
    int count = 0;
    for (int i = 0; i < 3 * n; i++)
        rgb[i] = gray[i / 3];
    assert_int_equal(detcl_segment(&image, &params, labels, &count, NULL), DETCL_OK);
    return count;
}

/* Weights of sqrt(3) and 2 sqrt(3); the limits are k, then sqrt(3) + k / 2. */
static void segments_worked_by_hand(void **state)
{
    (void)state;
    static const uint8_t row[] = {0, 1, 3};
    int32_t labels[16];
    assert_int_equal(segments_of_row(row, 3, 1.7f, 1, labels), 3);
    assert_int_equal(segments_of_row(row, 3, 3.4f, 1, labels), 2);
    assert_int_equal(labels[1], 0);
    assert_int_equal(labels[2], 1);
    assert_int_equal(segments_of_row(row, 3, 3.5f, 1, labels), 1);
    assert_int_equal(segments_of_row(row, 3, 1.7f, 2, labels), 1); /* all are too small */
    static const uint8_t steps[] = {0, 0, 0, 50, 50, 100, 100, 100};
    assert_int_equal(segments_of_row(steps, 8, 10, 1, labels), 3);
    assert_int_equal(segments_of_row(steps, 8, 10, 3, labels), 2); /* the middle goes left */
    assert_int_equal(labels[4], 0);
    assert_int_equal(labels[5], 1);
    assert_int_equal(segments_of_row(steps, 8, 10, 0, labels), 1); /* min_size is k */
    assert_int_equal(segments_of_row(steps, 1, 10, 0, labels), 1);
}

/* Two halves of 16 pixels with a step of 100: joined from k = 16 * 100 sqrt(3) = 2771.3 on. */
static void halves_join_by_k(void **state)
{
    (void)state;
    uint8_t rgb[3 * 32];
    int32_t labels[32];
    const struct detcl_image image = {.pixels = rgb, .width = 8, .height = 4};
    for (int i = 0; i < 3 * 32; i++)
        rgb[i] = i / 3 % 8 < 4 ? 60 : 160;
    for (int joined = 0; joined < 2; joined++) {
        const struct detcl_segment_params params = {
            .sigma = -1, .k = joined ? 2772 : 2770, .min_size = 1};
        int count = 0;
        assert_int_equal(detcl_segment(&image, &params, labels, &count, NULL), DETCL_OK);
        assert_int_equal(count, joined ? 1 : 2);
        for (int i = 0; i < 32; i++)
            assert_int_equal(labels[i], joined ? 0 : i % 8 >= 4);
    }
}

enum { W = 40, H = 30 };

static void fill_formula(uint8_t *rgb, size_t stride, int bgr)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const int h = x * 7 + y * 13 + x * y % 11;
            const int disc = (x - 20) * (x - 20) + (y - 15) * (y - 15) < 64;
            const int colour[3] = {40 + x / 13 * 60 + h % 9, 200 - y / 11 * 70 + h % 7,
                                   (disc ? 220 : 60) + h % 5};
            for (int c = 0; c < 3; c++)
                rgb[(size_t)y * stride + (size_t)(3 * x + (bgr ? 2 - c : c))] = (uint8_t)colour[c];
        }
}

static uint32_t digest(const int32_t *labels)
{
    uint32_t sum = 0;
    for (int i = 0; i < W * H; i++)
        sum = sum * 31 + (uint32_t)labels[i] + 1;
    return sum;
}

/* skimage 0.19.3: felzenszwalb(picture, scale=k, sigma=sigma, min_size=min_size), labels renumbered
 * by their first pixels. */
static void segments_as_skimage(void **state)
{
    (void)state;
    static const struct {
        float k, sigma;
        int min_size, count;
        uint32_t digest;
    } golden[] = {{100, 0.8f, 20, 14, 2942925644u}, {100, 0.8f, 1, 43, 4073231351u},
                  {30, 0.8f, 5, 54, 3152582057u},   {300, 0.8f, 20, 12, 208742139u},
                  {10, 0.5f, 1, 126, 306093461u},   {3, 0.8f, 1, 224, 2042143285u}};
    static uint8_t rgb[2 * 3 * W * H];
    static int32_t labels[W * H];
    for (int bgr = 0; bgr < 2; bgr++) {
        const struct detcl_image image = {rgb, W, H, bgr ? 3 * W + 5 : 0, bgr};
        fill_formula(rgb, bgr ? 3 * W + 5 : 3 * W, bgr);
        for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
            const struct detcl_segment_params params = {
                .sigma = golden[i].sigma, .k = golden[i].k, .min_size = golden[i].min_size};
            int count = 0;
            assert_int_equal(detcl_segment(&image, &params, labels, &count, NULL), DETCL_OK);
            print_message("k %g sigma %g: %d segments\n", (double)params.k, (double)params.sigma,
                          count);
            assert_int_equal(count, golden[i].count);
            assert_int_equal(digest(labels), golden[i].digest);
        }
    }
}

static void refused(enum detcl_status status, const struct detcl_error *error, const char *text)
{
    assert_int_equal(status, DETCL_ERROR_ARGUMENT);
    if (!strstr(error->text, text))
        fail_msg("'%s' does not say '%s'", error->text, text);
}

static void bad_pictures_are_refused(void **state)
{
    (void)state;
    static const uint8_t rgb[12] = {0};
    const struct detcl_image wrong[] = {
        {NULL, 2, 2, 0, 0},    {rgb, 0, 2, 0, 0}, {rgb, 2, -1, 0, 0},
        {rgb, 65536, 1, 0, 0}, {rgb, 2, 2, 5, 0}, {rgb, 65535, 65535, 0, 0},
    };
    static const char *const why[] = {"no image", "0x2", "2x-1", "65536x1", "stride 5", "at most"};
    int32_t labels[4];
    struct detcl_box_list *list = NULL;
    struct detcl_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        refused(detcl_segment(&wrong[i], NULL, labels, NULL, &error), &error, why[i]);
        refused(detcl_selective_search(&wrong[i], NULL, &list, &error), &error, why[i]);
        assert_int_equal(detcl_segment(&wrong[i], NULL, labels, NULL, NULL), DETCL_ERROR_ARGUMENT);
    }
    refused(detcl_segment(NULL, NULL, labels, NULL, &error), &error, "no image");
    refused(detcl_selective_search(NULL, NULL, &list, &error), &error, "no image");
    assert_null(list);
}

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    static const uint8_t rgb[12] = {0};
    static const enum detcl_colour_space colours[] = {DETCL_COLOUR_LAB, (enum detcl_colour_space)8};
    static const float k[] = {1, 0};
    static const unsigned similarities[] = {15, 16};
    const struct detcl_image image = {rgb, 2, 2, 0, 0};
    const struct detcl_segment_params segment[] = {{.colour = (enum detcl_colour_space)9},
                                                   {.sigma = 101},
                                                   {.sigma = NAN},
                                                   {.k = -1},
                                                   {.k = NAN},
                                                   {.k = INFINITY},
                                                   {.min_size = -1}};
    const struct detcl_selective_search_params search[] = {
        {.mode = (enum detcl_search_mode)3},
        {.colours = colours, .colour_count = 2},
        {.colours = colours},
        {.colour_count = 1},
        {.k = k, .k_count = 2},
        {.k = k, .k_count = 17},
        {.similarities = similarities, .similarity_count = 2},
        {.similarity_count = -1},
        {.min_side = -1},
        {.max_boxes = -1},
        {.sigma = 1000}};
    static const char *const why[] = {"mode 3",          "colour space 8", "0 colour spaces",
                                      "no list",         "k is 0",         "17 values",
                                      "similarity 16",   "no list",        "min_side is -1",
                                      "max_boxes is -1", "sigma is 1000"};
    int32_t labels[4];
    struct detcl_box_list *list = NULL;
    struct detcl_error error;
    for (size_t i = 0; i < sizeof segment / sizeof *segment; i++)
        refused(detcl_segment(&image, &segment[i], labels, NULL, &error), &error, "");
    for (size_t i = 0; i < sizeof search / sizeof *search; i++)
        refused(detcl_selective_search(&image, &search[i], &list, &error), &error, why[i]);
    refused(detcl_segment(&image, NULL, NULL, NULL, &error), &error, "labels");
    refused(detcl_selective_search(&image, NULL, NULL, &error), &error, "boxes");
    assert_null(list);
}

static struct detcl_box_list *search(const struct scene *s,
                                     const struct detcl_selective_search_params *params)
{
    const struct detcl_image image = {
        .pixels = s->rgb, .width = SCENE_WIDTH, .height = SCENE_HEIGHT};
    struct detcl_box_list *list = NULL;
    struct detcl_error error = {""};
    if (detcl_selective_search(&image, params, &list, &error) != DETCL_OK)
        fail_msg("%s", error.text);
    return list;
}

static int holds(const struct detcl_box_list *list, const float *box)
{
    for (int i = 0; i < list->count; i++)
        if (memcmp(list->boxes + 4 * i, box, 4 * sizeof *box) == 0)
            return 1;
    return 0;
}

static void check_boxes(const struct detcl_box_list *list, int min_side)
{
    for (int i = 0; i < list->count; i++) {
        const float *b = list->boxes + 4 * i;
        assert_true(b[0] >= 0 && b[1] >= 0 && b[2] <= SCENE_WIDTH && b[3] <= SCENE_HEIGHT);
        assert_true(b[2] - b[0] >= (float)min_side && b[3] - b[1] >= (float)min_side);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(b, list->boxes + 4 * j, 4 * sizeof *b);
    }
}

/* Every combination of choices, all colour spaces among them. */
static void lists_of_choices(void **state)
{
    (void)state;
    static const enum detcl_colour_space colours[] = {
        DETCL_COLOUR_RGB, DETCL_COLOUR_INTENSITY,  DETCL_COLOUR_LAB,      DETCL_COLOUR_RGI,
        DETCL_COLOUR_HSV, DETCL_COLOUR_NORMALISED, DETCL_COLOUR_OPPONENT, DETCL_COLOUR_HUE};
    static const float k[] = {200};
    static const unsigned similarities[] = {15, DETCL_SIMILAR_COLOUR};
    static const float whole[] = {0, 0, SCENE_WIDTH, SCENE_HEIGHT};
    struct scene *s = scene_create(0);
    assert_non_null(s);
    struct detcl_selective_search_params params = {.k = k,
                                                   .k_count = 1,
                                                   .similarities = similarities,
                                                   .similarity_count = 2,
                                                   .colours = colours,
                                                   .colour_count = 8};
    struct detcl_box_list *all = search(s, &params);
    check_boxes(all, 1);
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        params.colours = &colours[i];
        params.colour_count = 1;
        struct detcl_box_list *one = search(s, &params);
        assert_true(holds(one, whole));
        for (int j = 0; j < one->count; j++)
            assert_true(holds(all, one->boxes + 4 * j));
        sum += one->count;
        detcl_box_list_destroy(&one);
    }
    assert_true(all->count <= sum);
    detcl_box_list_destroy(&all);
    free(s);
}

static void order_follows_the_seed(void **state)
{
    (void)state;
    struct scene *s = scene_create(1);
    assert_non_null(s);
    struct detcl_selective_search_params params = {.seed = 1};
    struct detcl_box_list *first = search(s, &params), *again = search(s, &params);
    const size_t bytes = 4 * (size_t)first->count * sizeof(float);
    assert_int_equal(again->count, first->count);
    assert_memory_equal(again->boxes, first->boxes, bytes);
    params.seed = 2;
    struct detcl_box_list *other = search(s, &params);
    assert_int_equal(other->count, first->count);
    assert_memory_not_equal(other->boxes, first->boxes, bytes);
    for (int i = 0; i < other->count; i++)
        assert_true(holds(first, other->boxes + 4 * i));
    params = (struct detcl_selective_search_params){.seed = 1, .max_boxes = 50};
    struct detcl_box_list *fifty = search(s, &params);
    assert_int_equal(fifty->count, 50);
    assert_memory_equal(fifty->boxes, first->boxes, 50 * 4 * sizeof(float));
    params = (struct detcl_selective_search_params){.seed = 1, .min_side = 20};
    struct detcl_box_list *large = search(s, &params);
    check_boxes(large, 20);
    int at = 0; /* the others keep their order */
    for (int i = 0; i < large->count; i++, at++)
        while (memcmp(first->boxes + 4 * at, large->boxes + 4 * i, 4 * sizeof(float)) != 0)
            assert_true(++at < first->count);
    params.min_side = SCENE_WIDTH;
    struct detcl_box_list *none = search(s, &params);
    assert_int_equal(none->count, 0);
    struct detcl_box_list **const lists[] = {&first, &again, &other, &fifty, &large, &none};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        detcl_box_list_destroy(lists[i]);
    free(s);
}

static void smallest_pictures(void **state)
{
    (void)state;
    static const uint8_t rgb[3 * 64] = {200, 10, 10};
    static const int sizes[][2] = {{1, 1}, {64, 1}, {1, 64}, {2, 2}};
    for (int i = 0; i < 4; i++) {
        const struct detcl_image image = {
            .pixels = rgb, .width = sizes[i][0], .height = sizes[i][1]};
        const struct detcl_selective_search_params params = {.mode = DETCL_SEARCH_QUALITY,
                                                             .min_size = 1};
        const float whole[] = {0, 0, (float)sizes[i][0], (float)sizes[i][1]};
        struct detcl_box_list *list = NULL;
        assert_int_equal(detcl_selective_search(&image, &params, &list, NULL), DETCL_OK);
        assert_true(holds(list, whole));
        detcl_box_list_destroy(&list);
        assert_null(list);
        detcl_box_list_destroy(&list);
    }
    detcl_box_list_destroy(NULL);
}

/* The floors lie a few objects below what bench_selective_search prints. */
static void objects_are_found(void **state)
{
    (void)state;
    struct scene_score score = {0};
    uint32_t sum = 0;
    for (int i = 0; i < SCENES; i++) {
        struct scene *s = scene_create(i);
        assert_non_null(s);
        struct detcl_box_list *list = search(s, NULL);
        scene_score(s, list->boxes, list->count, &score);
        for (int j = 0; j < 4 * list->count; j++)
            sum = sum * 31 + (uint32_t)list->boxes[j] + 1;
        detcl_box_list_destroy(&list);
        free(s);
    }
    const double n = score.objects;
    print_message("%d objects: recall %.3f at 0.5, %.3f at 0.7, mean best overlap %.3f; %08x\n",
                  score.objects, score.at_50 / n, score.at_70 / n, score.overlap / n, sum);
    assert_true(score.at_50 >= 0.95 * n);
    assert_true(score.at_70 >= 0.88 * n);
    assert_true(score.overlap >= 0.90 * n);
    assert_int_equal(sum,
                     0x20f7da84); /* every compiler and machine gives these boxes in this order */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_worked_by_hand),    cmocka_unit_test(halves_join_by_k),
        cmocka_unit_test(segments_as_skimage),        cmocka_unit_test(bad_pictures_are_refused),
        cmocka_unit_test(bad_parameters_are_refused), cmocka_unit_test(lists_of_choices),
        cmocka_unit_test(order_follows_the_seed),     cmocka_unit_test(smallest_pictures),
        cmocka_unit_test(objects_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
