#include "image/codec.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* Everything that outlives a jump out of libpng is kept here, owned by dcl_png_decode. */
struct reader {
    const struct dcl_image_report *report;
    const uint8_t *bytes;
    size_t size, at;
    struct dcl_image image;
    int orientation;
    bool out_of_memory;
    enum detcl_status status;
};

/* libpng says what it lacks in the words of a damaged file; this tells the two apart. */
static png_voidp on_malloc(png_structp png, png_alloc_size_t size)
{
    struct reader *reader = png_get_mem_ptr(png);
    void *memory = malloc(size);
    if (!memory)
        reader->out_of_memory = true;
    return memory;
}

static void on_free(png_structp png, png_voidp memory)
{
    (void)png;
    free(memory);
}

static void on_error(png_structp png, png_const_charp message)
{
    struct reader *reader = png_get_error_ptr(png);
    if (reader->out_of_memory)
        reader->status =
            dcl_image_fail(reader->report, DETCL_ERROR_MEMORY, "no memory to decode the PNG file");
    else
        reader->status = dcl_image_fail(reader->report, DETCL_ERROR_INPUT,
                                        "damaged or truncated PNG: %s", message);
    png_longjmp(png, 1);
}

/* Warnings concern what is not used here: text, profiles, bytes after the image. */
static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep to, size_t count)
{
    struct reader *reader = png_get_io_ptr(png);
    if (count > reader->size - reader->at)
        png_error(png, "the file ends too early");
    memcpy(to, reader->bytes + reader->at, count);
    reader->at += count;
}

static void configure(png_structp png, struct reader *reader)
{
    png_set_read_fn(png, reader, on_read);
    png_set_user_limits(png, DCL_IMAGE_MAX_SIDE, DCL_IMAGE_MAX_SIDE);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    /* Of the optional chunks only transparency and orientation matter: not parsing the rest leaves
     * a hostile file less to work with. */
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "eXIf", 1);
}

/* Over white, in place: three bytes a pixel take the place of four. */
static void flatten(uint8_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned alpha = pixels[4 * i + 3];
        for (size_t c = 0; c < 3; c++)
            pixels[3 * i + c] =
                (uint8_t)((pixels[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

/* False when there is no memory; other failures leave through on_error. */
static bool read_pixels(png_structp png, png_infop info, struct reader *reader)
{
    png_read_info(png, info);
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);

    const int width = (int)png_get_image_width(png, info);
    const int height = (int)png_get_image_height(png, info);
    const int channels = png_get_channels(png, info);
    reader->status = dcl_image_allocate(reader->report, &reader->image, width, height, channels);
    if (reader->status != DETCL_OK)
        return false;
    const size_t stride = (size_t)width * (size_t)channels;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++)
            png_read_row(png, reader->image.rgb + (size_t)y * stride, NULL);
    png_read_end(png, info);

    png_uint_32 exif_size = 0;
    png_bytep exif = NULL;
    if (png_get_eXIf_1(png, info, &exif_size, &exif))
        reader->orientation = dcl_exif_orientation(exif, exif_size);
    if (channels == 4) {
        flatten(reader->image.rgb, (size_t)width * (size_t)height);
        dcl_image_shrink(&reader->image);
    }
    return true;
}

/* The only frame that libpng jumps back to: it keeps nothing in local variables that changes after
 * setjmp. */
static void read_guarded(png_structp png, png_infop info, struct reader *reader)
{
    if (setjmp(png_jmpbuf(png)))
        return;
    configure(png, reader);
    if (read_pixels(png, info, reader))
        reader->status = DETCL_OK;
}

static uint32_t read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* libpng reports a bad size without the numbers, so the header (signature, length, "IHDR", width,
 * height) is looked at first. */
static enum detcl_status check_header(const struct dcl_image_report *report, const uint8_t *bytes,
                                      size_t size)
{
    if (size < 24)
        return dcl_image_fail(report, DETCL_ERROR_INPUT,
                              "truncated PNG: the file ends inside its header");
    if (memcmp(bytes + 12, "IHDR", 4) != 0)
        return dcl_image_fail(report, DETCL_ERROR_INPUT,
                              "damaged PNG: it does not begin with an IHDR chunk");
    return dcl_image_check_size(report, read_u32(bytes + 16), read_u32(bytes + 20));
}

enum detcl_status dcl_png_decode(const struct dcl_image_report *report, const uint8_t *bytes,
                                 size_t size, struct dcl_image *out)
{
    enum detcl_status status = check_header(report, bytes, size);
    if (status != DETCL_OK)
        return status;
    struct reader reader = {.report = report,
                            .bytes = bytes,
                            .size = size,
                            .orientation = 1,
                            .status = DETCL_ERROR_MEMORY};
    png_structp png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning,
                                               &reader, on_malloc, on_free);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info)
        read_guarded(png, info, &reader);
    else
        dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory for the PNG decoder");
    png_destroy_read_struct(&png, &info, NULL);

    status = reader.status;
    if (status == DETCL_OK)
        status = dcl_image_orient(report, &reader.image, reader.orientation);
    if (status == DETCL_OK)
        *out = reader.image;
    else
        dcl_image_free(&reader.image);
    return status;
}
