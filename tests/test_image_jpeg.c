/* JPEG decoding: colour spaces, EXIF orientation, damaged and hostile files. */
#include "image_support.h"

#include <turbojpeg.h>

/* `pixels` are RGB, gray or CMYK as `pixel_format` says. */
static struct bytes make_jpeg(const uint8_t *pixels, int width, int height, int pixel_format,
                              int subsampling, int flags)
{
    tjhandle encoder = tjInitCompress();
    unsigned char *data = NULL;
    unsigned long size = 0;
    assert_non_null(encoder);
    assert_int_equal(tjCompress2(encoder, pixels, width, 0, height, pixel_format, &data, &size,
                                 subsampling, 98, flags),
                     0);
    tjDestroy(encoder);
    struct bytes file = {malloc(size), size};
    assert_non_null(file.data);
    memcpy(file.data, data, size);
    tjFree(data);
    return file;
}

/* Put an APP1 segment behind the start marker. */
static struct bytes with_exif(struct bytes jpeg, const uint8_t *exif, size_t exif_size)
{
    const size_t length = 2 + 6 + exif_size;
    struct bytes out = {malloc(jpeg.size + 2 + length), jpeg.size + 2 + length};
    assert_non_null(out.data);
    const uint8_t head[10] = {
        0xff, 0xe1, (uint8_t)(length >> 8), (uint8_t)length, 'E', 'x', 'i', 'f', 0, 0};
    memcpy(out.data, jpeg.data, 2);
    memcpy(out.data + 2, head, 10);
    memcpy(out.data + 12, exif, exif_size);
    memcpy(out.data + 12 + exif_size, jpeg.data + 2, jpeg.size - 2);
    free(jpeg.data);
    return out;
}

static void jpeg_formats(void **state)
{
    (void)state;
    enum { W = 48, H = 32 };
    static const uint8_t inks[4] = {200, 100, 50, 230};
    static const uint8_t mixed[3] = {180, 90, 45}; /* ink * black / 255 */
    static const uint8_t orange[3] = {240, 140, 20};
    static const uint8_t gray[3] = {77, 77, 77};
    static const struct {
        int format, channels, subsampling, flags;
        const uint8_t *pixel, *expected;
    } cases[] = {
        {TJPF_RGB, 3, TJSAMP_444, 0, orange, orange},
        {TJPF_RGB, 3, TJSAMP_420, 0, orange, orange},
        {TJPF_RGB, 3, TJSAMP_411, 0, orange, orange},
        {TJPF_RGB, 3, TJSAMP_422, TJFLAG_PROGRESSIVE, orange, orange},
        {TJPF_RGB, 3, TJSAMP_GRAY, 0, gray, gray},
        {TJPF_GRAY, 1, TJSAMP_GRAY, 0, gray, gray},
        {TJPF_CMYK, 4, TJSAMP_444, 0, inks, mixed},
        {TJPF_CMYK, 4, TJSAMP_420, TJFLAG_PROGRESSIVE, inks, mixed},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t pixels[4 * W * H];
        for (int p = 0; p < W * H; p++)
            memcpy(pixels + p * cases[i].channels, cases[i].pixel, (size_t)cases[i].channels);
        struct dcl_image image = decode_good(
            make_jpeg(pixels, W, H, cases[i].format, cases[i].subsampling, cases[i].flags));
        assert_int_equal(image.width, W);
        assert_int_equal(image.height, H);
        for (int p = 0; p < W * H; p++)
            assert_near(image.rgb + 3 * p, cases[i].expected, 3);
        dcl_image_free(&image);
    }
}

static struct bytes small_jpeg(int flags)
{
    uint8_t pixels[3 * 24 * 17];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i * 31);
    return make_jpeg(pixels, 24, 17, TJPF_RGB, TJSAMP_420, flags);
}

static void jpeg_truncated_anywhere(void **state)
{
    (void)state;
    for (int progressive = 0; progressive < 2; progressive++) {
        struct bytes file = small_jpeg(progressive ? TJFLAG_PROGRESSIVE : 0);
        for (size_t size = 0; size < file.size; size++)
            assert_refused(file.data, size, size == 0 ? "empty" : "truncated");
        free(file.data);
    }
}

/* Damage in the coefficients may go unnoticed; nothing worse may happen. */
static void jpeg_damaged_anywhere(void **state)
{
    (void)state;
    struct bytes file = small_jpeg(0);
    size_t refused = 0;
    for (size_t at = 0; at < file.size; at++) {
        struct dcl_image image = {0};
        char why[256];
        file.data[at] ^= 0x5a;
        const enum detcl_status status = decode_exact(file.data, file.size, &image, why);
        file.data[at] ^= 0x5a;
        assert_true(status == DETCL_OK ? image.rgb != NULL : why[0] != 0);
        refused += status != DETCL_OK;
        dcl_image_free(&image);
    }
    assert_true(refused > 20); /* the markers alone are more */
    free(file.data);
}

static size_t find_frame_header(struct bytes jpeg)
{
    for (size_t at = 2; at + 9 < jpeg.size;
         at += 2 + (size_t)(jpeg.data[at + 2] << 8 | jpeg.data[at + 3]))
        if (jpeg.data[at + 1] == 0xc0)
            return at;
    fail_msg("no frame header");
    return 0;
}

static void jpeg_absurd_sizes(void **state)
{
    (void)state;
    static const uint8_t sizes[][4] = {/* height, width */
                                       {0, 0, 0, 24},
                                       {0, 17, 0, 0},
                                       {0xff, 0xff, 0xff, 0xff},
                                       {0xff, 0x00, 0xff, 0x00},
                                       {0x40, 0x01, 0x40, 0x00},
                                       {0x3f, 0xff, 0x40, 0x00}};
    struct bytes file = small_jpeg(0);
    const size_t frame = find_frame_header(file);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memcpy(file.data + frame + 5, sizes[i], 4);
        assert_refused(file.data, file.size, "");
    }
    free(file.data);
}

static void jpeg_orientations(void **state)
{
    (void)state;
    enum { CELL = 16, W = 3 * CELL, H = 2 * CELL };
    static const uint8_t colors[2][3][3] = {{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}},
                                            {{255, 255, 0}, {0, 255, 255}, {255, 0, 255}}};
    uint8_t pixels[3 * W * H];
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            memcpy(pixels + 3 * (y * W + x), colors[y / CELL][x / CELL], 3);
    const struct dcl_image stored = {W, H, pixels};
    for (int orientation = 1; orientation <= 8; orientation++) {
        for (int big_endian = 0; big_endian < 2; big_endian++) {
            uint8_t exif[64];
            const size_t exif_size = make_exif(exif, big_endian, orientation);
            struct dcl_image seen = decode_good(
                with_exif(make_jpeg(pixels, W, H, TJPF_RGB, TJSAMP_444, 0), exif, exif_size));
            assert_oriented(&stored, &seen, orientation, CELL, 4);
            dcl_image_free(&seen);
        }
    }
}

static int exact_orientation(int (*read)(const uint8_t *, size_t), const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    const int orientation = read(copy, size);
    free(copy);
    return orientation;
}

static void malformed_exif_is_ignored(void **state)
{
    (void)state;
    uint8_t exif[64];
    const size_t size = make_exif(exif, false, 6);
    const size_t enough = size - 4; /* the link to the next directory is not needed */
    for (size_t cut = 0; cut <= size; cut++)
        assert_int_equal(exact_orientation(dcl_exif_orientation, exif, cut), cut < enough ? 1 : 6);
    struct bytes jpeg = with_exif(small_jpeg(0), exif, size);
    const size_t segment = 12 + size;
    for (size_t cut = 0; cut <= segment; cut++)
        assert_int_equal(exact_orientation(dcl_jpeg_orientation, jpeg.data, cut),
                         cut < segment ? 1 : 6);
    free(jpeg.data);

    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {
        {0, 'X'}, {2, 43}, {4, 0xff}, {7, 0xff}, /* header, directory beyond the block */
        {8, 0},   {24, 4}, {26, 2},              /* no entries, type long, two values */
        {30, 0},  {30, 9}, {31, 1},              /* out of range */
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        make_exif(exif, false, 6);
        exif[changes[i].at] = changes[i].value;
        assert_int_equal(exact_orientation(dcl_exif_orientation, exif, size), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_formats),          cmocka_unit_test(jpeg_truncated_anywhere),
        cmocka_unit_test(jpeg_damaged_anywhere), cmocka_unit_test(jpeg_absurd_sizes),
        cmocka_unit_test(jpeg_orientations),     cmocka_unit_test(malformed_exif_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
