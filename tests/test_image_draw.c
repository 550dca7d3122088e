/* Drawing: clipping, odd boxes, colours, the font and where labels go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/font.h"
#include "image/image.h"
#include "image/label.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKGROUND 128

static struct dcl_image make_image(int width, int height)
{
    const size_t size = 3 * (size_t)width * (size_t)height;
    struct dcl_image image = {width, height, malloc(size)};
    assert_non_null(image.rgb);
    memset(image.rgb, BACKGROUND, size);
    return image;
}

static const uint8_t *pixel(const struct dcl_image *image, int x, int y)
{
    return image->rgb + 3 * (y * image->width + x);
}

static bool untouched(const struct dcl_image *image, int x, int y)
{
    static const uint8_t background[3] = {BACKGROUND, BACKGROUND, BACKGROUND};
    return memcmp(pixel(image, x, y), background, 3) == 0;
}

static size_t count_touched(const struct dcl_image *image)
{
    size_t count = 0;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            count += !untouched(image, x, y);
    return count;
}

static void draw(struct dcl_image *image, const struct dcl_image_box *boxes, size_t count)
{
    char why[256] = "";
    assert_int_equal(dcl_image_draw_boxes(image, boxes, count, why, sizeof why), DETCL_OK);
    assert_string_equal(why, "");
}

static void nothing_to_draw_changes_nothing(void **state)
{
    (void)state;
    static const float coordinates[][4] = {
        {NAN, 10, 50, 50},       {10, NAN, 50, 50},
        {10, 10, NAN, 50},       {10, 10, 50, NAN},
        {-INFINITY, 10, 50, 50}, {10, 10, INFINITY, 50},
        {10, 10, 50, INFINITY},  {50, 10, 10, 50},  /* inverted */
        {10, 50, 50, 10},        {10, 10, 10, 50},  /* empty */
        {10, 10, 50, 10},        {-50, 10, -1, 50}, /* outside */
        {200, 10, 250, 50},      {10, -50, 50, 0},
        {10, 100, 50, 150},      {1e30f, 1e30f, 3e38f, 3e38f},
    };
    struct dcl_image image = make_image(200, 100);
    for (size_t i = 0; i < sizeof coordinates / sizeof coordinates[0]; i++) {
        const float *c = coordinates[i];
        const struct dcl_image_box box = {c[0], c[1], c[2], c[3], 0.5f, 0, "name"};
        draw(&image, &box, 1);
        assert_int_equal(count_touched(&image), 0);
    }
    draw(&image, NULL, 0);
    assert_int_equal(count_touched(&image), 0);
    dcl_image_free(&image);
}

/* A box with all sides inside: the frame is centred on its edges and leaves the inside alone. */
static void frame_follows_the_box(void **state)
{
    (void)state;
    struct dcl_image image = make_image(300, 300);
    const struct dcl_image_box box = {100, 80, 220, 260, 0.5f, 3, "x"};
    draw(&image, &box, 1);
    const uint8_t *color = pixel(&image, 219, 170);
    assert_false(untouched(&image, 219, 170));
    assert_memory_equal(pixel(&image, 220, 170), color, 3);
    assert_memory_equal(pixel(&image, 99, 170), color, 3);
    assert_memory_equal(pixel(&image, 100, 170), color, 3);
    assert_memory_equal(pixel(&image, 150, 259), color, 3);
    assert_memory_equal(pixel(&image, 150, 260), color, 3);
    assert_memory_equal(pixel(&image, 200, 79), color, 3);
    for (int y = 84; y < 256; y++)
        for (int x = 104; x < 216; x++)
            assert_true(untouched(&image, x, y));
    for (int y = 0; y < 300; y++)
        for (int x = 224; x < 300; x++)
            assert_true(untouched(&image, x, y));
    dcl_image_free(&image);
}

/* Boxes that reach out of the picture show their visible sides, at the picture's edge. */
static void frames_are_clipped(void **state)
{
    (void)state;
    struct dcl_image image = make_image(120, 90);
    const struct dcl_image_box box = {-1e30f, -5, 3e38f, 90, NAN, 0, ""};
    draw(&image, &box, 1);
    assert_false(untouched(&image, 0, 60));
    assert_false(untouched(&image, 119, 60));
    assert_false(untouched(&image, 60, 89));
    assert_false(untouched(&image, 60, 0));
    assert_true(untouched(&image, 60, 60));
    dcl_image_free(&image);
}

/* Nothing to see here but what a sanitizer reports: pictures smaller than a frame or a label. */
static void tiny_pictures(void **state)
{
    (void)state;
    for (int width = 1; width <= 40; width += 3) {
        for (int height = 1; height <= 40; height += 3) {
            struct dcl_image image = make_image(width, height);
            const struct dcl_image_box boxes[] = {
                {-3, -3, 100, 100, 0.9f, 1, "a long name of a class"},
                {0.2f, 0.2f, 0.7f, 0.7f, NAN, -5, NULL},
                {0, 0, (float)width, (float)height, -1e30f, 2147483647, "\xf0\x9f\x98"},
            };
            draw(&image, boxes, 3);
            assert_false(untouched(&image, 0, 0));
            dcl_image_free(&image);
        }
    }
}

static void better_scores_are_on_top(void **state)
{
    (void)state;
    struct dcl_image first = make_image(300, 300), second = make_image(300, 300);
    struct dcl_image alone = make_image(300, 300);
    const struct dcl_image_box best = {50, 100, 250, 250, 0.9f, 1, "b"};
    const struct dcl_image_box worst = {50, 100, 250, 250, 0.3f, 0, "a"};
    const struct dcl_image_box unknown = {50, 100, 250, 250, NAN, 2, "c"};
    const struct dcl_image_box forwards[3] = {best, worst, unknown};
    const struct dcl_image_box backwards[3] = {unknown, worst, best};
    draw(&first, forwards, 3);
    draw(&second, backwards, 3);
    draw(&alone, &best, 1);
    assert_memory_equal(first.rgb, second.rgb, 3 * 300 * 300);
    assert_memory_equal(pixel(&first, 150, 249), pixel(&alone, 150, 249), 3);
    dcl_image_free(&first);
    dcl_image_free(&second);
    dcl_image_free(&alone);
}

/* Beyond the labels that are drawn there are still frames. */
static void very_many_boxes(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    struct dcl_image image = make_image(200, 200);
    struct dcl_image_box *boxes = calloc(COUNT, sizeof *boxes);
    assert_non_null(boxes);
    for (int i = 0; i < COUNT; i++) {
        const float at = 120 + 0.001f * (float)i;
        boxes[i] = (struct dcl_image_box){at, at, at + 30, at + 30, 1, i, "many"};
    }
    boxes[COUNT - 1] = (struct dcl_image_box){10, 150, 60, 190, 0.1f, 0, "last"};
    draw(&image, boxes, COUNT);
    assert_false(untouched(&image, 59, 170));
    free(boxes);
    dcl_image_free(&image);
}

/* Linear light of an sRGB pixel. */
static void to_linear(const uint8_t *rgb, double out[3])
{
    for (int c = 0; c < 3; c++) {
        const double v = rgb[c] / 255.0;
        out[c] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    }
}

static double luminance(const uint8_t *rgb)
{
    double v[3];
    to_linear(rgb, v);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
}

/* Distance in Oklab, where about 0.02 can just be noticed side by side. */
static double difference(const uint8_t *first, const uint8_t *second)
{
    double lab[2][3];
    for (int i = 0; i < 2; i++) {
        double v[3];
        to_linear(i == 0 ? first : second, v);
        const double l = cbrt(0.4122214708 * v[0] + 0.5363325363 * v[1] + 0.0514459929 * v[2]);
        const double m = cbrt(0.2119034982 * v[0] + 0.6806995451 * v[1] + 0.1073969566 * v[2]);
        const double s = cbrt(0.0883024619 * v[0] + 0.2817188376 * v[1] + 0.6299787005 * v[2]);
        lab[i][0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
        lab[i][1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
        lab[i][2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
    }
    return sqrt(pow(lab[0][0] - lab[1][0], 2) + pow(lab[0][1] - lab[1][1], 2) +
                pow(lab[0][2] - lab[1][2], 2));
}

/* Classes can be told apart, the first ones easily, and the dark text on their colours has WCAG's
 * enhanced contrast of 7 to 1. */
static void class_colors(void **state)
{
    (void)state;
    enum { CLASSES = 80, FIRST = 12 };
    static const uint8_t ink[3] = {12, 12, 16};
    uint8_t colors[CLASSES][3];
    for (int i = 0; i < CLASSES; i++) {
        struct dcl_image image = make_image(100, 100);
        const struct dcl_image_box box = {20, 40, 80, 90, NAN, i, ""};
        draw(&image, &box, 1);
        memcpy(colors[i], pixel(&image, 50, 89), 3);
        dcl_image_free(&image);
        assert_true((luminance(colors[i]) + 0.05) / (luminance(ink) + 0.05) >= 7);
        for (int k = 0; k < i; k++)
            assert_true(difference(colors[i], colors[k]) > (i < FIRST ? 0.08 : 0.02));
    }
}

/* ---- Labels ---- */

static bool overlaps(struct dcl_rect a, struct dcl_rect b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

static void assert_rect(struct dcl_rect found, int left, int top, int right, int bottom)
{
    const int f[4] = {found.left, found.top, found.right, found.bottom};
    const int e[4] = {left, top, right, bottom};
    if (memcmp(f, e, sizeof f) != 0)
        fail_msg("found %d %d %d %d, expected %d %d %d %d", f[0], f[1], f[2], f[3], e[0], e[1],
                 e[2], e[3]);
}

static void single_label_places(void **state)
{
    (void)state;
    const struct dcl_label_scene scene = {.width = 400, .height = 300};
    struct dcl_rect frame = {100, 100, 300, 250};
    assert_rect(dcl_label_place(&scene, frame, 60, 20), 100, 80, 160, 100); /* above */
    frame.top = 10;
    assert_rect(dcl_label_place(&scene, frame, 60, 20), 100, 0, 160, 20); /* at the top edge */
    frame = (struct dcl_rect){380, 100, 400, 250};
    assert_rect(dcl_label_place(&scene, frame, 60, 20), 340, 80, 400, 100); /* at the right edge */
    assert_rect(dcl_label_place(&scene, frame, 500, 400), 0, 0, 500, 400);  /* too large */
}

static void labels_avoid_each_other(void **state)
{
    (void)state;
    enum { COUNT = 12 };
    struct dcl_rect labels[COUNT];
    const struct dcl_rect frame = {100, 150, 300, 250};
    struct dcl_label_scene scene = {.width = 400, .height = 400, .labels = labels};
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = dcl_label_place(&scene, frame, 80, 20);
        assert_true(labels[i].left >= 0 && labels[i].right <= 400);
        assert_true(labels[i].top >= 0 && labels[i].bottom <= 400);
        for (size_t k = 0; k < i; k++)
            assert_false(overlaps(labels[i], labels[k]));
        scene.label_count++;
    }
}

/* A box smaller than the label stays visible wherever in the picture it is. */
static void small_boxes_stay_visible(void **state)
{
    (void)state;
    for (int y = 0; y <= 90; y += 10) {
        for (int x = 0; x <= 190; x += 10) {
            const struct dcl_rect frame = {x, y, x + 10, y + 10};
            const struct dcl_label_scene scene = {
                .width = 200, .height = 100, .frames = &frame, .frame_count = 1};
            assert_false(overlaps(dcl_label_place(&scene, frame, 60, 20), frame));
        }
    }
}

/* ---- Font ---- */

enum { GLYPH = 48 };

static void draw_text(const char *text, uint8_t coverage[GLYPH * GLYPH])
{
    struct dcl_mask mask = {GLYPH, GLYPH, coverage};
    memset(coverage, 0, GLYPH * GLYPH);
    dcl_font_draw(&mask, 8, 32, text, 1, 2);
}

static void characters_are_distinct(void **state)
{
    (void)state;
    static uint8_t drawn[128][GLYPH * GLYPH];
    for (int c = ' '; c <= 127; c++) {
        const char text[2] = {(char)c, 0};
        draw_text(text, drawn[c]);
        for (int other = ' '; other < c; other++)
            assert_memory_not_equal(drawn[c], drawn[other], GLYPH * GLYPH);
    }
    for (int i = 0; i < GLYPH * GLYPH; i++)
        assert_int_equal(drawn[' '][i], 0);
    for (int c = '!'; c <= '~'; c++) {
        for (int i = 0; i < GLYPH; i++) { /* nothing reaches the margin */
            assert_int_equal(drawn[c][i], 0);
            assert_int_equal(drawn[c][(GLYPH - 1) * GLYPH + i], 0);
        }
    }
}

static void other_characters_are_boxes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int boxes;
    } cases[] = {
        {"\x7f", 1}, {"\n", 1},       {"\xc3\xa9", 1}, {"\xe2\x82\xac", 1}, {"\xf0\x9f\x98\x80", 1},
        {"\xc3", 1}, {"\x80\x80", 2}, {"\xe2\x82", 2}, {"\xf0\x9f\x98", 3}, {"\xff\xff", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t found[GLYPH * GLYPH], expected[GLYPH * GLYPH];
        const char boxes[4] = "\x7f\x7f\x7f";
        draw_text(cases[i].text, found);
        draw_text(boxes + 3 - cases[i].boxes, expected);
        assert_memory_equal(found, expected, sizeof found);
    }
}

static void text_is_cut_at_the_mask(void **state)
{
    (void)state;
    for (int size = 1; size < 12; size++) {
        uint8_t *coverage = calloc((size_t)size, (size_t)size);
        assert_non_null(coverage);
        struct dcl_mask mask = {size, size, coverage};
        dcl_font_draw(&mask, -7, (float)size + 3, "A@gj_", 0.7f, 1.5f);
        dcl_font_draw(&mask, 1e9f, -1e9f, "A", 1, 2);
        dcl_font_draw(&mask, 0, 5, "AAAA", 1e6f, 1e6f);
        free(coverage);
    }
    assert_true(dcl_font_width("WW", 1) > dcl_font_width("ii", 1));
    assert_true(dcl_font_width("", 1) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_draw_changes_nothing),
        cmocka_unit_test(frame_follows_the_box),
        cmocka_unit_test(frames_are_clipped),
        cmocka_unit_test(tiny_pictures),
        cmocka_unit_test(better_scores_are_on_top),
        cmocka_unit_test(very_many_boxes),
        cmocka_unit_test(class_colors),
        cmocka_unit_test(single_label_places),
        cmocka_unit_test(labels_avoid_each_other),
        cmocka_unit_test(small_boxes_stay_visible),
        cmocka_unit_test(characters_are_distinct),
        cmocka_unit_test(other_characters_are_boxes),
        cmocka_unit_test(text_is_cut_at_the_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
