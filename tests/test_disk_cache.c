/* The directory of checked entries below the program cache: round trips, damage, strangers, limits.
 */
#include "device/disk_cache.h"
#include "temp_dir.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#define LIMIT 100000

static const char key[] = "device 1\0options\0source", other_key[] = "device 2\0options\0source";

struct fixture {
    struct temp_dir dir;
    struct dcl_disk_cache *cache;
    struct dcl_disk_reason reason;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f || temp_dir_make(&f->dir) != 0)
        return -1;
    f->cache = dcl_disk_open(f->dir.path, LIMIT, &f->reason);
    *state = f;
    return f->cache ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    dcl_disk_close(&f->cache);
    temp_dir_remove(f->dir.path);
    free(f);
    return 0;
}

static void store_text(struct fixture *f, const char *k, const char *text)
{
    assert_int_equal(dcl_disk_store(f->cache, k, sizeof key, text, strlen(text), &f->reason),
                     DCL_DISK_OK);
}

static enum dcl_disk_result load(struct fixture *f, const char *k, void **payload, size_t *size)
{
    return dcl_disk_load(f->cache, k, sizeof key, payload, size, &f->reason);
}

static void expect_text(struct fixture *f, const char *k, const char *text)
{
    void *payload = NULL;
    size_t size = 0;
    assert_int_equal(load(f, k, &payload, &size), DCL_DISK_OK);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(payload, text, size);
    free(payload);
}

static void expect_bad(struct fixture *f, const char *why)
{
    void *payload = NULL;
    size_t size = 0;
    assert_int_equal(load(f, key, &payload, &size), DCL_DISK_BAD);
    assert_null(payload);
    assert_non_null(strstr(f->reason.text, why));
}

static void entry_path(struct fixture *f, char path[512])
{
    assert_int_equal(temp_dir_count(f->dir.path, ".bin", path), 1);
}

static void test_hash_vectors(void **state)
{
    (void)state;
    /* Published values of FNV-1a 128. */
    struct dcl_hash128 h = dcl_hash128_start();
    assert_true(h.high == 0x6c62272e07bb0142u && h.low == 0x62b821756295c58du);
    h = dcl_hash128_add(h, "foo", 3);
    h = dcl_hash128_add(h, "bar", 3);
    assert_true(h.high == 0x343e1662793c64bfu && h.low == 0x6f0d3597ba446f18u);
}

static void test_default_directory(void **state)
{
    (void)state;
    char path[64];
    setenv("HOME", "/home/x", 1);
    setenv("XDG_CACHE_HOME", "/xdg", 1);
    setenv("DETCL_CACHE_DIR", "own", 1);
    assert_int_equal(dcl_disk_default_dir(path, sizeof path), 0);
    assert_string_equal(path, "own");
    assert_int_equal(dcl_disk_default_dir(path, 3), -1);
    setenv("DETCL_CACHE_DIR", "", 1);
    assert_int_equal(dcl_disk_default_dir(path, sizeof path), 0);
    assert_string_equal(path, "/xdg/detcl");
    setenv("XDG_CACHE_HOME", "relative", 1);
    assert_int_equal(dcl_disk_default_dir(path, sizeof path), 0);
    assert_string_equal(path, "/home/x/.cache/detcl");
    unsetenv("DETCL_CACHE_DIR");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    assert_int_equal(dcl_disk_default_dir(path, sizeof path), -1);
}

static void test_round_trip(void **state)
{
    struct fixture *f = *state;
    void *payload = NULL;
    size_t size = 0;
    assert_int_equal(load(f, key, &payload, &size), DCL_DISK_ABSENT);
    store_text(f, key, "one");
    store_text(f, other_key, "two, and longer");
    expect_text(f, key, "one");
    expect_text(f, other_key, "two, and longer");
    store_text(f, key, "replaced");
    expect_text(f, key, "replaced");
    store_text(f, key, "");
    expect_text(f, key, "");
    assert_int_equal(temp_dir_count(f->dir.path, "", NULL), 2);
    dcl_disk_remove(f->cache, key, sizeof key);
    assert_int_equal(load(f, key, &payload, &size), DCL_DISK_ABSENT);
    dcl_disk_remove(f->cache, key, sizeof key);
    expect_text(f, other_key, "two, and longer");
}

static void test_every_truncation_is_found(void **state)
{
    struct fixture *f = *state;
    char path[512];
    size_t size = 0;
    store_text(f, key, "the payload");
    entry_path(f, path);
    unsigned char *bytes = temp_dir_read(path, &size);
    assert_non_null(bytes);
    for (size_t length = 0; length < size; length++) {
        assert_int_equal(temp_dir_write(path, bytes, length), 0);
        expect_bad(f, length < sizeof(struct dcl_disk_header) ? "truncated" : "wrong length");
    }
    bytes[size] = 0;
    assert_int_equal(temp_dir_write(path, bytes, size + 1), 0);
    expect_bad(f, "wrong length");
    free(bytes);
    store_text(f, key, "again");
    expect_text(f, key, "again");
}

static void test_every_flipped_bit_is_found(void **state)
{
    struct fixture *f = *state;
    char path[512];
    size_t size = 0;
    store_text(f, key, "the payload");
    entry_path(f, path);
    unsigned char *bytes = temp_dir_read(path, &size);
    assert_non_null(bytes);
    for (size_t i = 0; i < 8 * size; i++) {
        bytes[i / 8] ^= (unsigned char)(1 << i % 8);
        assert_int_equal(temp_dir_write(path, bytes, size), 0);
        expect_bad(f, path + strlen(f->dir.path) + 1);
        bytes[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    assert_int_equal(temp_dir_write(path, bytes, size), 0);
    expect_text(f, key, "the payload");
    memset(bytes, 0, size);
    assert_int_equal(temp_dir_write(path, bytes, size), 0);
    expect_bad(f, "unknown format");
    free(bytes);
}

static void test_entry_of_another_key(void **state)
{
    struct fixture *f = *state;
    char path[512], other_path[512];
    store_text(f, key, "one");
    entry_path(f, path);
    dcl_disk_remove(f->cache, key, sizeof key);
    store_text(f, other_key, "two");
    entry_path(f, other_path);
    assert_int_equal(rename(other_path, path), 0);
    expect_bad(f, "made for another key");
}

static void test_files_of_others_are_refused(void **state)
{
    struct fixture *f = *state;
    char path[512], target[600];
    store_text(f, key, "one");
    entry_path(f, path);
    assert_int_equal(chmod(path, 0620), 0);
    expect_bad(f, "others may write it");
    assert_int_equal(chmod(path, 0602), 0);
    expect_bad(f, "others may write it");
    assert_int_equal(chmod(path, 0600), 0);
    expect_text(f, key, "one");

    snprintf(target, sizeof target, "%s.target", path);
    assert_int_equal(rename(path, target), 0);
    assert_int_equal(symlink(target, path), 0);
    expect_bad(f, "");
    store_text(f, key, "replaces the link");
    expect_text(f, key, "replaces the link");

    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_bad(f, "not a regular file");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_bad(f, "not a regular file");
    assert_int_equal(dcl_disk_store(f->cache, key, sizeof key, "x", 1, &f->reason),
                     DCL_DISK_FAILED);
    assert_int_equal(temp_dir_count(f->dir.path, "", NULL), 2);

    if (geteuid() == 0) {
        store_text(f, other_key, "not ours");
        assert_int_equal(rmdir(path), 0);
        entry_path(f, path);
        assert_int_equal(chown(path, 1, 1), 0);
        void *payload = NULL;
        size_t size = 0;
        assert_int_equal(load(f, other_key, &payload, &size), DCL_DISK_BAD);
        assert_non_null(strstr(f->reason.text, "another user"));
    }
}

static void test_directories(void **state)
{
    struct fixture *f = *state;
    struct dcl_disk_cache *cache;
    struct stat s;
    char path[600];
    snprintf(path, sizeof path, "%s/a/b/c", f->dir.path);
    cache = dcl_disk_open(path, LIMIT, &f->reason);
    assert_non_null(cache);
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);

    assert_int_equal(rmdir(path), 0); /* gone while it is open */
    assert_int_equal(dcl_disk_store(cache, key, sizeof key, "x", 1, &f->reason), DCL_DISK_FAILED);
    assert_int_equal(dcl_disk_trim(cache), 0);
    dcl_disk_close(&cache);
    assert_null(cache);
    dcl_disk_close(&cache);
    dcl_disk_close(NULL);

    snprintf(path, sizeof path, "%s/file", f->dir.path);
    assert_int_equal(temp_dir_write(path, "x", 1), 0);
    assert_null(dcl_disk_open(path, LIMIT, &f->reason));
    assert_non_null(strstr(f->reason.text, path));
    snprintf(path, sizeof path, "%s/file/below", f->dir.path);
    assert_null(dcl_disk_open(path, LIMIT, &f->reason));
    assert_null(dcl_disk_open("", LIMIT, &f->reason));
}

static void test_read_only_directory(void **state)
{
    struct fixture *f = *state;
    if (geteuid() == 0)
        skip(); /* permissions do not bind root */
    store_text(f, key, "kept");
    assert_int_equal(chmod(f->dir.path, 0500), 0);
    expect_text(f, key, "kept");
    assert_int_equal(dcl_disk_store(f->cache, other_key, sizeof key, "x", 1, &f->reason),
                     DCL_DISK_FAILED);
    assert_int_equal(chmod(f->dir.path, 0700), 0);
}

static void test_entry_larger_than_the_limit(void **state)
{
    struct fixture *f = *state;
    char *big = calloc(1, LIMIT);
    assert_non_null(big);
    assert_int_equal(dcl_disk_store(f->cache, key, sizeof key, big, LIMIT, &f->reason),
                     DCL_DISK_FAILED);
    assert_int_equal(dcl_disk_store(f->cache, key, sizeof key, big, SIZE_MAX, &f->reason),
                     DCL_DISK_FAILED);
    const size_t fits = LIMIT - sizeof key - sizeof(struct dcl_disk_header);
    assert_int_equal(dcl_disk_store(f->cache, key, sizeof key, big, fits, &f->reason), DCL_DISK_OK);
    assert_int_equal(dcl_disk_trim(f->cache), 0);
    free(big);
}

static void set_age(const char *path, long seconds)
{
    const struct timespec t = {.tv_sec = time(NULL) - seconds};
    const struct timespec times[2] = {t, t};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_trim_removes_the_oldest(void **state)
{
    struct fixture *f = *state;
    char path[512], k[sizeof key];
    char *payload = calloc(1, 30000);
    assert_non_null(payload);
    for (char i = 0; i < 5; i++) { /* 150 kB where 100 kB may stay; entry i was used i hours ago */
        memset(k, i, sizeof k);
        assert_int_equal(dcl_disk_store(f->cache, k, sizeof k, payload, 30000, &f->reason),
                         DCL_DISK_OK);
        const struct dcl_hash128 h = dcl_hash128_add(dcl_hash128_start(), k, sizeof k);
        snprintf(path, sizeof path, "%s/%016llx%016llx.bin", f->dir.path,
                 (unsigned long long)h.high, (unsigned long long)h.low);
        set_age(path, 3600L * i + 60);
    }
    void *loaded = NULL;
    size_t size = 0;
    assert_int_equal(load(f, k, &loaded, &size), DCL_DISK_OK); /* entry 4 is now the youngest */
    free(loaded);
    assert_int_equal(dcl_disk_trim(f->cache), 2);
    for (char i = 0; i < 5; i++) {
        memset(k, i, sizeof k);
        const bool kept = i != 2 && i != 3;
        assert_int_equal(load(f, k, &loaded, &size), kept ? DCL_DISK_OK : DCL_DISK_ABSENT);
        if (kept)
            free(loaded);
    }
    free(payload);
}

static void test_trim_leaves_other_files(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"notes.txt", "0123.bin", "tmp-old", "tmp-new"};
    char path[512];
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", f->dir.path, names[i]);
        assert_int_equal(temp_dir_write(path, "x", 1), 0);
        set_age(path, strcmp(names[i], "tmp-new") == 0 ? 60 : 7200);
    }
    store_text(f, key, "kept");
    assert_int_equal(dcl_disk_trim(f->cache), 1);
    assert_int_equal(temp_dir_count(f->dir.path, "tmp-old", NULL), 0);
    assert_int_equal(temp_dir_count(f->dir.path, "", NULL), 4);
    expect_text(f, key, "kept");
}

/* Payload of a version: a letter repeated. */
static void *write_and_read(void *arg)
{
    struct fixture *f = arg;
    char payload[5000];
    for (int i = 0; i < 50; i++) {
        struct dcl_disk_reason reason;
        void *loaded = NULL;
        size_t size = 0;
        memset(payload, 'a' + i % 26, sizeof payload);
        if (dcl_disk_store(f->cache, key, sizeof key, payload, sizeof payload, &reason) !=
                DCL_DISK_OK ||
            dcl_disk_load(f->cache, key, sizeof key, &loaded, &size, &reason) != DCL_DISK_OK)
            return "failed";
        const char *text = loaded;
        const bool whole = size == sizeof payload && memcmp(text, text + 1, size - 1) == 0;
        free(loaded);
        if (!whole)
            return "mixed";
    }
    return NULL;
}

static void test_threads_share_a_directory(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_read, f), 0);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_null(result);
    }
    assert_int_equal(temp_dir_count(f->dir.path, "", NULL), 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_vectors),
        CASE(test_round_trip),
        CASE(test_every_truncation_is_found),
        CASE(test_every_flipped_bit_is_found),
        CASE(test_entry_of_another_key),
        CASE(test_files_of_others_are_refused),
        CASE(test_directories),
        CASE(test_read_only_directory),
        CASE(test_entry_larger_than_the_limit),
        CASE(test_trim_removes_the_oldest),
        CASE(test_trim_leaves_other_files),
        CASE(test_threads_share_a_directory),
        cmocka_unit_test(test_default_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
