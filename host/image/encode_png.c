#include "image/codec.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

struct writer {
    const struct dcl_image_report *report;
    FILE *file;
    int write_errno; /* of the write that failed, else 0 */
    enum detcl_status status;
};

static void on_error(png_structp png, png_const_charp message)
{
    struct writer *writer = png_get_error_ptr(png);
    if (writer->write_errno)
        writer->status = dcl_image_fail(writer->report, DETCL_ERROR_IO, "cannot be written: %s",
                                        strerror(writer->write_errno));
    else
        writer->status =
            dcl_image_fail(writer->report, DETCL_ERROR_MEMORY, "cannot encode as PNG: %s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_write(png_structp png, png_bytep from, size_t count)
{
    struct writer *writer = png_get_io_ptr(png);
    if (fwrite(from, 1, count, writer->file) != count) {
        writer->write_errno = errno;
        png_error(png, "write failed");
    }
}

/* The caller flushes, and reports what that says. */
static void on_flush(png_structp png)
{
    (void)png;
}

/* The only frame that libpng jumps back to. */
static void write_guarded(png_structp png, png_infop info, const struct dcl_image *image,
                          struct writer *writer)
{
    if (setjmp(png_jmpbuf(png)))
        return;
    png_set_write_fn(png, writer, on_write, on_flush);
    png_set_user_limits(png, DCL_IMAGE_MAX_SIDE, DCL_IMAGE_MAX_SIDE);
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    /* On photographs the default level takes twice as long for files 5 per cent smaller. */
    png_set_compression_level(png, 3);
    png_write_info(png, info);
    for (int y = 0; y < image->height; y++)
        png_write_row(png, image->rgb + 3 * (size_t)y * (size_t)image->width);
    png_write_end(png, info);
    writer->status = DETCL_OK;
}

enum detcl_status dcl_png_encode(const struct dcl_image_report *report,
                                 const struct dcl_image *image, FILE *file)
{
    struct writer writer = {.report = report, .file = file, .status = DETCL_ERROR_MEMORY};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info)
        write_guarded(png, info, image, &writer);
    else
        dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory for the PNG encoder");
    png_destroy_write_struct(&png, &info);
    return writer.status;
}
