#include "bench_documents.h"
#include "report/report.h"
#include "whole_file.h"

#include <stdlib.h>

enum dcl_exit dcl_documents_load(struct dcl_console *console, char *const *paths, int n,
                                 struct dcl_documents *out)
{
    enum dcl_exit code = DCL_EXIT_OK;
    *out = (struct dcl_documents){.list = calloc((size_t)n + 1, sizeof *out->list)};
    if (!out->list) {
        dcl_console_error(console, "out of memory");
        return DCL_EXIT_RUNTIME;
    }
    for (int i = 0; i < n; i++) {
        char why[1024];
        json_t *document = dcl_report_load(paths[i], why, sizeof why);
        if (document) {
            out->list[out->n++] = document;
            continue;
        }
        dcl_console_error(console, "%s", why);
        code = DCL_EXIT_INPUT;
    }
    return code;
}

void dcl_documents_free(struct dcl_documents *documents)
{
    for (int i = 0; i < documents->n; i++)
        json_decref(documents->list[i]);
    free(documents->list);
    *documents = (struct dcl_documents){0};
}

static bool fill_html(FILE *out, const void *user)
{
    const struct dcl_documents *d = user;
    dcl_report_html(out, d->list, d->n);
    return true;
}

static bool fill_markdown(FILE *out, const void *user)
{
    const struct dcl_documents *d = user;
    dcl_report_markdown(out, d->list, d->n);
    return true;
}

static bool fill_csv(FILE *out, const void *user)
{
    const struct dcl_documents *d = user;
    dcl_report_csv(out, d->list, d->n);
    return true;
}

bool dcl_documents_write(struct dcl_console *console, const struct dcl_document_files *files,
                         const struct dcl_documents *documents)
{
    bool good = true;
    if (files->html)
        good = dcl_file_write(console, files->html, fill_html, documents);
    if (files->markdown)
        good = dcl_file_write(console, files->markdown, fill_markdown, documents) && good;
    if (files->csv)
        good = dcl_file_write(console, files->csv, fill_csv, documents) && good;
    return good;
}
