/* What the tests of both decoders share. */
#ifndef TESTS_IMAGE_SUPPORT_H
#define TESTS_IMAGE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/codec.h"

#include <stdlib.h>
#include <string.h>

/* Stands for the file in messages. */
#define NAME "folder/some file"

/* A file in memory, from malloc. */
struct bytes {
    uint8_t *data;
    size_t size;
};

/* A TIFF header and one directory: some other tag first, then the orientation. */
static inline size_t make_exif(uint8_t *to, bool big_endian, int orientation)
{
    static const uint8_t little[34] = {'I',  'I', 42, 0, 8, 0, 0, 0, 2,   0, /* two entries */
                                       0x0f, 1,   2,  0, 2, 0, 0, 0, 'A', 0, 0, 0,
                                       0x12, 1,   3,  0, 1, 0, 0, 0, 0,   0, 0, 0};
    static const uint8_t big[34] = {'M', 'M', 0, 42, 0, 0, 0,    8, 0, 2, 1, 0x0f, 0, 2, 0, 0, 0,
                                    2,   'A', 0, 0,  0, 1, 0x12, 0, 3, 0, 0, 0,    1, 0, 0, 0, 0};
    memcpy(to, big_endian ? big : little, sizeof big);
    to[big_endian ? 31 : 30] = (uint8_t)orientation;
    memset(to + sizeof big, 0, 4); /* no further directory */
    return sizeof big + 4;
}

/* Decode from a block of exactly the given size, so that a sanitizer sees a read past its end. */
static inline enum detcl_status decode_exact(const uint8_t *data, size_t size,
                                             struct dcl_image *out, char why[256])
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    why[0] = 0;
    const enum detcl_status status = dcl_image_decode(copy, size, NAME, out, why, 256);
    free(copy);
    return status;
}

static inline struct dcl_image decode_good(struct bytes file)
{
    struct dcl_image image = {0};
    char why[256];
    if (decode_exact(file.data, file.size, &image, why) != DETCL_OK)
        fail_msg("%s", why);
    free(file.data);
    return image;
}

/* The file is refused as bad input, `out` is left alone and the message names the file. */
static inline void assert_refused(const uint8_t *data, size_t size, const char *reason)
{
    struct dcl_image image = {.width = -7};
    char why[256];
    assert_int_equal(decode_exact(data, size, &image, why), DETCL_ERROR_INPUT);
    assert_int_equal(image.width, -7);
    assert_null(image.rgb);
    assert_memory_equal(why, NAME ": ", strlen(NAME ": "));
    if (!strstr(why, reason))
        fail_msg("\"%s\" does not say \"%s\"", why, reason);
}

static inline void assert_near(const uint8_t *found, const uint8_t *expected, int tolerance)
{
    for (int c = 0; c < 3; c++)
        if (abs(found[c] - expected[c]) > tolerance)
            fail_msg("found %d %d %d, expected %d %d %d", found[0], found[1], found[2], expected[0],
                     expected[1], expected[2]);
}

enum side { TOP, BOTTOM, LEFT, RIGHT };

/* Where the first stored row and the first stored column are seen, after EXIF 2.32, 4.6.4. */
static const enum side first_row[9] = {0, TOP, TOP, BOTTOM, BOTTOM, LEFT, RIGHT, RIGHT, LEFT};
static const enum side first_column[9] = {0, LEFT, RIGHT, RIGHT, LEFT, TOP, TOP, BOTTOM, BOTTOM};

/* The number of the row or column seen at `side`, counting `index` from there. */
static inline void place(enum side side, int index, int width, int height, int *x, int *y)
{
    if (side == TOP || side == BOTTOM)
        *y = side == TOP ? index : height - 1 - index;
    else
        *x = side == LEFT ? index : width - 1 - index;
}

/* `stored` and `seen` are pictures of cells of `cell` x `cell` pixels; centres are compared. */
static inline void assert_oriented(const struct dcl_image *stored, const struct dcl_image *seen,
                                   int orientation, int cell, int tolerance)
{
    const bool swapped = orientation >= 5;
    assert_int_equal(seen->width, swapped ? stored->height : stored->width);
    assert_int_equal(seen->height, swapped ? stored->width : stored->height);
    for (int row = 0; row < stored->height / cell; row++) {
        for (int column = 0; column < stored->width / cell; column++) {
            int x = -1, y = -1;
            place(first_row[orientation], row, seen->width / cell, seen->height / cell, &x, &y);
            place(first_column[orientation], column, seen->width / cell, seen->height / cell, &x,
                  &y);
            const int from = (row * cell + cell / 2) * stored->width + column * cell + cell / 2;
            const int to = (y * cell + cell / 2) * seen->width + x * cell + cell / 2;
            assert_near(seen->rgb + 3 * to, stored->rgb + 3 * from, tolerance);
        }
    }
}

#endif
