/* detcl detect: what was asked for, and what came out. */
#ifndef DCL_CLI_DETECT_H
#define DCL_CLI_DETECT_H

#include "cli.h"
#include "detcl/detect.h"
#include "image/image.h"

#include <jansson.h>

struct dcl_detect_request {
    struct detcl_detector_params params;
    const char *device;
    const char *json; /* file or "-"; NULL: none */
    const char *out;  /* picture or folder; NULL: none */
    bool out_folder;  /* `out` is a folder: one picture in it for each image */
    bool validate, profile;
    int repeat;
    char **images;
    int image_count;
    float mean[3], scale[3]; /* what params points to */
    char model[4096];        /* the bundled model's path */
};

/* Fill `r` from the arguments. `*done`: there is nothing left to do (--help was printed). */
enum dcl_exit dcl_detect_arguments(struct dcl_console *console, int argc, char **argv,
                                   struct dcl_detect_request *r, bool *done);

/* One image with its boxes. Milliseconds. */
struct dcl_detect_result {
    const char *file;
    int width, height;
    const struct detcl_detection *list;
    int count;
    double decode, run,
        total;            /* reading the file; upload to boxes, the median of the repeats; all */
    const double *frames; /* each repeat */
    int frame_count;
};

void dcl_detect_table(const struct dcl_detect_result *r, const struct detcl_detector *d);

/* The image's entry of the JSON; NULL when memory ran out. A box that is not finite is left out. */
json_t *dcl_detect_json(const struct dcl_detect_result *r, const struct detcl_detector *d);

/* Where the picture of `image` goes, to be freed; NULL when memory ran out. */
char *dcl_detect_out_path(const struct dcl_detect_request *r, const char *image);

/* Draw and save. The pixels of `image` are changed. */
enum dcl_exit dcl_detect_picture(struct dcl_console *console, const struct dcl_detect_request *r,
                                 const struct dcl_detect_result *result, struct dcl_image *image,
                                 const struct detcl_detector *d);

/* A line a node, slowest first, to `to`. */
enum dcl_exit dcl_detect_profile(struct dcl_console *console, struct detcl_context *ctx,
                                 struct detcl_detector *d, FILE *to);

/* Hold each node against its CPU twin on the last frame. */
enum dcl_exit dcl_detect_validate(struct dcl_console *console, struct detcl_context *ctx,
                                  struct detcl_detector *d, FILE *to);

#endif
