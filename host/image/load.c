#include "image/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t png_signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
static const uint8_t jpeg_signature[3] = {0xff, 0xd8, 0xff};

/* Formats worth naming when they are refused; `at` is where the signature lies. */
static const struct {
    const char *name;
    size_t at;
    const char *signature;
} other_formats[] = {
    {"GIF", 0, "GIF8"},      {"BMP", 0, "BM"},        {"WebP", 8, "WEBP"},
    {"TIFF", 0, "II*"},      {"TIFF", 0, "MM"},       {"HEIC", 4, "ftyphei"},
    {"HEIC", 4, "ftypmif1"}, {"AVIF", 4, "ftypavif"}, {"JPEG XL", 4, "JXL "},
    {"PDF", 0, "%PDF"},
};

static bool starts_with(const uint8_t *bytes, size_t size, const uint8_t *signature, size_t length)
{
    return size >= length && memcmp(bytes, signature, length) == 0;
}

static enum detcl_status refuse(const struct dcl_image_report *report, const uint8_t *bytes,
                                size_t size)
{
    for (size_t i = 0; i < sizeof other_formats / sizeof other_formats[0]; i++) {
        const char *signature = other_formats[i].signature;
        const size_t at = other_formats[i].at;
        if (size > at &&
            starts_with(bytes + at, size - at, (const uint8_t *)signature, strlen(signature)))
            return dcl_image_fail(report, DETCL_ERROR_INPUT,
                                  "looks like %s; only PNG and JPEG are read",
                                  other_formats[i].name);
    }
    if (starts_with(png_signature, sizeof png_signature, bytes, size) ||
        starts_with(jpeg_signature, sizeof jpeg_signature, bytes, size))
        return dcl_image_fail(report, DETCL_ERROR_INPUT, "truncated: the file ends after %zu bytes",
                              size);
    return dcl_image_fail(report, DETCL_ERROR_INPUT, "neither PNG nor JPEG");
}

static enum detcl_status too_large(const struct dcl_image_report *report)
{
    return dcl_image_fail(report, DETCL_ERROR_INPUT,
                          "the file is too large: at most %zu MiB are read",
                          DCL_IMAGE_MAX_FILE_BYTES >> 20);
}

static enum detcl_status decode(const struct dcl_image_report *report, const uint8_t *bytes,
                                size_t size, struct dcl_image *out)
{
    if (size == 0)
        return dcl_image_fail(report, DETCL_ERROR_INPUT, "the file is empty");
    if (size > DCL_IMAGE_MAX_FILE_BYTES)
        return too_large(report);
    if (starts_with(bytes, size, png_signature, sizeof png_signature))
        return dcl_png_decode(report, bytes, size, out);
    if (starts_with(bytes, size, jpeg_signature, sizeof jpeg_signature))
        return dcl_jpeg_decode(report, bytes, size, out);
    return refuse(report, bytes, size);
}

/* Read all of `fd` into *bytes, which the caller frees in any case. `expected` sizes the first
 * read; a pipe tells nothing beforehand. One byte beyond the limit is enough to refuse the file. */
static enum detcl_status read_all(const struct dcl_image_report *report, int fd, size_t expected,
                                  uint8_t **bytes, size_t *size)
{
    const size_t limit = DCL_IMAGE_MAX_FILE_BYTES + 1;
    size_t capacity = 0;
    while (*size < limit) {
        if (*size == capacity) {
            size_t wanted = capacity ? 2 * capacity : expected + 1;
            wanted = wanted > limit ? limit : wanted;
            uint8_t *grown = realloc(*bytes, wanted);
            if (!grown)
                return dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory to read the file");
            *bytes = grown;
            capacity = wanted;
        }
        const ssize_t got = read(fd, *bytes + *size, capacity - *size);
        if (got == 0)
            return DETCL_OK;
        if (got < 0 && errno != EINTR)
            return dcl_image_fail(report, DETCL_ERROR_IO, "cannot be read: %s", strerror(errno));
        if (got > 0)
            *size += (size_t)got;
    }
    return DETCL_OK;
}

static enum detcl_status load_open(const struct dcl_image_report *report, int fd,
                                   struct dcl_image *out)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return dcl_image_fail(report, DETCL_ERROR_IO, "cannot be read: %s", strerror(errno));
    if (S_ISDIR(info.st_mode))
        return dcl_image_fail(report, DETCL_ERROR_IO, "is a folder, not a file");
    if (S_ISREG(info.st_mode) && info.st_size > (off_t)DCL_IMAGE_MAX_FILE_BYTES)
        return too_large(report);
    const size_t expected = S_ISREG(info.st_mode) ? (size_t)info.st_size : (size_t)1 << 16;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum detcl_status status = read_all(report, fd, expected, &bytes, &size);
    if (status == DETCL_OK)
        status = decode(report, bytes, size, out);
    free(bytes);
    return status;
}

enum detcl_status dcl_image_load(const char *path, struct dcl_image *out, char *why,
                                 size_t why_size)
{
    const struct dcl_image_report report = {path, why, why_size};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return dcl_image_fail(&report, DETCL_ERROR_IO, "cannot be opened: %s", strerror(errno));
    const enum detcl_status status = load_open(&report, fd, out);
    close(fd);
    return status;
}

enum detcl_status dcl_image_decode(const uint8_t *bytes, size_t size, const char *name,
                                   struct dcl_image *out, char *why, size_t why_size)
{
    const struct dcl_image_report report = {name, why, why_size};
    return decode(&report, bytes, size, out);
}
