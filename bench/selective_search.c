/* Selective search: seconds of one core on photographs brought to 500x375, and how well it finds
 * the objects of rendered scenes. bench_selective_search IMAGE... */
#include "detcl/selective_search.h"
#include "image/image.h"
#include "scenes.h"

#include <stdio.h>
#include <time.h>

enum { WIDTH = 500, HEIGHT = 375, RUNS = 3 };

static const char *const mode_names[] = {"fast", "quality", "single"};

/* Of this process, all threads: there is one. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Each pixel the mean of those that it covers. */
static void shrink(const struct dcl_image *in, uint8_t *out)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const int x1 = x * in->width / WIDTH, y1 = y * in->height / HEIGHT;
            int x2 = (x + 1) * in->width / WIDTH, y2 = (y + 1) * in->height / HEIGHT;
            x2 = x2 > x1 ? x2 : x1 + 1;
            y2 = y2 > y1 ? y2 : y1 + 1;
            for (int c = 0; c < 3; c++) {
                int sum = 0;
                for (int j = y1; j < y2; j++)
                    for (int i = x1; i < x2; i++)
                        sum += in->rgb[3 * ((size_t)j * (size_t)in->width + (size_t)i) + (size_t)c];
                out[3 * (y * WIDTH + x) + c] = (uint8_t)(sum / ((x2 - x1) * (y2 - y1)));
            }
        }
}

/* The least of some runs. */
static int time_photograph(const char *file, enum detcl_search_mode mode)
{
    static uint8_t pixels[3 * WIDTH * HEIGHT];
    const struct detcl_image view = {.pixels = pixels, .width = WIDTH, .height = HEIGHT};
    const struct detcl_selective_search_params params = {.mode = mode};
    struct dcl_image image = {0};
    struct detcl_box_list *list = NULL;
    struct detcl_error error;
    char why[512];
    if (dcl_image_load(file, &image, why, sizeof why) != DETCL_OK) {
        fprintf(stderr, "%s\n", why);
        return 0;
    }
    shrink(&image, pixels);
    dcl_image_free(&image);
    double least = 0;
    for (int i = 0; i < RUNS; i++) {
        detcl_box_list_destroy(&list);
        const double from = cpu_seconds();
        if (detcl_selective_search(&view, &params, &list, &error) != DETCL_OK) {
            fprintf(stderr, "%s\n", error.text);
            return 0;
        }
        const double took = cpu_seconds() - from;
        least = i == 0 || took < least ? took : least;
    }
    printf("%-8s %8.3f s %7d boxes  %s at %dx%d\n", mode_names[mode], least, list->count, file,
           WIDTH, HEIGHT);
    detcl_box_list_destroy(&list);
    return 1;
}

/* `limit` boxes of each scene, 0: all. */
static int score_scenes(enum detcl_search_mode mode, int limit)
{
    struct scene_score score = {0};
    long boxes = 0;
    for (int i = 0; i < SCENES; i++) {
        struct scene *scene = scene_create(i);
        if (!scene)
            return 0;
        const struct detcl_image view = {
            .pixels = scene->rgb, .width = SCENE_WIDTH, .height = SCENE_HEIGHT};
        const struct detcl_selective_search_params params = {.mode = mode, .max_boxes = limit};
        struct detcl_box_list *list = NULL;
        if (detcl_selective_search(&view, &params, &list, NULL) != DETCL_OK) {
            free(scene);
            return 0;
        }
        scene_score(scene, list->boxes, list->count, &score);
        boxes += list->count;
        detcl_box_list_destroy(&list);
        free(scene);
    }
    printf("%-8s %6ld boxes a scene: recall %.3f at IoU 0.5, %.3f at 0.7, mean best overlap %.3f "
           "(%d objects, %d scenes)\n",
           mode_names[mode], boxes / SCENES, (double)score.at_50 / score.objects,
           (double)score.at_70 / score.objects, score.overlap / score.objects, score.objects,
           SCENES);
    return 1;
}

int main(int argc, char **argv)
{
    static const enum detcl_search_mode modes[] = {DETCL_SEARCH_SINGLE, DETCL_SEARCH_FAST,
                                                   DETCL_SEARCH_QUALITY};
    int good = 1;
    for (int i = 1; i < argc; i++)
        for (int m = 0; m < 3; m++)
            good &= time_photograph(argv[i], modes[m]);
    for (int m = 0; m < 3; m++)
        good &= score_scenes(modes[m], 0);
    good &= score_scenes(DETCL_SEARCH_FAST, 200);
    return !good;
}
