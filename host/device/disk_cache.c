#include "device/disk_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define TEMPORARY_PREFIX "tmp-"
#define ENTRY_SUFFIX ".bin"
#define HASH_DIGITS 32
#define STALE_SECONDS 3600

struct dcl_disk_cache {
    int dir_fd;
    uint64_t max_bytes;
    atomic_uint temporaries; /* distinguishes the temporary files of one process */
};

struct entry_name {
    char text[HASH_DIGITS + sizeof ENTRY_SUFFIX];
};

static struct entry_name name_of(const void *key, size_t key_size)
{
    const struct dcl_hash128 h = dcl_hash128_add(dcl_hash128_start(), key, key_size);
    struct entry_name name;
    snprintf(name.text, sizeof name.text, "%016llx%016llx" ENTRY_SUFFIX, (unsigned long long)h.high,
             (unsigned long long)h.low);
    return name;
}

static struct dcl_hash128 checksum(const void *key, size_t key_size, const void *payload,
                                   size_t payload_size)
{
    return dcl_hash128_add(dcl_hash128_add(dcl_hash128_start(), key, key_size), payload,
                           payload_size);
}

static void explain(struct dcl_disk_reason *reason, const char *what, const char *why)
{
    snprintf(reason->text, sizeof reason->text, "%s: %s", what, why);
}

static void explain_errno(struct dcl_disk_reason *reason, const char *what, int error)
{
    char why[128];
    if (strerror_r(error, why, sizeof why) != 0)
        snprintf(why, sizeof why, "error %d", error);
    explain(reason, what, why);
}

int dcl_disk_dir(const char *own, const char *xdg, const char *below_xdg, const char *below_home,
                 char *path, size_t size)
{
    const struct {
        const char *variable, *suffix;
        bool absolute;
    } places[] = {
        {own, "", false},
        {xdg, below_xdg, true},
        {"HOME", below_home, false},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *value = getenv(places[i].variable);
        if (!value || !*value || (places[i].absolute && *value != '/'))
            continue;
        const int length = snprintf(path, size, "%s%s", value, places[i].suffix);
        return length >= 0 && (size_t)length < size ? 0 : -1;
    }
    return -1;
}

int dcl_disk_default_dir(char *path, size_t size)
{
    return dcl_disk_dir("DETCL_CACHE_DIR", "XDG_CACHE_HOME", "/detcl", "/.cache/detcl", path, size);
}

/* mkdir -p. A failure shows itself when the directory is opened. */
static void make_directories(const char *dir)
{
    char *path = strdup(dir);
    if (!path)
        return;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    mkdir(path, 0700);
    free(path);
}

struct dcl_disk_cache *dcl_disk_open(const char *dir, uint64_t max_bytes,
                                     struct dcl_disk_reason *reason)
{
    if (!*dir) {
        explain(reason, "cache directory", "empty path");
        return NULL;
    }
    make_directories(dir);
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        explain_errno(reason, dir, errno);
        return NULL;
    }
    struct dcl_disk_cache *cache = calloc(1, sizeof *cache);
    if (!cache) {
        explain(reason, dir, "out of memory");
        close(fd);
        return NULL;
    }
    cache->dir_fd = fd;
    cache->max_bytes = max_bytes;
    return cache;
}

void dcl_disk_close(struct dcl_disk_cache **cache)
{
    if (!cache || !*cache)
        return;
    close((*cache)->dir_fd);
    free(*cache);
    *cache = NULL;
}

static bool read_all(int fd, void *to, size_t size)
{
    char *at = to;
    while (size) {
        const ssize_t n = read(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static bool write_all(int fd, const void *from, size_t size)
{
    const char *at = from;
    while (size) {
        const ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* What is wrong with the file before its content is read, or NULL. */
static const char *distrust(const struct stat *s, uint64_t min_bytes, uint64_t max_bytes)
{
    if (!S_ISREG(s->st_mode))
        return "not a regular file";
    if (s->st_uid != geteuid())
        return "belongs to another user";
    if (s->st_mode & (S_IWGRP | S_IWOTH))
        return "others may write it";
    if ((uint64_t)s->st_size < min_bytes)
        return "truncated";
    if ((uint64_t)s->st_size > max_bytes)
        return "too large";
    return NULL;
}

/* What is wrong with an entry of `size` bytes whose head is `head` and whose rest is `body`, or
 * NULL. */
static const char *find_damage(const struct dcl_disk_header *head, const char *body, size_t size,
                               const void *key, size_t key_size)
{
    if (memcmp(head->magic, DCL_DISK_MAGIC, sizeof head->magic) != 0)
        return "unknown format";
    const size_t body_size = size - sizeof *head;
    if (head->key_size > body_size || head->payload_size != body_size - head->key_size)
        return "wrong length";
    if (head->key_size != key_size || memcmp(body, key, key_size) != 0)
        return "made for another key";
    const struct dcl_hash128 sum =
        checksum(key, key_size, body + key_size, (size_t)head->payload_size);
    if (sum.high != head->checksum.high || sum.low != head->checksum.low)
        return "wrong checksum";
    return NULL;
}

static enum dcl_disk_result load_file(const struct dcl_disk_cache *cache, int fd, const void *key,
                                      size_t key_size, void **payload, size_t *payload_size,
                                      const char **why)
{
    struct stat s;
    if (fstat(fd, &s) != 0) {
        *why = "no status";
        return DCL_DISK_FAILED;
    }
    *why = distrust(&s, sizeof(struct dcl_disk_header), cache->max_bytes);
    if (*why)
        return DCL_DISK_BAD;
    const size_t size = (size_t)s.st_size;
    struct dcl_disk_header head;
    char *body = malloc(size);
    if (!body) {
        *why = "out of memory";
        return DCL_DISK_FAILED;
    }
    if (!read_all(fd, &head, sizeof head) || !read_all(fd, body, size - sizeof head))
        *why = "cannot be read";
    else
        *why = find_damage(&head, body, size, key, key_size);
    if (*why) {
        free(body);
        return DCL_DISK_BAD;
    }
    memmove(body, body + key_size, (size_t)head.payload_size);
    *payload = body;
    *payload_size = (size_t)head.payload_size;
    return DCL_DISK_OK;
}

enum dcl_disk_result dcl_disk_load(const struct dcl_disk_cache *cache, const void *key,
                                   size_t key_size, void **payload, size_t *payload_size,
                                   struct dcl_disk_reason *reason)
{
    const struct entry_name name = name_of(key, key_size);
    const int fd = openat(cache->dir_fd, name.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        const int error = errno;
        if (error == ENOENT)
            return DCL_DISK_ABSENT;
        explain_errno(reason, name.text, error);
        return error == ELOOP ? DCL_DISK_BAD : DCL_DISK_FAILED; /* a symbolic link is foreign */
    }
    const char *why = NULL;
    const enum dcl_disk_result result =
        load_file(cache, fd, key, key_size, payload, payload_size, &why);
    if (result == DCL_DISK_OK)
        futimens(fd, NULL); /* trim removes by time of last use; best effort */
    else
        explain(reason, name.text, why);
    close(fd);
    return result;
}

/* Create a file under a name that no other thread or process uses. */
static int create_temporary(struct dcl_disk_cache *cache, char *name, size_t size)
{
    int fd = -1;
    for (int attempt = 0; attempt < 100 && fd < 0; attempt++) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        snprintf(name, size, TEMPORARY_PREFIX "%ld-%lld-%u", (long)getpid(),
                 (long long)now.tv_sec * 1000000000 + now.tv_nsec,
                 atomic_fetch_add(&cache->temporaries, 1));
        fd = openat(cache->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

/* One after the other, under a temporary name that becomes `name`. */
static enum dcl_disk_result write_parts(struct dcl_disk_cache *cache, const char *name,
                                        const struct iovec *parts, int count,
                                        struct dcl_disk_reason *reason)
{
    char temporary[96];
    const int fd = create_temporary(cache, temporary, sizeof temporary);
    if (fd < 0) {
        explain_errno(reason, name, errno);
        return DCL_DISK_FAILED;
    }
    bool good = true;
    for (int i = 0; i < count && good; i++)
        good = write_all(fd, parts[i].iov_base, parts[i].iov_len);
    good = good && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && good) {
        error = errno;
        good = false;
    }
    if (good && renameat(cache->dir_fd, temporary, cache->dir_fd, name) == 0)
        return DCL_DISK_OK;
    explain_errno(reason, name, good ? errno : error);
    unlinkat(cache->dir_fd, temporary, 0);
    return DCL_DISK_FAILED;
}

enum dcl_disk_result dcl_disk_store(struct dcl_disk_cache *cache, const void *key, size_t key_size,
                                    const void *payload, size_t payload_size,
                                    struct dcl_disk_reason *reason)
{
    const struct entry_name name = name_of(key, key_size);
    struct dcl_disk_header head = {.key_size = key_size, .payload_size = payload_size};
    if (payload_size > cache->max_bytes || key_size > cache->max_bytes ||
        sizeof head + key_size + payload_size > cache->max_bytes) {
        explain(reason, name.text, "larger than the whole cache may be");
        return DCL_DISK_FAILED;
    }
    memcpy(head.magic, DCL_DISK_MAGIC, sizeof head.magic);
    head.checksum = checksum(key, key_size, payload, payload_size);
    const struct iovec parts[] = {
        {&head, sizeof head}, {(void *)key, key_size}, {(void *)payload, payload_size}};
    return write_parts(cache, name.text, parts, 3, reason);
}

enum dcl_disk_result dcl_disk_write(struct dcl_disk_cache *cache, const char *name,
                                    const void *bytes, size_t size, struct dcl_disk_reason *reason)
{
    return write_parts(cache, name, &(struct iovec){(void *)bytes, size}, 1, reason);
}

enum dcl_disk_result dcl_disk_read(const char *path, uint64_t max_bytes, void **bytes, size_t *size,
                                   struct dcl_disk_reason *reason)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        const int error = errno;
        if (error == ENOENT)
            return DCL_DISK_ABSENT;
        explain_errno(reason, path, error);
        return error == ELOOP ? DCL_DISK_BAD : DCL_DISK_FAILED;
    }
    struct stat s;
    const char *why = fstat(fd, &s) != 0 ? "no status" : distrust(&s, 0, max_bytes);
    char *content = why ? NULL : malloc((size_t)s.st_size + 1);
    if (!why && !content)
        why = "out of memory";
    if (!why && !read_all(fd, content, (size_t)s.st_size))
        why = "cannot be read";
    close(fd);
    if (why) {
        explain(reason, path, why);
        free(content);
        return DCL_DISK_BAD;
    }
    *bytes = content;
    *size = (size_t)s.st_size;
    return DCL_DISK_OK;
}

void dcl_disk_remove(struct dcl_disk_cache *cache, const void *key, size_t key_size)
{
    const struct entry_name name = name_of(key, key_size);
    unlinkat(cache->dir_fd, name.text, 0);
}

struct found {
    struct entry_name name;
    struct timespec used;
    uint64_t bytes;
};

struct found_list {
    struct found *items;
    size_t count, capacity;
};

static int by_age(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec)
        return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->name.text, y->name.text);
}

static bool is_entry(const char *name)
{
    return strspn(name, "0123456789abcdef") == HASH_DIGITS &&
           strcmp(name + HASH_DIGITS, ENTRY_SUFFIX) == 0;
}

static bool append(struct found_list *list, const char *name, const struct stat *s)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct found *items = realloc(list->items, capacity * sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    struct found *f = &list->items[list->count++];
    memcpy(f->name.text, name, sizeof f->name.text); /* is_entry checked the length */
    f->used = s->st_mtim;
    f->bytes = (uint64_t)s->st_size;
    return true;
}

/* List the entries and remove stale temporary files; returns how many were removed. */
static int scan(const struct dcl_disk_cache *cache, DIR *stream, struct found_list *list)
{
    const time_t now = time(NULL);
    int removed = 0;
    for (struct dirent *d = readdir(stream); d; d = readdir(stream)) {
        const bool temporary = strncmp(d->d_name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) == 0;
        struct stat s;
        if ((!temporary && !is_entry(d->d_name)) ||
            fstatat(cache->dir_fd, d->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(s.st_mode))
            continue;
        if (!temporary && !append(list, d->d_name, &s))
            break;
        if (temporary && s.st_mtime < now - STALE_SECONDS)
            removed += unlinkat(cache->dir_fd, d->d_name, 0) == 0;
    }
    return removed;
}

int dcl_disk_trim(struct dcl_disk_cache *cache)
{
    /* Not a duplicate of dir_fd: duplicates share the position in the directory. */
    const int fd = openat(cache->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    struct found_list list = {0};
    int removed = scan(cache, stream, &list);
    closedir(stream);

    uint64_t total = 0;
    for (size_t i = 0; i < list.count; i++)
        total += list.items[i].bytes;
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, by_age);
    for (size_t i = 0; i < list.count && total > cache->max_bytes; i++) {
        removed += unlinkat(cache->dir_fd, list.items[i].name.text, 0) == 0;
        total -= list.items[i].bytes;
    }
    free(list.items);
    return removed;
}
