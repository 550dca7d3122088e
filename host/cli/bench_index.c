/* detcl bench index: the table of results in bench/README.md. */
#include "bench_documents.h"
#include "report/report.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "Usage: detcl bench index FILE.json...\n"
                            "\n"
                            "A Markdown table of documents of `detcl bench --json`, a row a "
                            "device: limits measured, share of\n"
                            "them that the operations reach, link to the document.\n"
                            "\n"
                            "  --help   this text\n"
                            "\n"
                            "Example: cd bench && detcl bench index results/*/*.json\n";

/* The same table whatever order the shell lists files in. */
static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum dcl_exit dcl_cli_bench_index(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct dcl_console console;
    struct dcl_documents documents;
    dcl_console_init(&console, "bench index");
    for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (o != 'h')
            return dcl_console_hint(&console);
        fputs(usage, stdout);
        return DCL_EXIT_OK;
    }
    if (optind == argc)
        return dcl_console_usage(&console, "no documents");
    qsort(argv + optind, (size_t)(argc - optind), sizeof *argv, by_name);
    const enum dcl_exit code =
        dcl_documents_load(&console, argv + optind, argc - optind, &documents);
    if (code == DCL_EXIT_OK)
        dcl_report_index(stdout, documents.list, (const char *const *)argv + optind, documents.n);
    dcl_documents_free(&documents);
    return code;
}
