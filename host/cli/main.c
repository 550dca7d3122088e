/* detcl: object detection at the shell. One file a subcommand. */
#include "cli.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name, *what;
    enum dcl_exit (*run)(int argc, char **argv);
} commands[] = {
    {"detect", "find objects in pictures", dcl_cli_detect},
    {"propose", "boxes of whatever may be an object, without a model", dcl_cli_propose},
    {"devices", "list the devices and their limits", dcl_cli_devices},
    {"ops", "list the operations: source, tolerance, limits", dcl_cli_ops},
    {"bench", "measure this machine: limits, operations, whole detectors; compare", dcl_cli_bench},
    {"tune", "find the fastest way to compute each convolution on a device", dcl_cli_tune},
    {"check", "hold every kernel against its CPU twin on this machine", dcl_cli_check},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static const char examples[] =
    "\n"
    "Examples:\n"
    "  detcl detect photo.jpg                      boxes of the bundled model as a table\n"
    "  detcl detect --out found.png photo.jpg      and a picture with the boxes drawn\n"
    "  detcl detect --model yolox_nano.onnx --json - *.jpg\n"
    "  detcl propose --max 50 --out found.png photo.jpg\n"
    "  detcl devices\n"
    "  detcl bench --quick --html report.html\n"
    "  detcl check --device opencl:0 --op 'conv*'\n"
    "\n"
    "Exit codes: 0 ok, 1 runtime error or failed check, 2 usage, 3 unreadable input,\n"
    "4 model missing or rejected, 5 no such device, 130 interrupted.\n"
    "Environment: DETCL_DEVICE (as --device), DETCL_MODELS (folder of the bundled model),\n"
    "DETCL_CACHE_DIR and DETCL_NO_CACHE (compiled programs), DETCL_TUNING_DIR and\n"
    "DETCL_NO_TUNING (what detcl tune found), NO_COLOR.\n";

static void help(FILE *out)
{
    fputs("Usage: detcl COMMAND [OPTION...] [ARGUMENT...]\n"
          "       detcl COMMAND --help\n"
          "       detcl --version\n\n"
          "Object detection on any OpenCL device.\n\nCommands:\n",
          out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].what);
    fputs(examples, out);
}

static enum dcl_exit dispatch(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return DCL_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        help(stdout);
        return DCL_EXIT_OK;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("detcl " DETCL_VERSION);
        return DCL_EXIT_OK;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0) {
            char full[32]; /* what getopt's messages begin with */
            snprintf(full, sizeof full, "detcl %s", name);
            argv[1] = full;
            return commands[i].run(argc - 1, argv + 1);
        }
    fprintf(stderr, "detcl: no command '%s'; `detcl --help` lists them.\n", name);
    return DCL_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const enum dcl_exit code = dispatch(argc, argv);
    /* Results that did not reach a full disk or a closed pipe are not results. */
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == DCL_EXIT_OK) {
        fprintf(stderr, "detcl: standard output: %s\n", strerror(errno));
        return DCL_EXIT_RUNTIME;
    }
    return (int)code;
}
