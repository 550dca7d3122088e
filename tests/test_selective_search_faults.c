/* Every allocation of segmentation and search fails once: an error, nothing written, nothing leaked
 * (the sanitizer build sees that). */
#include "detcl/selective_search.h"
#include "failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

enum { WIDTH = 70, HEIGHT = 60 };

static const struct detcl_image *picture(void)
{
    static uint8_t rgb[3 * WIDTH * HEIGHT];
    static const struct detcl_image image = {.pixels = rgb, .width = WIDTH, .height = HEIGHT};
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
        rgb[i] = (uint8_t)(i / 3 % WIDTH / 9 * 40 + i / 3 / WIDTH / 7 * 90 + i % 3 * 60);
    return &image;
}

static enum detcl_status search_boxes(struct detcl_box_list **out, struct detcl_error *error)
{
    const struct detcl_selective_search_params params = {.min_size = 10};
    return detcl_selective_search(picture(), &params, out, error);
}

static void search_survives(void **state)
{
    (void)state;
    struct detcl_box_list *good = NULL;
    assert_int_equal(search_boxes(&good, NULL), DETCL_OK);
    for (long n = 0, failed = 0;; n++) {
        struct detcl_box_list *list = NULL;
        struct detcl_error error = {""};
        countdown = n;
        const enum detcl_status s = search_boxes(&list, &error);
        const long left = countdown;
        countdown = -1;
        if (left >= 0) { /* fewer than n + 1 allocations: every one has failed once */
            assert_int_equal(s, DETCL_OK);
            assert_int_equal(list->count, good->count);
            assert_memory_equal(list->boxes, good->boxes, 16 * (size_t)good->count);
            assert_true(failed >= 40);
            detcl_box_list_destroy(&list);
            break;
        }
        assert_int_equal(s, DETCL_ERROR_MEMORY);
        assert_non_null(strstr(error.text, "no memory"));
        assert_null(list);
        failed++;
    }
    detcl_box_list_destroy(&good);
}

static void segmentation_survives(void **state)
{
    (void)state;
    int32_t labels[WIDTH * HEIGHT];
    for (long n = 0, failed = 0;; n++) {
        struct detcl_error error = {""};
        int count = -1;
        countdown = n;
        const enum detcl_status s = detcl_segment(picture(), NULL, labels, &count, &error);
        const long left = countdown;
        countdown = -1;
        if (left >= 0) {
            assert_int_equal(s, DETCL_OK);
            assert_true(failed >= 3);
            break;
        }
        assert_int_equal(s, DETCL_ERROR_MEMORY);
        assert_int_equal(count, -1);
        failed++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_survives),
        cmocka_unit_test(segmentation_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
