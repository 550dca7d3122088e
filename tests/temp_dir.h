/* A scratch directory for one test, and questions about what lies in it. */
#ifndef TESTS_TEMP_DIR_H
#define TESTS_TEMP_DIR_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct temp_dir {
    char path[256];
};

static inline int temp_dir_make(struct temp_dir *t)
{
    const char *base = getenv("TMPDIR");
    snprintf(t->path, sizeof t->path, "%s/detcl-test-XXXXXX", base && *base ? base : "/tmp");
    return mkdtemp(t->path) ? 0 : -1;
}

/* Remove a file or a folder with all that is in it. */
static inline void temp_dir_remove(const char *path)
{
    DIR *stream = NULL;
    struct stat s;
    if (lstat(path, &s) == 0 && S_ISDIR(s.st_mode))
        stream = opendir(path);
    if (!stream) {
        unlink(path);
        return;
    }
    for (struct dirent *d = readdir(stream); d; d = readdir(stream)) {
        char inner[1024];
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%.760s/%.255s", path, d->d_name);
        temp_dir_remove(inner);
    }
    closedir(stream);
    rmdir(path);
}

/* How many names end in `suffix`; `last` (may be NULL) gets the path of one of them. */
static inline int temp_dir_count(const char *path, const char *suffix, char last[512])
{
    DIR *stream = opendir(path);
    int count = 0;
    for (struct dirent *d = stream ? readdir(stream) : NULL; d; d = readdir(stream)) {
        const size_t length = strlen(d->d_name), end = strlen(suffix);
        if (d->d_name[0] == '.' || length < end || strcmp(d->d_name + length - end, suffix) != 0)
            continue;
        count++;
        if (last)
            snprintf(last, 512, "%.200s/%.255s", path, d->d_name);
    }
    if (stream)
        closedir(stream);
    return count;
}

/* The whole file, to be freed; NULL if it cannot be read. */
static inline unsigned char *temp_dir_read(const char *path, size_t *size)
{
    struct stat s;
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    if (fstat(fileno(f), &s) != 0) {
        fclose(f);
        return NULL;
    }
    *size = (size_t)s.st_size;
    unsigned char *bytes = malloc(*size + 1);
    if (bytes && fread(bytes, 1, *size, f) != *size) {
        free(bytes);
        bytes = NULL;
    }
    fclose(f);
    return bytes;
}

/* Write the file anew with mode 0600. */
static inline int temp_dir_write(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return -1;
    const int bad = fwrite(bytes, 1, size, f) != size;
    return fclose(f) != 0 || bad || chmod(path, 0600) != 0 ? -1 : 0;
}

#endif
