#include "image/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum detcl_status (*encode_fn)(const struct dcl_image_report *report,
                                       const struct dcl_image *image, FILE *file);

/* NULL when the name's end asks for no format known here. */
static encode_fn encoder_for(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name)
        return NULL;
    if (strcasecmp(dot, ".png") == 0)
        return dcl_png_encode;
    if (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0)
        return dcl_jpeg_encode;
    return NULL;
}

bool dcl_image_can_save(const char *path)
{
    return encoder_for(path) != NULL;
}

static enum detcl_status io_failure(const struct dcl_image_report *report)
{
    return dcl_image_fail(report, DETCL_ERROR_IO, "cannot be written: %s", strerror(errno));
}

/* Create a file of a new name beside `path`, with the permissions that the user's mask leaves.
 * *temporary is the caller's to free. */
static enum detcl_status create_beside(const struct dcl_image_report *report, const char *path,
                                       char **temporary, int *fd)
{
    const char *slash = strrchr(path, '/');
    const size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    const size_t size = folder + 64;
    char *name = malloc(size);
    if (!name)
        return dcl_image_fail(report, DETCL_ERROR_MEMORY, "no memory for a file name");
    for (int attempt = 0; attempt < 1000; attempt++) {
        snprintf(name, size, "%.*s.detcl-%ld-%d.tmp", (int)folder, path, (long)getpid(), attempt);
        *fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*fd >= 0) {
            *temporary = name;
            return DETCL_OK;
        }
        if (errno != EEXIST)
            break;
    }
    free(name);
    return io_failure(report);
}

/* Encode into `fd`, which is closed in any case, and wait until the disk has it. */
static enum detcl_status fill(const struct dcl_image_report *report, const struct dcl_image *image,
                              encode_fn encode, int fd)
{
    FILE *file = fdopen(fd, "wb");
    if (!file) {
        const enum detcl_status status = io_failure(report);
        close(fd);
        return status;
    }
    enum detcl_status status = encode(report, image, file);
    if (status == DETCL_OK && (fflush(file) != 0 || fsync(fd) != 0))
        status = io_failure(report);
    if (fclose(file) != 0 && status == DETCL_OK)
        status = io_failure(report);
    return status;
}

enum detcl_status dcl_image_save(const char *path, const struct dcl_image *image, char *why,
                                 size_t why_size)
{
    const struct dcl_image_report report = {path, why, why_size};
    const encode_fn encode = encoder_for(path);
    if (!encode)
        return dcl_image_fail(&report, DETCL_ERROR_ARGUMENT,
                              "the name must end in .png, .jpg or .jpeg");
    if (!image->rgb || image->width < 1 || image->height < 1)
        return dcl_image_fail(&report, DETCL_ERROR_ARGUMENT, "there are no pixels to write");
    /* A rename would replace a device or a pipe instead of writing to it. */
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return dcl_image_fail(&report, DETCL_ERROR_IO, "exists and is not a regular file");

    char *temporary = NULL;
    int fd = -1;
    enum detcl_status status = create_beside(&report, path, &temporary, &fd);
    if (status != DETCL_OK)
        return status;
    status = fill(&report, image, encode, fd);
    if (status == DETCL_OK && rename(temporary, path) != 0)
        status = io_failure(&report);
    if (status != DETCL_OK)
        unlink(temporary);
    free(temporary);
    return status;
}
