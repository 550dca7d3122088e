/* Where databases of tunings come from and go to: embedded ones, and a file of the user's own. */
#include "device/disk_cache.h"
#include "device/opencl_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (UINT64_C(16) << 20)

/* The text of host/tuning/<name>.txt, or NULL (made at build time). */
const char *dcl_shipped_tuning(const char *name);

static bool wanted(void)
{
    const char *no = getenv("DETCL_NO_TUNING");
    return !no || !*no || strcmp(no, "0") == 0;
}

static bool find_dir(char *path, size_t size)
{
    return dcl_disk_dir("DETCL_TUNING_DIR", "XDG_DATA_HOME", "/detcl/tuning",
                        "/.local/share/detcl/tuning", path, size) == 0;
}

/* The user's own, over what the table has. `path`: of the file. */
static void load_own(struct dcl_tuning *t, const struct detcl_device_info *device, const char *path,
                     struct dcl_error *error)
{
    void *text;
    size_t size;
    struct dcl_disk_reason reason;
    const enum dcl_disk_result found = dcl_disk_read(path, MOST_BYTES, &text, &size, &reason);
    if (found == DCL_DISK_OK) {
        dcl_tuning_parse(t, text, size, device, path, error);
        free(text);
    } else if (found != DCL_DISK_ABSENT) {
        dcl_log(error, DETCL_LOG_WARNING, "tuning is not used: %s", reason.text);
    }
}

void dcl_tuning_load(struct dcl_tuning *t, const struct detcl_device_info *device,
                     struct dcl_error *error)
{
    char name[DCL_TUNING_FILE], dir[3072], path[4096];
    if (!wanted())
        return;
    dcl_tuning_name(device, name);
    const char *shipped = dcl_shipped_tuning(name);
    if (shipped)
        dcl_tuning_parse(t, shipped, strlen(shipped), device, "the shipped tuning", error);
    if (find_dir(dir, sizeof dir)) {
        snprintf(path, sizeof path, "%s/%s.txt", dir, name);
        load_own(t, device, path, error);
    }
    dcl_log(error, DETCL_LOG_DEBUG, "tuning: %d entries", t->n);
}

/* The folder may have other files, and this one may have been written meanwhile. */
static enum detcl_status write_own(const struct dcl_tuning *all,
                                   const struct detcl_device_info *device, const char *dir,
                                   const char *file, struct dcl_error *error)
{
    struct dcl_disk_reason reason;
    char *text = dcl_tuning_text(all, device);
    if (!text)
        return DCL_FAIL(error, DETCL_ERROR_MEMORY, "out of memory");
    struct dcl_disk_cache *folder = dcl_disk_open(dir, MOST_BYTES, &reason);
    enum detcl_status status = DETCL_OK;
    if (!folder || dcl_disk_write(folder, file, text, strlen(text), &reason) != DCL_DISK_OK)
        status =
            DCL_FAIL(error, DETCL_ERROR_IO, "the tuning is not kept in %s: %s", dir, reason.text);
    dcl_disk_close(&folder);
    free(text);
    return status;
}

enum detcl_status dcl_tuning_save(const struct dcl_tuning *found,
                                  const struct detcl_device_info *device, char *path, size_t size,
                                  struct dcl_error *error)
{
    char name[DCL_TUNING_FILE], file[DCL_TUNING_FILE + 8], dir[3072];
    if (!find_dir(dir, sizeof dir))
        return DCL_FAIL(error, DETCL_ERROR_IO,
                        "no place for the tuning: set DETCL_TUNING_DIR or HOME");
    dcl_tuning_name(device, name);
    snprintf(file, sizeof file, "%s.txt", name);
    snprintf(path, size, "%s/%s", dir, file);
    struct dcl_tuning all = {0};
    load_own(&all, device, path, error);
    enum detcl_status status = DETCL_OK;
    if (!dcl_tuning_merge(&all, found))
        status = DCL_FAIL(error, DETCL_ERROR_MEMORY, "out of memory");
    if (status == DETCL_OK)
        status = write_own(&all, device, dir, file, error);
    dcl_tuning_free(&all);
    return status;
}
