/* Image files on disk: loading from awkward places, saving without anything half-written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/image.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

/* A path in the test's own folder; valid until the call after next. */
static const char *in_folder(const char *name)
{
    static char paths[2][512];
    static int turn;
    turn = 1 - turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static int make_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/detcl-image-XXXXXX", base && *base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

/* Number of entries; with `and_remove`, of entries removed. */
static int count_entries(bool and_remove)
{
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(listing));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (and_remove)
            assert_int_equal(remove(in_folder(entry->d_name)), 0);
    }
    closedir(listing);
    return count;
}

static int clear_folder(void **state)
{
    (void)state;
    count_entries(true);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static struct dcl_image make_image(int width, int height)
{
    const size_t size = 3 * (size_t)width * (size_t)height;
    struct dcl_image image = {width, height, malloc(size)};
    assert_non_null(image.rgb);
    uint32_t random = 12345;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525u + 1013904223u;
        image.rgb[i] = (uint8_t)(random >> 24);
    }
    return image;
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void assert_load_fails(const char *path, enum detcl_status expected, const char *reason)
{
    struct dcl_image image = {0};
    char why[1024] = "";
    assert_int_equal(dcl_image_load(path, &image, why, sizeof why), expected);
    assert_null(image.rgb);
    assert_memory_equal(why, path, strlen(path));
    if (!strstr(why, reason))
        fail_msg("\"%s\" does not say \"%s\"", why, reason);
}

static void png_round_trip_is_exact(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {7, 5}, {1, 300}, {300, 1}, {64, 64}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct dcl_image image = make_image(sizes[i][0], sizes[i][1]), back = {0};
        char why[512] = "";
        assert_int_equal(dcl_image_save(in_folder("a.PNG"), &image, why, sizeof why), DETCL_OK);
        assert_int_equal(dcl_image_load(in_folder("a.PNG"), &back, why, sizeof why), DETCL_OK);
        assert_string_equal(why, "");
        assert_int_equal(back.width, image.width);
        assert_int_equal(back.height, image.height);
        assert_memory_equal(back.rgb, image.rgb, 3 * (size_t)image.width * (size_t)image.height);
        dcl_image_free(&image);
        dcl_image_free(&back);
        assert_null(back.rgb);
    }
}

/* The name says one format and the content is another: the content counts. */
static void content_decides_the_format(void **state)
{
    (void)state;
    struct dcl_image image = make_image(40, 30), back = {0};
    memset(image.rgb, 200, 3 * 40 * 30);
    assert_int_equal(dcl_image_save(in_folder("a.jpeg"), &image, NULL, 0), DETCL_OK);
    assert_int_equal(rename(in_folder("a.jpeg"), in_folder("a.png")), 0);
    assert_int_equal(dcl_image_load(in_folder("a.png"), &back, NULL, 0), DETCL_OK);
    for (int i = 0; i < 3 * 40 * 30; i++)
        assert_in_range(back.rgb[i], 198, 202);
    dcl_image_free(&image);
    dcl_image_free(&back);
}

static void bad_paths_are_named(void **state)
{
    (void)state;
    write_bytes(in_folder("empty.png"), "", 0);
    assert_load_fails(in_folder("empty.png"), DETCL_ERROR_INPUT, "the file is empty");
    assert_load_fails(in_folder("absent.png"), DETCL_ERROR_IO, "No such file");
    assert_load_fails(in_folder("empty.png/a.png"), DETCL_ERROR_IO, "cannot be opened");
    assert_load_fails(folder, DETCL_ERROR_IO, "is a folder");
    assert_int_equal(symlink("loop", in_folder("loop")), 0);
    assert_load_fails(in_folder("loop"), DETCL_ERROR_IO, "cannot be opened");
}

static void unreadable_file(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); /* root reads everything */
    write_bytes(in_folder("secret.png"), "x", 1);
    assert_int_equal(chmod(in_folder("secret.png"), 0), 0);
    assert_load_fails(in_folder("secret.png"), DETCL_ERROR_IO, "Permission denied");
}

/* A file that opens but cannot be read: a process has no memory at address 0. */
static void failing_read(void **state)
{
    (void)state;
    if (access("/proc/self/mem", R_OK) != 0)
        skip();
    assert_load_fails("/proc/self/mem", DETCL_ERROR_IO, "cannot be read");
}

static void too_large_a_file(void **state)
{
    (void)state;
    write_bytes(in_folder("large.png"), "\x89PNG", 4);
    assert_int_equal(truncate(in_folder("large.png"), (off_t)DCL_IMAGE_MAX_FILE_BYTES + 1), 0);
    assert_load_fails(in_folder("large.png"), DETCL_ERROR_INPUT, "at most 512 MiB");
}

static void pipes_are_read(void **state)
{
    (void)state;
    if (access("/dev/fd", X_OK) != 0)
        skip();
    struct dcl_image image = make_image(20, 10), back = {0};
    uint8_t bytes[4096];
    int ends[2];
    char path[64];
    assert_int_equal(dcl_image_save(in_folder("a.png"), &image, NULL, 0), DETCL_OK);
    FILE *file = fopen(in_folder("a.png"), "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, size), size);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(dcl_image_load(path, &back, NULL, 0), DETCL_OK);
    assert_memory_equal(back.rgb, image.rgb, 3 * 20 * 10);
    close(ends[0]);
    dcl_image_free(&image);
    dcl_image_free(&back);
}

static void assert_save_fails(const char *path, const struct dcl_image *image,
                              enum detcl_status expected, const char *reason)
{
    char why[1024] = "";
    assert_int_equal(dcl_image_save(path, image, why, sizeof why), expected);
    assert_memory_equal(why, path, strlen(path));
    if (!strstr(why, reason))
        fail_msg("\"%s\" does not say \"%s\"", why, reason);
}

static void impossible_saves_leave_nothing(void **state)
{
    (void)state;
    struct dcl_image image = make_image(4, 4), empty = {0};
    struct dcl_image wide = make_image(65501, 1);
    assert_save_fails(in_folder("absent/a.png"), &image, DETCL_ERROR_IO, "No such file");
    assert_save_fails(in_folder("a.webp"), &image, DETCL_ERROR_ARGUMENT, "must end in");
    assert_save_fails(in_folder("a"), &image, DETCL_ERROR_ARGUMENT, "must end in");
    assert_save_fails(in_folder(".png"), &image, DETCL_ERROR_ARGUMENT, "must end in");
    assert_save_fails(in_folder("a.png"), &empty, DETCL_ERROR_ARGUMENT, "no pixels");
    assert_save_fails(in_folder("a.jpg"), &wide, DETCL_ERROR_ARGUMENT, "65500");
    assert_int_equal(count_entries(false), 0);
    assert_int_equal(mkdir(in_folder("dir.png"), 0777), 0);
    assert_save_fails(in_folder("dir.png"), &image, DETCL_ERROR_IO, "not a regular file");
    assert_int_equal(mkfifo(in_folder("pipe.png"), 0666), 0);
    assert_save_fails(in_folder("pipe.png"), &image, DETCL_ERROR_IO, "not a regular file");
    assert_int_equal(count_entries(false), 2);
    dcl_image_free(&image);
    dcl_image_free(&wide);
}

static void names_that_can_be_saved(void **state)
{
    (void)state;
    assert_true(dcl_image_can_save("a.png"));
    assert_true(dcl_image_can_save("b.d/a.b.JPG"));
    assert_true(dcl_image_can_save("a.Jpeg"));
    assert_false(dcl_image_can_save("a.png/b"));
    assert_false(dcl_image_can_save("a.pngx"));
    assert_false(dcl_image_can_save("png"));
    assert_false(dcl_image_can_save(""));
}

/* A disk that fills up, by the process's own limit on file sizes. */
static void full_disk_keeps_the_old_file(void **state)
{
    (void)state;
    static const char *const names[] = {"a.png", "a.jpg"};
    struct dcl_image image = make_image(300, 300), back = {0};
    struct dcl_image old = make_image(8, 8);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(dcl_image_save(in_folder(names[i]), &old, NULL, 0), DETCL_OK);
        const struct rlimit small = {10000, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        char why[1024] = "";
        const enum detcl_status status =
            dcl_image_save(in_folder(names[i]), &image, why, sizeof why);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(status, DETCL_ERROR_IO);
        assert_non_null(strstr(why, "File too large"));
        assert_int_equal(dcl_image_load(in_folder(names[i]), &back, NULL, 0), DETCL_OK);
        assert_int_equal(back.width, 8);
        dcl_image_free(&back);
        assert_int_equal(count_entries(false), i + 1);
    }
    signal(SIGXFSZ, handler);
    dcl_image_free(&image);
    dcl_image_free(&old);
}

static void saved_files_follow_the_mask(void **state)
{
    (void)state;
    struct dcl_image image = make_image(3, 3);
    struct stat info;
    const mode_t before = umask(027);
    const enum detcl_status status = dcl_image_save(in_folder("a.png"), &image, NULL, 0);
    umask(before);
    assert_int_equal(status, DETCL_OK);
    assert_int_equal(stat(in_folder("a.png"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    dcl_image_free(&image);
}

static void freeing_nothing(void **state)
{
    (void)state;
    struct dcl_image empty = {0};
    dcl_image_free(NULL);
    dcl_image_free(&empty);
    assert_null(empty.rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(png_round_trip_is_exact, clear_folder),
        cmocka_unit_test_teardown(content_decides_the_format, clear_folder),
        cmocka_unit_test_teardown(bad_paths_are_named, clear_folder),
        cmocka_unit_test_teardown(unreadable_file, clear_folder),
        cmocka_unit_test_teardown(failing_read, clear_folder),
        cmocka_unit_test_teardown(too_large_a_file, clear_folder),
        cmocka_unit_test_teardown(pipes_are_read, clear_folder),
        cmocka_unit_test_teardown(impossible_saves_leave_nothing, clear_folder),
        cmocka_unit_test_teardown(names_that_can_be_saved, clear_folder),
        cmocka_unit_test_teardown(full_disk_keeps_the_old_file, clear_folder),
        cmocka_unit_test_teardown(saved_files_follow_the_mask, clear_folder),
        cmocka_unit_test_teardown(freeing_nothing, clear_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
