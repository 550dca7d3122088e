/* The documents that the subcommands of `detcl bench` read. */
#ifndef DCL_CLI_BENCH_DOCUMENTS_H
#define DCL_CLI_BENCH_DOCUMENTS_H

#include "cli.h"

#include <jansson.h>

struct dcl_documents {
    json_t **list;
    int n;
};

/* Load all; the errors of all that cannot be read are printed. */
enum dcl_exit dcl_documents_load(struct dcl_console *console, char *const *paths, int n,
                                 struct dcl_documents *out);
/* Reports of them, each NULL where it is not wanted; "-" is stdout. */
struct dcl_document_files {
    const char *html, *markdown, *csv;
};

/* False: an error has been printed; the other files are written all the same. */
bool dcl_documents_write(struct dcl_console *console, const struct dcl_document_files *files,
                         const struct dcl_documents *documents);
void dcl_documents_free(struct dcl_documents *documents);

#endif
