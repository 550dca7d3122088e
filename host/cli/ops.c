/* detcl ops: what there is, whose definition each operation follows, and how exact it is. */
#include "detcl/ops.h"
#include "json_file.h"

#include <getopt.h>
#include <string.h>

static const char usage[] =
    "Usage: detcl ops [--json|--md]\n"
    "\n"
    "List the operations: the source of the definition, the tolerance that the device keeps to "
    "its\n"
    "CPU twin (the largest |device - twin| / (1 + |twin|); 0 means identical bits), and limits.\n"
    "\n"
    "  --json   an array of objects instead\n"
    "  --md     a Markdown table instead\n"
    "  --help   this text\n"
    "\n"
    "Example: detcl ops --json | jq -r '.[] | select(.tolerance == 0) | .name'\n";

/* "ONNX Add, Sub; paper" */
static void source_of(int index, const struct detcl_op_info *op, char *text, size_t size)
{
    text[0] = 0;
    for (int k = 0; k < op->onnx_count; k++) {
        const size_t at = strlen(text);
        snprintf(text + at, size - at, "%s%s", k ? ", " : "ONNX ", detcl_op_onnx(index, k));
    }
    const size_t at = strlen(text);
    snprintf(text + at, size - at, "%s%s", at && *op->source ? "; " : "", op->source);
}

static json_t *op_json(int index, const struct detcl_op_info *op)
{
    json_t *onnx = json_array();
    for (int k = 0; k < op->onnx_count; k++)
        json_array_append_new(onnx, dcl_json_text(detcl_op_onnx(index, k)));
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", dcl_json_text(op->name), "onnx", onnx,
                     "source", dcl_json_text(op->source), "tolerance",
                     dcl_json_number((double)op->tolerance), "limits", dcl_json_text(op->limits));
}

static bool print_json(struct dcl_console *console)
{
    json_t *root = json_array();
    struct detcl_op_info op;
    for (int i = 0; detcl_op_describe(i, &op) == DETCL_OK; i++)
        json_array_append_new(root, op_json(i, &op));
    const bool good = dcl_json_write(console, root, "-");
    json_decref(root);
    return good;
}

static void print_table(bool markdown)
{
    struct detcl_op_info op;
    if (markdown)
        puts("| operation | source | tolerance | limits |\n|---|---|---|---|");
    for (int i = 0; detcl_op_describe(i, &op) == DETCL_OK; i++) {
        char source[1024];
        source_of(i, &op, source, sizeof source);
        if (markdown)
            printf("| `%s` | %s | %g | %s |\n", op.name, source, (double)op.tolerance, op.limits);
        else
            printf("%-24s %-8g %s%s%s\n", op.name, (double)op.tolerance, source,
                   *op.limits ? "\n                                  limits: " : "", op.limits);
    }
}

enum dcl_exit dcl_cli_ops(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"md", no_argument, NULL, 'm'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct dcl_console console;
    dcl_console_init(&console, "ops");
    bool json = false, markdown = false;
    for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (o) {
        case 'j':
            json = true;
            break;
        case 'm':
            markdown = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return DCL_EXIT_OK;
        default:
            return dcl_console_hint(&console);
        }
    }
    if (optind < argc)
        return dcl_console_usage(&console, "'%s' is one argument too many", argv[optind]);
    if (json && markdown)
        return dcl_console_usage(&console, "--json or --md, not both");
    if (json)
        return print_json(&console) ? DCL_EXIT_OK : DCL_EXIT_RUNTIME;
    print_table(markdown);
    return DCL_EXIT_OK;
}
