/* What a person or a program reads: table, JSON, picture. */
#include "detect.h"
#include "json_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A file's name may hold what a terminal takes for a command. */
static void put_name(const char *name)
{
    for (const unsigned char *s = (const unsigned char *)name; *s; s++)
        putchar(*s < 0x20 || *s == 0x7f ? '?' : *s);
}

void dcl_detect_table(const struct dcl_detect_result *r, const struct detcl_detector *d)
{
    const bool colour = dcl_stream_colour(stdout);
    fputs(colour ? "\033[1m" : "", stdout);
    put_name(r->file);
    printf("%s  %dx%d, %d found in %.1f ms\n", colour ? "\033[0m" : "", r->width, r->height,
           r->count, r->run);
    if (r->count)
        printf("  %-20s %5s %8s %8s %8s %8s\n", "class", "score", "x1", "y1", "x2", "y2");
    for (int i = 0; i < r->count; i++) {
        const struct detcl_detection *b = &r->list[i];
        printf("  %-20s %5.2f %8.1f %8.1f %8.1f %8.1f\n", detcl_detector_label(d, b->class_id),
               (double)b->score, (double)b->box[0], (double)b->box[1], (double)b->box[2],
               (double)b->box[3]);
    }
}

static bool finite_box(const struct detcl_detection *b)
{
    return isfinite(b->score) && isfinite(b->box[0]) && isfinite(b->box[1]) &&
           isfinite(b->box[2]) && isfinite(b->box[3]);
}

static json_t *boxes_json(const struct dcl_detect_result *r, const struct detcl_detector *d)
{
    json_t *list = json_array();
    for (int i = 0; i < r->count; i++) {
        const struct detcl_detection *b = &r->list[i];
        if (!finite_box(b))
            continue;
        json_array_append_new(
            list, json_pack("{s:i, s:o, s:f, s:[f, f, f, f]}", "class", b->class_id, "label",
                            dcl_json_text(detcl_detector_label(d, b->class_id)), "score",
                            (double)b->score, "box", (double)b->box[0], (double)b->box[1],
                            (double)b->box[2], (double)b->box[3]));
    }
    return list;
}

json_t *dcl_detect_json(const struct dcl_detect_result *r, const struct detcl_detector *d)
{
    json_t *ms = json_pack("{s:o, s:o, s:o}", "decode", dcl_json_number(r->decode), "run",
                           dcl_json_number(r->run), "total", dcl_json_number(r->total));
    if (ms && r->frame_count > 1) {
        json_t *frames = json_array();
        for (int i = 0; i < r->frame_count; i++)
            json_array_append_new(frames, dcl_json_number(r->frames[i]));
        json_object_set_new(ms, "frames", frames);
    }
    return json_pack("{s:o, s:i, s:i, s:o, s:o}", "file", dcl_json_text(r->file), "width", r->width,
                     "height", r->height, "detections", boxes_json(r, d), "ms", ms);
}

char *dcl_detect_out_path(const struct dcl_detect_request *r, const char *image)
{
    const char *slash = strrchr(image, '/'), *name = slash ? slash + 1 : image;
    const size_t size = strlen(r->out) + strlen(name) + sizeof "/.png";
    char *path = malloc(size);
    if (path && r->out_folder)
        snprintf(path, size, "%s/%s%s", r->out, name, dcl_image_can_save(name) ? "" : ".png");
    else if (path)
        snprintf(path, size, "%s", r->out);
    return path;
}

static bool draw(struct dcl_console *console, const struct dcl_detect_result *r,
                 struct dcl_image *image, const struct detcl_detector *d)
{
    struct dcl_image_box *boxes = calloc((size_t)r->count + 1, sizeof *boxes);
    char why[512] = "out of memory";
    for (int i = 0; boxes && i < r->count; i++) {
        const struct detcl_detection *b = &r->list[i];
        boxes[i] = (struct dcl_image_box){b->box[0],
                                          b->box[1],
                                          b->box[2],
                                          b->box[3],
                                          b->score,
                                          b->class_id,
                                          detcl_detector_label(d, b->class_id)};
    }
    const bool good =
        boxes && dcl_image_draw_boxes(image, boxes, (size_t)r->count, why, sizeof why) == DETCL_OK;
    free(boxes);
    if (!good)
        dcl_console_error(console, "%s: %s", r->file, why);
    return good;
}

enum dcl_exit dcl_detect_picture(struct dcl_console *console, const struct dcl_detect_request *r,
                                 const struct dcl_detect_result *result, struct dcl_image *image,
                                 const struct detcl_detector *d)
{
    if (!draw(console, result, image, d))
        return DCL_EXIT_RUNTIME;
    char why[1024] = "out of memory";
    char *path = dcl_detect_out_path(r, result->file);
    const bool good = path && dcl_image_save(path, image, why, sizeof why) == DETCL_OK;
    free(path);
    if (!good)
        dcl_console_error(console, "%s", why);
    return good ? DCL_EXIT_OK : DCL_EXIT_RUNTIME;
}
