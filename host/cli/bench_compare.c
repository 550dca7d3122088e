/* detcl bench compare: documents side by side, and whether something got slower. */
#include "bench_documents.h"
#include "report/compare.h"
#include "report/report.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: detcl bench compare [OPTION...] A.json [B.json ...]\n"
    "\n"
    "Hold what `detcl bench --json` measured against the first document: times, their ratio "
    "(below\n"
    "1x is faster), the geometric mean of each group. Ratios within the spread of both (at least\n"
    "2 %) are called the same. Runs of one device are paired, others stand beside the first.\n"
    "\n"
    "  --html F         write the report of all documents, one page; - is stdout, without the "
    "table\n"
    "  --md F           the same in Markdown\n"
    "  --csv F          the same numbers, a row each\n"
    "  --fail-over P%   exit 1 if a case got slower by more than P percent beyond its noise, or\n"
    "                   fails now\n"
    "  --op GLOB        only operations and networks whose name matches\n"
    "  --help           this text\n"
    "\n"
    "Example: detcl bench compare --fail-over 10% before.json after.json\n";

struct request {
    struct dcl_document_files files;
    const char *glob;
    double over; /* NaN: nothing fails */
    bool help;
};

/* "10%" or "10" */
static bool parse_percent(const char *text, double *out)
{
    char *end;
    const double v = strtod(text, &end);
    *out = v / 100;
    return end != text && (!*end || strcmp(end, "%") == 0) && v >= 0 && v <= 1e6;
}

static enum dcl_exit parse(struct dcl_console *console, int argc, char **argv, struct request *r)
{
    static const struct option options[] = {{"html", required_argument, NULL, 'w'},
                                            {"md", required_argument, NULL, 'm'},
                                            {"csv", required_argument, NULL, 'c'},
                                            {"op", required_argument, NULL, 'o'},
                                            {"fail-over", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (o) {
        case 'w':
            r->files.html = optarg;
            break;
        case 'm':
            r->files.markdown = optarg;
            break;
        case 'c':
            r->files.csv = optarg;
            break;
        case 'o':
            r->glob = optarg;
            break;
        case 'f':
            if (!parse_percent(optarg, &r->over))
                return dcl_console_usage(console, "--fail-over %s: not a percentage", optarg);
            break;
        case 'h':
            r->help = true;
            return DCL_EXIT_OK;
        default:
            return dcl_console_hint(console);
        }
    }
    if (optind == argc)
        return dcl_console_usage(console, "no documents");
    const char *const outputs[] = {r->files.html, r->files.markdown, r->files.csv};
    for (int k = 0; k < 3; k++)
        for (int i = optind; outputs[k] && i < argc; i++)
            if (dcl_same_file(outputs[k], argv[i]))
                return dcl_console_usage(console, "%s is one of the documents", outputs[k]);
    return DCL_EXIT_OK;
}

static bool to_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static enum dcl_exit compare(struct dcl_console *console, const struct request *r,
                             const struct dcl_documents *d)
{
    char why[512];
    struct dcl_comparison *c = dcl_comparison_create(d->list, d->n, why, sizeof why);
    if (!c) {
        dcl_console_error(console, "%s", why);
        return DCL_EXIT_INPUT;
    }
    enum dcl_exit code = DCL_EXIT_OK;
    if (!c->n)
        dcl_console_note(console, "no operations and no networks to compare");
    for (int i = 0; i < c->note_count; i++)
        dcl_console_note(console, "%s", c->notes[i]);
    if (!to_stdout(r->files.html) && !to_stdout(r->files.markdown) && !to_stdout(r->files.csv))
        dcl_comparison_print(stdout, c, dcl_stream_colour(stdout));
    if (!isnan(r->over)) {
        fflush(stdout);
        const int slower = dcl_comparison_slower(stderr, c, r->over);
        if (slower) {
            dcl_console_error(console, "%d slower by more than %g %% beyond noise, or failing now",
                              slower, r->over * 100);
            code = DCL_EXIT_RUNTIME;
        }
    }
    dcl_comparison_destroy(&c);
    return code;
}

enum dcl_exit dcl_cli_bench_compare(int argc, char **argv)
{
    struct dcl_console console;
    struct request r = {.over = NAN};
    struct dcl_documents documents;
    dcl_console_init(&console, "bench compare");
    enum dcl_exit code = parse(&console, argc, argv, &r);
    if (code != DCL_EXIT_OK)
        return code;
    if (r.help) {
        fputs(usage, stdout);
        return DCL_EXIT_OK;
    }
    code = dcl_documents_load(&console, argv + optind, argc - optind, &documents);
    if (code == DCL_EXIT_OK) {
        for (int i = 0; r.glob && i < documents.n; i++)
            dcl_report_filter(documents.list[i], r.glob);
        code = compare(&console, &r, &documents);
        if ((code == DCL_EXIT_OK || code == DCL_EXIT_RUNTIME) &&
            !dcl_documents_write(&console, &r.files, &documents))
            code = DCL_EXIT_RUNTIME;
    }
    dcl_documents_free(&documents);
    return code;
}
