#include "detect.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "Usage: detcl detect [OPTION...] IMAGE...\n"
    "\n"
    "Find objects in PNG and JPEG pictures: a table on stdout, boxes in pixels of the picture.\n"
    "Without --model the bundled one looks for QR codes, barcodes, Data Matrix and ArUco markers.\n"
    "\n"
    "  -m, --model M        ONNX file\n"
    "  -d, --device D       cpu, opencl:0, opencl:PLATFORM or a part of a name (detcl devices)\n"
    "  -s, --score S        least score, 0..1\n"
    "      --iou T          suppress boxes that overlap a better one by more, 0..1\n"
    "      --class-agnostic boxes of different classes suppress each other too: one box a place\n"
    "      --max N          at most so many boxes an image, the best first\n"
    "  -j, --json FILE      JSON to a file, or to stdout instead of the table (-)\n"
    "  -o, --out FILE|DIR   picture with the boxes drawn, .png or .jpg; a folder for several\n"
    "      --labels FILE    class names, one a line\n"
    "      --repeat N       run each image N times; run is then the median\n"
    "      --profile        time of each node on the device\n"
    "      --validate       hold each node against its CPU twin on the first image\n"
    "      --trace          each transfer between host and device\n"
    "  -q, --quiet          errors and results only\n"
    "  -v, --verbose        how the model is fed and read, and why\n"
    "  -h, --help           this text\n"
    "\n"
    "How the model is fed and read, where neither sidecar nor model say it:\n"
    "      --sidecar FILE   JSON; without it M with .onnx replaced by .detcl.json\n"
    "      --size WxH       network input in pixels\n"
    "      --channels C     rgb or bgr\n"
    "      --resize R       letterbox, stretch, pad-square or crop\n"
    "      --anchor A       of a letterbox: top-left or center\n"
    "      --pad N          gray of the padding, 0..255\n"
    "      --mean A,B,C     input = (pixel - mean) / scale, pixels 0..255\n"
    "      --scale A,B,C\n"
    "      --head H         ssd, retinanet, yolov2, yolov3, yolov5, yolov8, yolox, yunet,\n"
    "                       distance, corner, classifier\n"
    "\n"
    "Exit codes: 0 ok, 1 runtime error or failed validation, 2 usage, 3 an image could not be\n"
    "read (the others are done), 4 model missing or rejected, 5 no such device.\n"
    "\n"
    "Examples:\n"
    "  detcl detect --out found.png photo.jpg\n"
    "  detcl detect --model yolox_nano.onnx --score 0.4 --json - *.jpg | jq "
    "'.images[].detections'\n";

enum {
    OPTION_IOU = 256,
    OPTION_MAX,
    OPTION_LABELS,
    OPTION_REPEAT,
    OPTION_PROFILE,
    OPTION_VALIDATE,
    OPTION_TRACE,
    OPTION_SIDECAR,
    OPTION_SIZE,
    OPTION_CHANNELS,
    OPTION_RESIZE,
    OPTION_ANCHOR,
    OPTION_PAD,
    OPTION_MEAN,
    OPTION_SCALE,
    OPTION_HEAD,
    OPTION_AGNOSTIC
};

static const struct option options[] = {{"model", required_argument, NULL, 'm'},
                                        {"device", required_argument, NULL, 'd'},
                                        {"score", required_argument, NULL, 's'},
                                        {"iou", required_argument, NULL, OPTION_IOU},
                                        {"class-agnostic", no_argument, NULL, OPTION_AGNOSTIC},
                                        {"max", required_argument, NULL, OPTION_MAX},
                                        {"json", required_argument, NULL, 'j'},
                                        {"out", required_argument, NULL, 'o'},
                                        {"labels", required_argument, NULL, OPTION_LABELS},
                                        {"repeat", required_argument, NULL, OPTION_REPEAT},
                                        {"profile", no_argument, NULL, OPTION_PROFILE},
                                        {"validate", no_argument, NULL, OPTION_VALIDATE},
                                        {"trace", no_argument, NULL, OPTION_TRACE},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {"verbose", no_argument, NULL, 'v'},
                                        {"help", no_argument, NULL, 'h'},
                                        {"sidecar", required_argument, NULL, OPTION_SIDECAR},
                                        {"size", required_argument, NULL, OPTION_SIZE},
                                        {"channels", required_argument, NULL, OPTION_CHANNELS},
                                        {"resize", required_argument, NULL, OPTION_RESIZE},
                                        {"anchor", required_argument, NULL, OPTION_ANCHOR},
                                        {"pad", required_argument, NULL, OPTION_PAD},
                                        {"mean", required_argument, NULL, OPTION_MEAN},
                                        {"scale", required_argument, NULL, OPTION_SCALE},
                                        {"head", required_argument, NULL, OPTION_HEAD},
                                        {NULL, 0, NULL, 0}};

/* Which words there are is the library's business. */
static bool take_word(const char **to)
{
    *to = optarg;
    return *optarg;
}

static bool take_size(struct detcl_detector_params *p)
{
    char text[16];
    const char *x = strchr(optarg, 'x');
    if (!x || (size_t)(x - optarg) >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)(x - optarg), optarg);
    return dcl_parse_int(text, 1, 65535, &p->width) && dcl_parse_int(x + 1, 1, 65535, &p->height);
}

static bool take_mean(struct dcl_detect_request *r)
{
    r->params.mean = r->mean;
    return dcl_parse_floats(optarg, 3, -1e6, 1e6, r->mean);
}

static bool take_scale(struct dcl_detect_request *r)
{
    r->params.scale = r->scale;
    return dcl_parse_floats(optarg, 3, 1e-6, 1e6, r->scale);
}

/* How the model is fed and read. False: the value is wrong. */
static bool take_feeding(struct dcl_detect_request *r, int o)
{
    struct detcl_detector_params *p = &r->params;
    switch (o) {
    case OPTION_SIDECAR:
        p->sidecar = optarg;
        return true;
    case OPTION_SIZE:
        return take_size(p);
    case OPTION_CHANNELS:
        return take_word(&p->channels);
    case OPTION_RESIZE:
        return take_word(&p->resize);
    case OPTION_ANCHOR:
        return take_word(&p->anchor);
    case OPTION_PAD:
        return dcl_parse_int(optarg, 0, 255, &p->pad);
    case OPTION_MEAN:
        return take_mean(r);
    case OPTION_SCALE:
        return take_scale(r);
    default:
        return take_word(&p->head);
    }
}

/* False: the value is wrong. */
static bool take_option(struct dcl_console *console, struct dcl_detect_request *r, int o)
{
    switch (o) {
    case 'm':
        r->params.model = optarg;
        return true;
    case 'd':
        r->device = optarg;
        return true;
    case 's':
        return dcl_parse_float(optarg, 0, 1, &r->params.score);
    case OPTION_IOU:
        return dcl_parse_float(optarg, 0, 1, &r->params.iou);
    case OPTION_AGNOSTIC:
        r->params.class_agnostic = 1;
        return true;
    case OPTION_MAX:
        return dcl_parse_int(optarg, 1, 1000000, &r->params.max_detections);
    case 'j':
        r->json = optarg;
        return true;
    case 'o':
        r->out = optarg;
        return *optarg;
    case OPTION_LABELS:
        r->params.labels = optarg;
        return true;
    case OPTION_REPEAT:
        return dcl_parse_int(optarg, 1, 1000000, &r->repeat);
    case OPTION_PROFILE:
        r->params.profile = 1;
        return r->profile = true;
    case OPTION_VALIDATE:
        return r->validate = true;
    case OPTION_TRACE:
        return console->trace = true;
    case 'q':
        return console->quiet = true;
    case 'v':
        return console->verbose = true;
    default:
        return take_feeding(r, o);
    }
}

/* No picture may replace an image or the picture of another one. */
static enum dcl_exit check_outputs(struct dcl_console *console, const struct dcl_detect_request *r)
{
    enum dcl_exit code = DCL_EXIT_OK;
    for (int i = 0; i < r->image_count && code == DCL_EXIT_OK; i++) {
        char *path = dcl_detect_out_path(r, r->images[i]);
        for (int k = 0; path && k < r->image_count && code == DCL_EXIT_OK; k++) {
            char *other = k < i ? dcl_detect_out_path(r, r->images[k]) : NULL;
            if (dcl_same_file(path, r->images[k]))
                code = dcl_console_usage(console, "--out would replace the image %s", r->images[k]);
            else if (other && strcmp(other, path) == 0)
                code = dcl_console_usage(console, "%s and %s would both be written to %s",
                                         r->images[k], r->images[i], path);
            free(other);
        }
        free(path);
    }
    return code;
}

static enum dcl_exit settle_outputs(struct dcl_console *console, struct dcl_detect_request *r)
{
    struct stat info;
    if (!r->out)
        return DCL_EXIT_OK;
    r->out_folder = r->image_count > 1 || r->out[strlen(r->out) - 1] == '/' ||
                    (stat(r->out, &info) == 0 && S_ISDIR(info.st_mode));
    if (!r->out_folder && !dcl_image_can_save(r->out))
        return dcl_console_usage(console, "--out %s: the name must end in .png, .jpg or .jpeg",
                                 r->out);
    return check_outputs(console, r);
}

enum dcl_exit dcl_detect_arguments(struct dcl_console *console, int argc, char **argv,
                                   struct dcl_detect_request *r, bool *done)
{
    *r = (struct dcl_detect_request){.repeat = 1};
    detcl_detector_params_init(&r->params);
    for (int o, at; (o = getopt_long(argc, argv, "m:d:s:j:o:qvh", options, &at)) != -1;) {
        if (o == '?')
            return dcl_console_hint(console);
        if (o == 'h') {
            fputs(usage, stdout);
            *done = true;
            return DCL_EXIT_OK;
        }
        if (!take_option(console, r, o))
            return dcl_console_usage(console, "'%s' is no value for %s", optarg,
                                     argv[optind - 1] == optarg ? argv[optind - 2]
                                                                : argv[optind - 1]);
    }
    r->images = argv + optind;
    r->image_count = argc - optind;
    if (r->image_count == 0)
        return dcl_console_usage(console, "which image?");
    const enum dcl_exit code = settle_outputs(console, r);
    if (code != DCL_EXIT_OK || r->params.model)
        return code;
    if (!dcl_bundled_file("markers.onnx", r->model, sizeof r->model)) {
        dcl_console_error(console, "the bundled model is not there: give --model, or its folder in "
                                   "DETCL_MODELS");
        return DCL_EXIT_MODEL;
    }
    r->params.model = r->model;
    return DCL_EXIT_OK;
}
