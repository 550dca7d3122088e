/* detcl detect: pictures in, boxes out. */
#include "detect.h"
#include "core/clock.h"
#include "harness/statistics.h"
#include "json_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Programs are written to the disk cache for twice as long as they took to compile, and at least
 * for so long; what is left waits for the next run. */
#define LEAST_SAVE_SECONDS 0.5

struct session {
    struct dcl_console console;
    struct dcl_detect_request request;
    struct detcl_context *ctx;
    struct detcl_detector *detector;
    json_t *images;             /* NULL without --json */
    double *frames, *room;      /* request.repeat of them, and as many for sorting */
    FILE *report;               /* where profile and validation go */
    double open_ms, slowest_ms; /* opening the detector; the slowest frame, which is the first */
};

static enum dcl_exit fail(struct session *s, const char *what, enum detcl_status status)
{
    dcl_console_error(&s->console, "%s: %s", what, detcl_context_error(s->ctx));
    return dcl_exit_of(status);
}

/* All repeats of one image; the boxes are the last one's. */
static enum detcl_status run_frames(struct session *s, const struct dcl_image *image,
                                    struct dcl_detect_result *r)
{
    const struct detcl_image view = {
        .pixels = image->rgb, .width = image->width, .height = image->height};
    for (int i = 0; i < s->request.repeat; i++) {
        const double from = dcl_clock_ms();
        enum detcl_status status = detcl_detector_enqueue(s->detector, &view);
        if (status == DETCL_OK)
            status = detcl_detector_fetch(s->detector, &r->list, &r->count);
        if (status != DETCL_OK)
            return status;
        s->frames[i] = dcl_clock_ms() - from;
        s->slowest_ms = fmax(s->slowest_ms, s->frames[i]);
    }
    r->frames = s->frames;
    r->frame_count = s->request.repeat;
    r->run = dcl_statistics_of(s->frames, s->request.repeat, s->room).median;
    return DETCL_OK;
}

static enum dcl_exit give_out(struct session *s, const struct dcl_detect_result *r,
                              struct dcl_image *image)
{
    const struct dcl_detect_request *q = &s->request;
    dcl_console_clear(&s->console);
    if (s->images)
        json_array_append_new(s->images, dcl_detect_json(r, s->detector));
    if (!q->json || strcmp(q->json, "-") != 0)
        dcl_detect_table(r, s->detector);
    fflush(stdout);
    return q->out ? dcl_detect_picture(&s->console, q, r, image, s->detector) : DCL_EXIT_OK;
}

static enum dcl_exit process(struct session *s, int index)
{
    struct dcl_detect_result r = {.file = s->request.images[index]};
    struct dcl_image image = {0};
    char why[1024];
    const double start = dcl_clock_ms();
    enum detcl_status status = dcl_image_load(r.file, &image, why, sizeof why);
    if (status != DETCL_OK) {
        dcl_console_error(&s->console, "%s", why);
        return dcl_exit_of(status);
    }
    r.width = image.width;
    r.height = image.height;
    r.decode = dcl_clock_ms() - start;
    status = run_frames(s, &image, &r);
    r.total = dcl_clock_ms() - start;
    enum dcl_exit code = status == DETCL_OK ? give_out(s, &r, &image) : fail(s, r.file, status);
    if (status == DETCL_OK && s->request.profile && code == DCL_EXIT_OK)
        code = dcl_detect_profile(&s->console, s->ctx, s->detector, s->report);
    if (status == DETCL_OK && s->request.validate && index == 0 && code == DCL_EXIT_OK)
        code = dcl_detect_validate(&s->console, s->ctx, s->detector, s->report);
    dcl_image_free(&image);
    return code;
}

/* One image that fails does not stop the others; the first failure is the command's. */
static enum dcl_exit process_all(struct session *s)
{
    enum dcl_exit first = DCL_EXIT_OK;
    for (int i = 0; i < s->request.image_count; i++) {
        if (s->request.image_count > 1)
            dcl_console_progress(&s->console, s->request.images[i], i + 1, s->request.image_count);
        const enum dcl_exit code = process(s, i);
        first = first == DCL_EXIT_OK ? code : first;
    }
    dcl_console_clear(&s->console);
    return first;
}

/* A model that cannot be opened is as missing as one that is refused. */
static enum dcl_exit open_detector(struct session *s)
{
    const double from = dcl_clock_ms();
    const enum detcl_status status =
        detcl_detector_create(s->ctx, &s->request.params, &s->detector);
    s->open_ms = dcl_clock_ms() - from;
    dcl_console_clear(&s->console);
    if (status != DETCL_OK) {
        const enum dcl_exit code = dcl_exit_of(status);
        dcl_console_error(&s->console, "%s", detcl_context_error(s->ctx));
        return status == DETCL_ERROR_ARGUMENT ? DCL_EXIT_USAGE
               : code == DCL_EXIT_INPUT       ? DCL_EXIT_MODEL
                                              : code;
    }
    if (s->console.verbose)
        dcl_console_note(&s->console, "%s on %s\n%s", s->request.params.model,
                         detcl_context_device(s->ctx)->name, detcl_detector_summary(s->detector));
    return DCL_EXIT_OK;
}

static enum dcl_exit make_folder(struct session *s)
{
    if (!s->request.out_folder || mkdir(s->request.out, 0777) == 0 || errno == EEXIST)
        return DCL_EXIT_OK;
    dcl_console_error(&s->console, "%s: %s", s->request.out, strerror(errno));
    return DCL_EXIT_RUNTIME;
}

static enum dcl_exit run(struct session *s)
{
    const struct dcl_detect_request *q = &s->request;
    s->report = q->json && strcmp(q->json, "-") == 0 ? stderr : stdout;
    s->frames = calloc((size_t)q->repeat, sizeof *s->frames);
    s->room = calloc((size_t)q->repeat, sizeof *s->room);
    s->images = q->json ? json_array() : NULL;
    if (!s->frames || !s->room || (q->json && !s->images)) {
        dcl_console_error(&s->console, "out of memory");
        return DCL_EXIT_RUNTIME;
    }
    enum dcl_exit code = make_folder(s);
    if (code == DCL_EXIT_OK)
        code = dcl_cli_open(&s->console, q->device, true, &s->ctx);
    if (code == DCL_EXIT_OK)
        code = open_detector(s);
    if (code != DCL_EXIT_OK)
        return code;
    code = process_all(s);
    if (q->json) {
        json_t *root = json_pack("{s:O}", "images", s->images);
        if (!(root && dcl_json_write(&s->console, root, q->json)) && code == DCL_EXIT_OK)
            code = DCL_EXIT_RUNTIME;
        json_decref(root);
    }
    fflush(stdout);
    detcl_context_save_programs(s->ctx,
                                fmax(LEAST_SAVE_SECONDS, (s->open_ms + s->slowest_ms) * 2e-3));
    return code;
}

enum dcl_exit dcl_cli_detect(int argc, char **argv)
{
    struct session s = {0};
    bool done = false;
    dcl_console_init(&s.console, "detect");
    enum dcl_exit code = dcl_detect_arguments(&s.console, argc, argv, &s.request, &done);
    if (code == DCL_EXIT_OK && !done)
        code = run(&s);
    json_decref(s.images);
    free(s.frames);
    free(s.room);
    detcl_detector_destroy(&s.detector);
    detcl_context_destroy(&s.ctx);
    return code;
}
