#include "bench.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "Usage: detcl bench [ops|models|limits|all] [OPTION...]\n"
    "       detcl bench compare A.json B.json... [OPTION...]\n"
    "       detcl bench index FOLDER\n"
    "\n"
    "Measure a device: its limits, operations next to those limits, whole detectors. Nothing is\n"
    "timed that did not first agree with its CPU twin on this very device.\n"
    "\n"
    "  -d, --device D     as detcl devices lists them; again for more, 'all' for each\n"
    "      --op GLOB      only cases whose name, operation or group matches, as 'nms*'\n"
    "  -m, --model M      ONNX file, or a folder of them; again for more (else the bundled one)\n"
    "      --sidecars DIR where sidecars (MODEL.detcl.json) are that are not beside their model\n"
    "      --image F      what detectors look at (else the bundled picture)\n"
    "      --batch N,...  images of the operations' inputs (1)\n"
    "      --quick        a shorter suite and fewer samples, for a first look\n"
    "      --json F       the document (bench/README.md describes it)\n"
    "      --csv F        a line a measurement\n"
    "      --md F         tables in Markdown\n"
    "      --html F       a page to look at\n"
    "  -q, --quiet        no progress\n"
    "  -h, --help         this text\n"
    "\n"
    "F may be - for stdout. Ctrl-C ends early: what was measured so far is written, and the exit\n"
    "code is 130. It is 1 when something did not agree or could not run.\n"
    "\n"
    "Examples:\n"
    "  detcl bench --html report.html\n"
    "  detcl bench ops --op 'nms*' --device opencl:0\n"
    "  detcl bench models --model yolox_nano.onnx --image cat.png --json yolox.json\n"
    "  detcl bench all --device all --json machine.json --html machine.html\n";

enum { CSV = 256, MARKDOWN, HTML, JSON, OP, QUICK, BATCH, IMAGE, SIDECARS };

static const struct option options[] = {
    {"device", required_argument, NULL, 'd'},  {"model", required_argument, NULL, 'm'},
    {"op", required_argument, NULL, OP},       {"sidecars", required_argument, NULL, SIDECARS},
    {"image", required_argument, NULL, IMAGE}, {"batch", required_argument, NULL, BATCH},
    {"quick", no_argument, NULL, QUICK},       {"json", required_argument, NULL, JSON},
    {"csv", required_argument, NULL, CSV},     {"md", required_argument, NULL, MARKDOWN},
    {"html", required_argument, NULL, HTML},   {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};

static enum dcl_exit full(struct dcl_console *console, const char *what, int most)
{
    return dcl_console_usage(console, "more than %d %s", most, what);
}

static enum dcl_exit add(struct dcl_console *console, char **list, int *n, int most,
                         const char *what, const char *text)
{
    if (*n == most)
        return full(console, what, most);
    list[*n] = strdup(text);
    if (!list[*n]) {
        dcl_console_error(console, "out of memory");
        return DCL_EXIT_RUNTIME;
    }
    (*n)++;
    return DCL_EXIT_OK;
}

/* --- devices -----------------------------------------------------------------------------------
 */

static enum dcl_exit add_all_devices(struct dcl_console *console, struct dcl_bench_request *r)
{
    struct detcl_device_info list[DCL_BENCH_DEVICES];
    int n = 0;
    detcl_devices(list, DCL_BENCH_DEVICES, &n);
    enum dcl_exit code = DCL_EXIT_OK;
    for (int i = 0; i < n && i < DCL_BENCH_DEVICES && code == DCL_EXIT_OK; i++)
        code = add(console, r->devices, &r->n_devices, DCL_BENCH_DEVICES, "devices", list[i].id);
    return code;
}

static enum dcl_exit add_device(struct dcl_console *console, struct dcl_bench_request *r,
                                const char *device)
{
    if (strcmp(device, "all") == 0)
        return add_all_devices(console, r);
    return add(console, r->devices, &r->n_devices, DCL_BENCH_DEVICES, "devices", device);
}

/* --- models ------------------------------------------------------------------------------------
 */

static int is_model(const struct dirent *entry)
{
    const size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".onnx") == 0;
}

static enum dcl_exit add_folder(struct dcl_console *console, struct dcl_bench_request *r,
                                const char *folder)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, is_model, alphasort);
    enum dcl_exit code = DCL_EXIT_OK;
    if (n <= 0) {
        dcl_console_error(console, "%s: %s", folder, n < 0 ? strerror(errno) : "no ONNX files");
        code = DCL_EXIT_MODEL;
    }
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (code == DCL_EXIT_OK)
            code = add(console, r->models, &r->n_models, DCL_BENCH_MODELS, "models", path);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return code;
}

static enum dcl_exit add_model(struct dcl_console *console, struct dcl_bench_request *r,
                               const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        dcl_console_error(console, "%s: %s", path, strerror(errno));
        return DCL_EXIT_MODEL;
    }
    if (S_ISDIR(info.st_mode))
        return add_folder(console, r, path);
    return add(console, r->models, &r->n_models, DCL_BENCH_MODELS, "models", path);
}

/* --- the rest ----------------------------------------------------------------------------------
 */

static enum dcl_exit take_batches(struct dcl_console *console, struct dcl_bench_request *r,
                                  const char *text)
{
    char copy[128];
    snprintf(copy, sizeof copy, "%s", text);
    r->n_batches = 0;
    char *rest = copy;
    for (char *one; (one = strtok_r(rest, ",", &rest)) != NULL;) {
        if (r->n_batches == DCL_BENCH_BATCHES)
            return full(console, "batch sizes", DCL_BENCH_BATCHES);
        if (!dcl_parse_int(one, 1, 1024, &r->batches[r->n_batches++]))
            return dcl_console_usage(console, "--batch '%s': sizes are 1 to 1024", text);
    }
    return r->n_batches ? DCL_EXIT_OK : dcl_console_usage(console, "--batch: no size");
}

static enum dcl_exit take_option(struct dcl_console *console, struct dcl_bench_request *r, int o)
{
    switch (o) {
    case 'd':
        return add_device(console, r, optarg);
    case 'm':
        return add_model(console, r, optarg);
    case BATCH:
        return take_batches(console, r, optarg);
    case OP:
        r->glob = optarg;
        break;
    case SIDECARS:
        r->sidecars = optarg;
        break;
    case IMAGE:
        r->image = optarg;
        break;
    case QUICK:
        r->quick = true;
        break;
    case JSON:
        r->json = optarg;
        break;
    case CSV:
        r->files.csv = optarg;
        break;
    case MARKDOWN:
        r->files.markdown = optarg;
        break;
    case HTML:
        r->files.html = optarg;
        break;
    case 'q':
        console->quiet = true;
        break;
    default:
        return dcl_console_hint(console);
    }
    return DCL_EXIT_OK;
}

static enum dcl_exit take_parts(struct dcl_console *console, struct dcl_bench_request *r, int argc,
                                char **argv)
{
    const char *part = optind < argc ? argv[optind] : "all";
    if (optind + 1 < argc)
        return dcl_console_usage(console, "'%s' is one argument too many", argv[optind + 1]);
    const bool all = strcmp(part, "all") == 0;
    r->operations = all || strcmp(part, "ops") == 0;
    r->networks = all || strcmp(part, "models") == 0;
    if (!r->operations && !r->networks && strcmp(part, "limits") != 0)
        return dcl_console_usage(console, "no part '%s': ops, models, limits or all", part);
    return DCL_EXIT_OK;
}

static enum dcl_exit set_defaults(struct dcl_console *console, struct dcl_bench_request *r)
{
    char model[4096];
    enum dcl_exit code = DCL_EXIT_OK;
    const char *device = getenv("DETCL_DEVICE");
    if (r->n_devices == 0)
        code = add_device(console, r, device && *device ? device : "");
    if (r->n_batches == 0)
        r->batches[r->n_batches++] = 1;
    if (!r->networks || code != DCL_EXIT_OK)
        return code;
    if (!r->image && dcl_bundled_file("demo.jpg", r->bundled_image, sizeof r->bundled_image))
        r->image = r->bundled_image;
    if (!r->image) {
        dcl_console_error(console, "the bundled picture is not there: give --image");
        return DCL_EXIT_INPUT;
    }
    if (r->n_models > 0)
        return DCL_EXIT_OK;
    if (dcl_bundled_file("markers.onnx", model, sizeof model))
        return add_model(console, r, model);
    dcl_console_error(console, "the bundled model is not there: give --model");
    return DCL_EXIT_MODEL;
}

static void note_command(struct dcl_bench_request *r, int argc, char **argv)
{
    size_t at = (size_t)snprintf(r->command, sizeof r->command, "detcl bench");
    for (int i = 1; i < argc && at < sizeof r->command; i++)
        at += (size_t)snprintf(r->command + at, sizeof r->command - at, " %s", argv[i]);
}

enum dcl_exit dcl_bench_arguments(struct dcl_console *console, int argc, char **argv,
                                  struct dcl_bench_request *r, bool *done)
{
    enum dcl_exit code = DCL_EXIT_OK;
    memset(r, 0, sizeof *r);
    note_command(r, argc, argv);
    for (int o;
         code == DCL_EXIT_OK && (o = getopt_long(argc, argv, "d:m:qh", options, NULL)) != -1;)
        if (o == 'h') {
            fputs(usage, stdout);
            *done = true;
            return DCL_EXIT_OK;
        } else {
            code = take_option(console, r, o);
        }
    if (code == DCL_EXIT_OK)
        code = take_parts(console, r, argc, argv);
    return code == DCL_EXIT_OK ? set_defaults(console, r) : code;
}

void dcl_bench_request_free(struct dcl_bench_request *r)
{
    for (int i = 0; i < r->n_devices; i++)
        free(r->devices[i]);
    for (int i = 0; i < r->n_models; i++)
        free(r->models[i]);
}
