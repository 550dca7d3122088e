/* detcl propose: boxes of whatever may be an object, by selective search. */
#include "cli.h"
#include "core/clock.h"
#include "detcl/selective_search.h"
#include "image/image.h"
#include "json_file.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: detcl propose [OPTION...] IMAGE\n"
    "\n"
    "Boxes of whatever may be an object in a PNG or JPEG picture, by selective search: a line a\n"
    "box on stdout, x1 y1 x2 y2 in pixels, the likeliest first. Needs no model and no device.\n"
    "\n"
    "      --mode MODE      fast (about 2000 boxes), quality (about 10000) or single (about 400)\n"
    "      --max N          the first N boxes\n"
    "      --min-side N     leave out boxes with a side of less than N pixels\n"
    "      --seed N         of the random part of the order\n"
    "  -j, --json FILE      JSON to a file, or to stdout instead of the lines (-)\n"
    "  -o, --out FILE       picture with the boxes drawn, .png or .jpg\n"
    "  -h, --help           this text\n"
    "\n"
    "Example: detcl propose --max 50 --out proposals.png photo.jpg\n";

enum { OPTION_MODE = 256, OPTION_MAX, OPTION_MIN_SIDE, OPTION_SEED };

static const struct option options[] = {{"mode", required_argument, NULL, OPTION_MODE},
                                        {"max", required_argument, NULL, OPTION_MAX},
                                        {"min-side", required_argument, NULL, OPTION_MIN_SIDE},
                                        {"seed", required_argument, NULL, OPTION_SEED},
                                        {"json", required_argument, NULL, 'j'},
                                        {"out", required_argument, NULL, 'o'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

struct request {
    struct detcl_selective_search_params params;
    const char *file, *json, *out; /* json and out NULL: none */
};

static bool take_mode(enum detcl_search_mode *mode)
{
    static const struct {
        const char *name;
        enum detcl_search_mode mode;
    } names[] = {{"fast", DETCL_SEARCH_FAST},
                 {"quality", DETCL_SEARCH_QUALITY},
                 {"single", DETCL_SEARCH_SINGLE}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(optarg, names[i].name) == 0) {
            *mode = names[i].mode;
            return true;
        }
    return false;
}

/* False: the value is wrong. */
static bool take_option(struct request *r, int o)
{
    int seed;
    switch (o) {
    case OPTION_MODE:
        return take_mode(&r->params.mode);
    case OPTION_MAX:
        return dcl_parse_int(optarg, 1, 1 << 30, &r->params.max_boxes);
    case OPTION_MIN_SIDE:
        return dcl_parse_int(optarg, 0, 65535, &r->params.min_side);
    case OPTION_SEED:
        if (!dcl_parse_int(optarg, 0, 0x7fffffff, &seed))
            return false;
        r->params.seed = (uint64_t)seed;
        return true;
    case 'j':
        r->json = optarg;
        return true;
    default:
        r->out = optarg;
        return *optarg;
    }
}

static void print_lines(const struct detcl_box_list *list)
{
    for (int i = 0; i < list->count; i++) {
        const float *b = list->boxes + 4 * (size_t)i;
        printf("%5.0f %5.0f %5.0f %5.0f\n", (double)b[0], (double)b[1], (double)b[2], (double)b[3]);
    }
}

static bool write_json(struct dcl_console *console, const struct request *r,
                       const struct dcl_image *image, const struct detcl_box_list *list, double ms)
{
    json_t *boxes = json_array();
    for (int i = 0; i < list->count; i++) {
        const float *b = list->boxes + 4 * (size_t)i;
        json_array_append_new(
            boxes, json_pack("[i, i, i, i]", (int)b[0], (int)b[1], (int)b[2], (int)b[3]));
    }
    json_t *root =
        json_pack("{s:o, s:i, s:i, s:o, s:o}", "file", dcl_json_text(r->file), "width",
                  image->width, "height", image->height, "boxes", boxes, "ms", dcl_json_number(ms));
    if (!root)
        dcl_console_error(console, "out of memory");
    const bool good = root && dcl_json_write(console, root, r->json);
    json_decref(root);
    return good;
}

/* Each box is labelled with its place in the order. */
static bool save_picture(struct dcl_console *console, const struct request *r,
                         struct dcl_image *image, const struct detcl_box_list *list)
{
    const size_t n = (size_t)list->count;
    struct dcl_image_box *boxes = calloc(n + 1, sizeof *boxes);
    char(*places)[12] = calloc(n + 1, sizeof *places);
    char why[1024] = "out of memory";
    for (size_t i = 0; boxes && places && i < n; i++) {
        const float *b = list->boxes + 4 * i;
        snprintf(places[i], sizeof places[i], "%d", (int)i + 1);
        boxes[i] = (struct dcl_image_box){b[0], b[1], b[2], b[3], NAN, (int)(i % 80), places[i]};
    }
    const bool good = boxes && places &&
                      dcl_image_draw_boxes(image, boxes, n, why, sizeof why) == DETCL_OK &&
                      dcl_image_save(r->out, image, why, sizeof why) == DETCL_OK;
    free(boxes);
    free(places);
    if (!good)
        dcl_console_error(console, "%s", why);
    return good;
}

static enum dcl_exit give_out(struct dcl_console *console, const struct request *r,
                              struct dcl_image *image, const struct detcl_box_list *list, double ms)
{
    bool good = true;
    if (!r->json || strcmp(r->json, "-") != 0)
        print_lines(list);
    if (r->json)
        good = write_json(console, r, image, list, ms);
    if (r->out)
        good = save_picture(console, r, image, list) && good;
    return good ? DCL_EXIT_OK : DCL_EXIT_RUNTIME;
}

static enum dcl_exit run(struct dcl_console *console, const struct request *r)
{
    struct dcl_image image = {0};
    struct detcl_box_list *list = NULL;
    struct detcl_error error;
    char why[1024];
    enum detcl_status status = dcl_image_load(r->file, &image, why, sizeof why);
    if (status != DETCL_OK) {
        dcl_console_error(console, "%s", why);
        return dcl_exit_of(status);
    }
    const struct detcl_image view = {
        .pixels = image.rgb, .width = image.width, .height = image.height};
    const double from = dcl_clock_ms();
    status = detcl_selective_search(&view, &r->params, &list, &error);
    const double ms = dcl_clock_ms() - from;
    enum dcl_exit code = DCL_EXIT_OK;
    if (status == DETCL_OK) {
        code = give_out(console, r, &image, list, ms);
    } else {
        dcl_console_error(console, "%s: %s", r->file, error.text);
        code = dcl_exit_of(status);
    }
    detcl_box_list_destroy(&list);
    dcl_image_free(&image);
    return code;
}

enum dcl_exit dcl_cli_propose(int argc, char **argv)
{
    struct dcl_console console;
    struct request r = {.params = {.mode = DETCL_SEARCH_FAST}};
    dcl_console_init(&console, "propose");
    for (int o; (o = getopt_long(argc, argv, "j:o:h", options, NULL)) != -1;) {
        if (o == '?')
            return dcl_console_hint(&console);
        if (o == 'h') {
            fputs(usage, stdout);
            return DCL_EXIT_OK;
        }
        if (!take_option(&r, o))
            return dcl_console_usage(&console, "'%s' is no value for %s", optarg,
                                     argv[optind - 1] == optarg ? argv[optind - 2]
                                                                : argv[optind - 1]);
    }
    if (argc - optind != 1)
        return dcl_console_usage(&console, argc == optind ? "which image?" : "one image at a time");
    r.file = argv[optind];
    if (r.out && !dcl_image_can_save(r.out))
        return dcl_console_usage(&console, "--out %s: the name must end in .png, .jpg or .jpeg",
                                 r.out);
    if (r.out && dcl_same_file(r.out, r.file))
        return dcl_console_usage(&console, "--out would replace the image %s", r.file);
    return run(&console, &r);
}
