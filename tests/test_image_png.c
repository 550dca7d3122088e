/* PNG decoding: every pixel format, orientation, damaged and hostile files; what is no image. */
#include "image_support.h"

#include <png.h>

struct png_format {
    int color_type, bit_depth;
    bool interlaced, transparency; /* transparency: a tRNS chunk */
    const uint8_t *exif;
    size_t exif_size;
};

static const uint8_t palette[4][3] = {{250, 10, 20}, {0, 200, 30}, {5, 60, 255}, {90, 91, 92}};
static const uint8_t palette_alpha[2] = {255, 51};

static void append(png_structp png, png_bytep from, size_t count)
{
    struct bytes *file = png_get_io_ptr(png);
    file->data = realloc(file->data, file->size + count);
    assert_non_null(file->data);
    memcpy(file->data + file->size, from, count);
    file->size += count;
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

/* The sample of channel c at (x, y), spread over the range of the depth; palette indices 0 to 3. */
static unsigned sample(const struct png_format *format, int x, int y, int c)
{
    const unsigned value = (unsigned)(x * 7919 + y * 104729 + c * 1299709);
    if (format->color_type == PNG_COLOR_TYPE_PALETTE)
        return value % (format->bit_depth == 1 ? 2 : 4);
    return value % (1u << format->bit_depth);
}

static int channels_of(int color_type)
{
    switch (color_type) {
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return 2;
    case PNG_COLOR_TYPE_RGB:
        return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return 4;
    default:
        return 1;
    }
}

static void fill_row(const struct png_format *format, int width, int y, uint8_t *row)
{
    const int channels = channels_of(format->color_type);
    int bit = 0;
    memset(row, 0, 8 * (size_t)width);
    for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++, bit += format->bit_depth) {
            const unsigned value = sample(format, x, y, c);
            if (format->bit_depth == 16) {
                row[bit / 8] = (uint8_t)(value >> 8);
                row[bit / 8 + 1] = (uint8_t)(value & 255);
            } else {
                row[bit / 8] |= (uint8_t)(value << (8 - format->bit_depth - bit % 8));
            }
        }
    }
}

/* The colour or gray level of pixel (0, 0) is the transparent one. */
static void set_transparency(png_structp png, png_infop info, const struct png_format *format)
{
    png_color_16 color = {0};
    color.gray = color.red = (png_uint_16)sample(format, 0, 0, 0);
    color.green = (png_uint_16)sample(format, 0, 0, 1);
    color.blue = (png_uint_16)sample(format, 0, 0, 2);
    if (format->color_type == PNG_COLOR_TYPE_PALETTE)
        png_set_tRNS(png, info, palette_alpha, 2, NULL);
    else
        png_set_tRNS(png, info, NULL, 0, &color);
}

static struct bytes make_png(const struct png_format *format, int width, int height)
{
    struct bytes file = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    uint8_t *row = malloc(8 * (size_t)width);
    assert_non_null(row);
    png_set_write_fn(png, &file, append, flush_nothing);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, format->bit_depth,
                 format->color_type, format->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_gAMA(png, info, 1.0); /* to be ignored */
    if (format->color_type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, (png_const_colorp)palette, format->bit_depth == 1 ? 2 : 4);
    if (format->transparency)
        set_transparency(png, info, format);
    if (format->exif)
        png_set_eXIf_1(png, info, (png_uint_32)format->exif_size, (png_bytep)format->exif);
    png_write_info(png, info);
    const int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++) {
        for (int y = 0; y < height; y++) {
            fill_row(format, width, y, row);
            png_write_row(png, row);
        }
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(row);
    return file;
}

/* What a pixel of make_png is over white, computed in floating point. */
static void expected_pixel(const struct png_format *format, int x, int y, uint8_t rgb[3])
{
    const double top = (double)((1u << format->bit_depth) - 1);
    const int channels = channels_of(format->color_type);
    double alpha = 1;
    bool is_key = format->transparency;
    for (int c = 0; c < 3; c++) {
        const unsigned s = sample(format, x, y, channels >= 3 ? c : 0);
        rgb[c] = (uint8_t)(255.0 * s / top + 0.5);
        if (format->color_type == PNG_COLOR_TYPE_PALETTE)
            rgb[c] = palette[s][c];
        is_key = is_key && s == sample(format, 0, 0, channels >= 3 ? c : 0);
    }
    if (format->color_type == PNG_COLOR_TYPE_PALETTE) {
        const unsigned index = sample(format, x, y, 0);
        alpha = format->transparency && index < 2 ? palette_alpha[index] / 255.0 : 1;
    } else if (format->color_type & PNG_COLOR_MASK_ALPHA) {
        alpha = sample(format, x, y, channels - 1) / top;
    } else if (is_key) {
        alpha = 0;
    }
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)(rgb[c] * alpha + 255 * (1 - alpha) + 0.5);
}

static void check_png_format(const struct png_format *format)
{
    const int width = 13, height = 11;
    struct dcl_image image = decode_good(make_png(format, width, height));
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    /* Colour and alpha are rounded to 8 bits one after the other. */
    const int tolerance = format->bit_depth == 16 ? 1 : 0;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t expected[3];
            expected_pixel(format, x, y, expected);
            assert_near(image.rgb + 3 * (y * width + x), expected, tolerance);
        }
    }
    dcl_image_free(&image);
}

static void png_formats(void **state)
{
    (void)state;
    static const int kinds[][2] = {
        {PNG_COLOR_TYPE_GRAY, 1},        {PNG_COLOR_TYPE_GRAY, 2},
        {PNG_COLOR_TYPE_GRAY, 4},        {PNG_COLOR_TYPE_GRAY, 8},
        {PNG_COLOR_TYPE_GRAY, 16},       {PNG_COLOR_TYPE_GRAY_ALPHA, 8},
        {PNG_COLOR_TYPE_GRAY_ALPHA, 16}, {PNG_COLOR_TYPE_RGB, 8},
        {PNG_COLOR_TYPE_RGB, 16},        {PNG_COLOR_TYPE_RGB_ALPHA, 8},
        {PNG_COLOR_TYPE_RGB_ALPHA, 16},  {PNG_COLOR_TYPE_PALETTE, 1},
        {PNG_COLOR_TYPE_PALETTE, 2},     {PNG_COLOR_TYPE_PALETTE, 4},
        {PNG_COLOR_TYPE_PALETTE, 8},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        for (int variant = 0; variant < 4; variant++) {
            const struct png_format format = {.color_type = kinds[i][0],
                                              .bit_depth = kinds[i][1],
                                              .interlaced = variant & 1,
                                              .transparency = variant & 2};
            if (!(format.transparency && (format.color_type & PNG_COLOR_MASK_ALPHA)))
                check_png_format(&format);
        }
    }
}

static struct bytes small_png(void)
{
    const struct png_format format = {.color_type = PNG_COLOR_TYPE_RGB_ALPHA, .bit_depth = 8};
    return make_png(&format, 5, 3);
}

static void png_truncated_anywhere(void **state)
{
    (void)state;
    struct bytes file = small_png();
    for (size_t size = 0; size < file.size; size++)
        assert_refused(file.data, size, size == 0 ? "empty" : "truncated");
    free(file.data);
}

/* Signature, chunk lengths and checksums cover every byte of the file. */
static void png_damaged_anywhere(void **state)
{
    (void)state;
    struct bytes file = small_png();
    for (size_t at = 0; at < file.size; at++) {
        file.data[at] ^= 0x5a;
        assert_refused(file.data, file.size, "");
        file.data[at] ^= 0x5a;
    }
    free(file.data);
}

static void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void png_absurd_sizes(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        const char *reason;
    } cases[] = {
        {0, 5, "empty"},          {5, 0, "empty"},
        {65536, 1, "65536x1"},    {1, 65536, "1x65536"},
        {65535, 65535, "in all"}, {0xffffffffu, 0xffffffffu, "a side"},
        {16385, 16384, "in all"}, {0x80000000u, 1, "a side"},
    };
    struct bytes file = small_png();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_u32(file.data + 16, cases[i].width);
        put_u32(file.data + 20, cases[i].height);
        assert_refused(file.data, file.size, cases[i].reason);
    }
    free(file.data);
}

static void png_orientations(void **state)
{
    (void)state;
    struct png_format format = {.color_type = PNG_COLOR_TYPE_RGB, .bit_depth = 8};
    struct dcl_image stored = decode_good(make_png(&format, 5, 3));
    for (int orientation = 1; orientation <= 8; orientation++) {
        uint8_t exif[64];
        format.exif = exif;
        format.exif_size = make_exif(exif, orientation % 2, orientation);
        struct dcl_image seen = decode_good(make_png(&format, 5, 3));
        assert_oriented(&stored, &seen, orientation, 1, 0);
        dcl_image_free(&seen);
    }
    dcl_image_free(&stored);
}

static void other_formats_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *reason;
    } cases[] = {
        {"GIF89a......", 12, "GIF"},
        {"RIFF....WEBPVP8 ", 16, "WebP"},
        {"BM..........", 12, "BMP"},
        {"....ftypheic....", 16, "HEIC"},
        {"<svg></svg>", 11, "neither PNG nor JPEG"},
        {"x", 1, "neither PNG nor JPEG"},
        {"\0\0\0\0", 4, "neither PNG nor JPEG"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused((const uint8_t *)cases[i].bytes, cases[i].size, cases[i].reason);
}

static void message_fits_its_buffer(void **state)
{
    (void)state;
    struct dcl_image image = {0};
    char why[12];
    memset(why, 'x', sizeof why);
    const uint8_t byte = 0;
    assert_int_equal(dcl_image_decode(&byte, 1, "name", &image, why, 8), DETCL_ERROR_INPUT);
    assert_string_equal(why, "name: n");
    assert_int_equal(why[8], 'x');
    assert_int_equal(dcl_image_decode(&byte, 1, "name", &image, NULL, 0), DETCL_ERROR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_formats),
        cmocka_unit_test(png_truncated_anywhere),
        cmocka_unit_test(png_damaged_anywhere),
        cmocka_unit_test(png_absurd_sizes),
        cmocka_unit_test(png_orientations),
        cmocka_unit_test(other_formats_are_named),
        cmocka_unit_test(message_fits_its_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
