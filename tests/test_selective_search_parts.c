/* What selective search is made of: filters, colours, regions, similarities, grouping. */
#include "propose/filter.h"
#include "propose/grouping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void close_to(const float *found, const double *expected, int n, double most)
{
    for (int i = 0; i < n; i++)
        if (!(fabs((double)found[i] - expected[i]) <= most))
            fail_msg("number %d is %.9g, not %.9g", i, (double)found[i], expected[i]);
}

/* scipy 1.10: ndimage.gaussian_filter1d of order 0 and 1, and gaussian_filter. */
static void filters_as_scipy(void **state)
{
    (void)state;
    static const float row[] = {0, 10, 0, 0, 50, 200, 200, 30};
    static const double smooth[] = {2.50221031,  5.01320912,   3.46677155,   16.10485047,
                                    74.99565846, 157.48350124, 154.08772899, 76.34606986};
    static const double slope[] = {1.36665803,  0.63888789,  5.74022653,   35.29037735,
                                   70.27271147, 40.03576331, -40.52860939, -39.11404191};
    static const double wide[] = {3.33329095, 3.33341811, 3.33329095};
    static const double plane[] = {23.14168976, 26.71684001, 31.94208448, 35.76642781,
                                   34.14371033, 38.71297259, 45.34222622, 50.16068156,
                                   45.37603787, 50.93941216, 58.97267493, 64.78524229};
    float in[12], out[12], middle[12], scratch[12 + 2 * DCL_MAX_RADIUS];
    struct dcl_taps taps, none;
    dcl_gaussian_taps(0, &none);
    dcl_gaussian_taps(0.8, &taps);
    dcl_filter(row, out, 8, 1, &taps, &none, middle, scratch);
    close_to(out, smooth, 8, 1e-4);
    dcl_filter(row, out, 1, 8, &none, &taps, middle, scratch);
    close_to(out, smooth, 8, 1e-4);
    dcl_gaussian_taps(3, &taps); /* the border mirrors the picture several times */
    dcl_filter(row, out, 3, 1, &taps, &none, middle, scratch);
    close_to(out, wide, 3, 1e-5);
    dcl_derivative_taps(1, &taps);
    dcl_filter(row, out, 1, 8, &none, &taps, middle, scratch);
    close_to(out, slope, 8, 1e-4);
    for (int i = 0; i < 12; i++)
        in[i] = (float)(i * i);
    dcl_gaussian_taps(1.5, &taps);
    dcl_filter(in, in, 4, 3, &taps, &taps, middle, scratch);
    close_to(in, plane, 12, 1e-4);
}

static void convert(enum detcl_colour_space space, const uint8_t rgb[3], float out[3])
{
    const struct detcl_image image = {.pixels = rgb, .width = 1, .height = 1};
    struct dcl_arena arena = {0};
    struct dcl_planes planes;
    assert_true(dcl_planes_create(&arena, &image, space, &planes));
    for (int c = 0; c < planes.channels; c++)
        out[c] = planes.plane[c][0];
    dcl_arena_free(&arena);
}

/* skimage 0.19.3: color.rgb2lab; Python's colorsys.rgb_to_hsv. */
static void colours_as_others(void **state)
{
    (void)state;
    static const struct {
        uint8_t rgb[3];
        double lab[3], hsv[3];
    } golden[] = {
        {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
        {{255, 255, 255}, {100, -0.0024549, 0.0046534}, {0, 0, 1}},
        {{255, 0, 0}, {53.2405879, 80.0923082, 67.2027510}, {0, 1, 1}},
        {{0, 128, 255}, {54.7145388, 18.7734638, -70.9137644}, {0.5830065, 1, 1}},
        {{10, 10, 10}, {2.74173496, -0.0001741, 0.00033}, {0, 0, 0.0392156863}},
        {{200, 150, 30}, {65.1120217, 8.6333327, 63.8017674}, {0.1176470588, 0.85, 0.7843137255}},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        const double *lab = golden[i].lab, *hsv = golden[i].hsv;
        const double scaled[] = {lab[0] * 2.55, lab[1] + 128, lab[2] + 128};
        const double bytes[] = {255 * hsv[0], 255 * hsv[1], 255 * hsv[2]};
        float found[3];
        convert(DETCL_COLOUR_LAB, golden[i].rgb, found);
        close_to(found, scaled, 3, 1e-3);
        convert(DETCL_COLOUR_HSV, golden[i].rgb, found);
        close_to(found, bytes, 3, 1e-4);
        convert(DETCL_COLOUR_HUE, golden[i].rgb, found);
        close_to(found, bytes, 1, 1e-4);
    }
}

static void colours_worked_by_hand(void **state)
{
    (void)state;
    static const uint8_t orange[] = {200, 100, 0}, black[] = {0, 0, 0};
    static const double intensity = 0.299 * 200 + 0.587 * 100;
    static const struct {
        enum detcl_colour_space space;
        int channels;
        double orange[3], black[3];
    } golden[] = {
        {DETCL_COLOUR_RGB, 3, {200, 100, 0}, {0, 0, 0}},
        {DETCL_COLOUR_INTENSITY, 1, {118.5}, {0}},
        {DETCL_COLOUR_NORMALISED, 3, {170, 85, 0}, {85, 85, 85}},
        {DETCL_COLOUR_RGI, 3, {170, 85, 118.5}, {85, 85, 0}},
        {DETCL_COLOUR_OPPONENT, 3, {170, 255, 118.5}, {127.5, 170, 0}},
    };
    assert_true(intensity == 118.5);
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        float found[3];
        convert(golden[i].space, orange, found);
        close_to(found, golden[i].orange, golden[i].channels, 1e-4);
        convert(golden[i].space, black, found);
        close_to(found, golden[i].black, golden[i].channels, 1e-4);
    }
}

/* A gray picture with the labels given. */
struct case_ {
    struct dcl_arena arena;
    struct dcl_regions regions;
    float *histograms;
};

static struct case_ regions_of(const uint8_t *gray, const int32_t *labels, int width, int height)
{
    struct case_ c = {{0}, {0}, NULL};
    struct dcl_planes planes = {width, height, 1, {NULL}};
    struct dcl_bins bins;
    const size_t n = (size_t)width * (size_t)height;
    int count = 0;
    planes.plane[0] = dcl_arena_array(&c.arena, n, sizeof(float));
    assert_non_null(planes.plane[0]);
    for (size_t i = 0; i < n; i++) {
        planes.plane[0][i] = gray[i];
        count = labels[i] >= count ? labels[i] + 1 : count;
    }
    assert_true(dcl_bins_create(&c.arena, &planes, &bins));
    assert_true(dcl_regions_create(&c.arena, labels, count, width, height, &bins, &c.regions));
    const int length = c.regions.colour_length + c.regions.texture_length;
    c.histograms = dcl_arena_array(&c.arena, (size_t)(count * length), sizeof(float));
    assert_non_null(c.histograms);
    dcl_regions_histograms(&c.regions, c.histograms);
    return c;
}

static float similar(const struct case_ *c, unsigned kind, int a, int b)
{
    const int length = c->regions.colour_length + c->regions.texture_length;
    return dcl_similarity(&c->regions, kind, &c->regions.region[a], c->histograms + a * length,
                          &c->regions.region[b], c->histograms + b * length);
}

static void close_value(float found, double expected)
{
    close_to(&found, &expected, 1, 1e-6);
}

/*  0 0 0     of 3, 2 and 4 pixels, boxes 3x1, 1x2, 2x2
 *  1 2 2
 *  1 2 2  */
static void similarities_worked_by_hand(void **state)
{
    (void)state;
    static const int32_t labels[] = {0, 0, 0, 1, 2, 2, 1, 2, 2};
    static const uint8_t gray[] = {0, 0, 255, 0, 255, 255, 255, 0, 128};
    struct case_ c = regions_of(gray, labels, 3, 3);
    assert_int_equal(c.regions.pair_count, 3);
    close_value(similar(&c, DETCL_SIMILAR_SIZE, 0, 1), 4.0 / 9);
    close_value(similar(&c, DETCL_SIMILAR_SIZE, 0, 2), 2.0 / 9);
    close_value(similar(&c, DETCL_SIMILAR_SIZE, 1, 2), 3.0 / 9);
    close_value(similar(&c, DETCL_SIMILAR_FILL, 0, 1), 5.0 / 9);
    close_value(similar(&c, DETCL_SIMILAR_FILL, 0, 2), 7.0 / 9);
    close_value(similar(&c, DETCL_SIMILAR_FILL, 1, 2), 1);
    close_value(similar(&c, DETCL_SIMILAR_COLOUR, 0, 1), 1.0 / 2 + 1.0 / 3);
    close_value(similar(&c, DETCL_SIMILAR_COLOUR, 0, 2), 1.0 / 4 + 1.0 / 3);
    close_value(similar(&c, DETCL_SIMILAR_COLOUR, 1, 2), 1.0 / 4 + 1.0 / 2);
    close_value(similar(&c, DETCL_SIMILAR_COLOUR | DETCL_SIMILAR_SIZE | DETCL_SIMILAR_FILL, 1, 2),
                0.75 + 3.0 / 9 + 1);
    dcl_arena_free(&c.arena);
}

/* Stripes across and along: the same colours, textures that agree only where there is no slope. */
static void textures_tell_stripes_apart(void **state)
{
    (void)state;
    enum { SIDE = 24 };
    uint8_t gray[2 * SIDE * SIDE];
    int32_t labels[2 * SIDE * SIDE];
    for (int i = 0; i < 2 * SIDE * SIDE; i++) {
        const int x = i % (2 * SIDE), y = i / (2 * SIDE);
        labels[i] = x / (SIDE / 2); /* four upright bands: two of each kind */
        gray[i] = (x < SIDE ? x : y) / 3 % 2 ? 200 : 50;
    }
    struct case_ c = regions_of(gray, labels, 2 * SIDE, SIDE);
    assert_true(similar(&c, DETCL_SIMILAR_COLOUR, 0, 3) > 0.99f);
    assert_true(similar(&c, DETCL_SIMILAR_TEXTURE, 0, 1) > 0.9f);
    assert_true(similar(&c, DETCL_SIMILAR_TEXTURE, 2, 3) > 0.9f);
    assert_true(similar(&c, DETCL_SIMILAR_TEXTURE, 0, 3) < 0.85f);
    dcl_arena_free(&c.arena);
    memset(gray, 99, sizeof gray); /* no slope anywhere */
    c = regions_of(gray, labels, 2 * SIDE, SIDE);
    close_value(similar(&c, DETCL_SIMILAR_TEXTURE, 0, 3), 1);
    dcl_arena_free(&c.arena);
}

/* Four single pixels, all pairs alike by size: the oldest first. */
static void equal_pairs_go_by_age(void **state)
{
    (void)state;
    static const int32_t labels[] = {0, 1, 2, 3};
    static const uint8_t gray[] = {7, 7, 7, 7};
    static const struct dcl_region expected[] = {{1, 0, 0, 1, 1}, {1, 1, 0, 2, 1}, {1, 0, 1, 1, 2},
                                                 {1, 1, 1, 2, 2}, {2, 0, 0, 2, 1}, {2, 0, 1, 2, 2},
                                                 {4, 0, 0, 2, 2}};
    struct case_ c = regions_of(gray, labels, 2, 2);
    struct dcl_region found[7];
    assert_int_equal(c.regions.pair_count, 6);
    assert_true(dcl_group(&c.arena, &c.regions, DETCL_SIMILAR_SIZE, found));
    assert_memory_equal(found, expected, sizeof expected);
    dcl_arena_free(&c.arena);
}

enum { WIDTH = 30, HEIGHT = 22, MOST = 30 };

/* The definition, slowly: every pair compared anew before every step. */
static void group_slowly(struct case_ *c, unsigned kind, struct dcl_region *out)
{
    static char touch[2 * MOST][2 * MOST], gone[2 * MOST];
    static float histograms[2 * MOST * 512];
    const struct dcl_regions *r = &c->regions;
    const int n = r->count, length = r->colour_length + r->texture_length;
    memset(touch, 0, sizeof touch);
    memset(gone, 0, sizeof gone);
    memcpy(histograms, c->histograms, (size_t)(n * length) * sizeof(float));
    memcpy(out, r->region, (size_t)n * sizeof *out);
    for (int i = 0; i < r->pair_count; i++)
        touch[r->pair[i][0]][r->pair[i][1]] = touch[r->pair[i][1]][r->pair[i][0]] = 1;
    for (int next = n; next < 2 * n - 1; next++) {
        float best = -1;
        int a = 0, b = 0;
        for (int i = 0; i < next; i++)
            for (int j = i + 1; j < next; j++)
                if (touch[i][j] && !gone[i] && !gone[j]) {
                    const float s = dcl_similarity(r, kind, &out[i], histograms + i * length,
                                                   &out[j], histograms + j * length);
                    if (s > best) {
                        best = s;
                        a = i;
                        b = j;
                    }
                }
        gone[a] = gone[b] = 1;
        const struct dcl_region *p = &out[a], *q = &out[b];
        out[next] = (struct dcl_region){
            p->size + q->size, p->x1 < q->x1 ? p->x1 : q->x1, p->y1 < q->y1 ? p->y1 : q->y1,
            p->x2 > q->x2 ? p->x2 : q->x2, p->y2 > q->y2 ? p->y2 : q->y2};
        for (int i = 0; i < next; i++)
            touch[next][i] = touch[i][next] = touch[a][i] || touch[b][i];
        for (int i = 0; i < length; i++)
            histograms[next * length + i] = ((float)p->size * histograms[a * length + i] +
                                             (float)q->size * histograms[b * length + i]) /
                                            ((float)p->size + (float)q->size);
    }
}

static void groups_as_the_definition(void **state)
{
    (void)state;
    static const unsigned kinds[] = {15, 14, 1, 2, 4, 8};
    unsigned random = 12345;
    for (int round = 0; round < 12; round++) {
        uint8_t gray[WIDTH * HEIGHT];
        int32_t labels[WIDTH * HEIGHT];
        const int regions = 4 + round * 2;
        int seeds[MOST][2];
        for (int i = 0; i < regions; i++) { /* in distinct columns: no region is empty */
            seeds[i][0] = i * WIDTH / regions;
            seeds[i][1] = (int)((random = random * 1664525u + 1013904223u) >> 16) % HEIGHT;
        }
        for (int at = 0; at < WIDTH * HEIGHT; at++) {
            int best = 0, least = 1 << 30;
            for (int i = 0; i < regions; i++) {
                const int x = at % WIDTH - seeds[i][0], y = at / WIDTH - seeds[i][1];
                if (x * x + y * y < least) {
                    least = x * x + y * y;
                    best = i;
                }
            }
            labels[at] = best;
            random = random * 1664525u + 1013904223u;
            gray[at] = (uint8_t)(best * 37 % 200 + (int)(random >> 24) % 50);
        }
        struct case_ c = regions_of(gray, labels, WIDTH, HEIGHT);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            struct dcl_region found[2 * MOST], expected[2 * MOST];
            struct dcl_arena arena = {0};
            assert_true(dcl_group(&arena, &c.regions, kinds[i], found));
            group_slowly(&c, kinds[i], expected);
            assert_memory_equal(found, expected, (size_t)(2 * c.regions.count - 1) * sizeof *found);
            assert_int_equal(found[2 * c.regions.count - 2].size, WIDTH * HEIGHT);
            dcl_arena_free(&arena);
        }
        dcl_arena_free(&c.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_as_scipy),
        cmocka_unit_test(colours_as_others),
        cmocka_unit_test(colours_worked_by_hand),
        cmocka_unit_test(similarities_worked_by_hand),
        cmocka_unit_test(textures_tell_stripes_apart),
        cmocka_unit_test(equal_pairs_go_by_age),
        cmocka_unit_test(groups_as_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
