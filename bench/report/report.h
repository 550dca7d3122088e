/* Documents of the form detcl-bench/1 (bench/README.md), read and shown. */
#ifndef DCL_BENCH_REPORT_H
#define DCL_BENCH_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Read a document and hold it against the schema; the caller owns it. Control characters in its
 * texts become spaces, so that they can be printed; "label" is set to what tells the file from
 * others. NULL: `why` names the file and the JSON path at fault. */
json_t *dcl_report_load(const char *path, char *why, size_t size);

/* The same check of a document that did not come from a file; `why` names the path only. */
bool dcl_report_check(json_t *document, char *why, size_t size);

/* Leave only the operations whose name or operation matches the pattern of fnmatch, and the
 * networks and peers of matching cases. */
void dcl_report_filter(json_t *document, const char *glob);

/* One row an operation, scenario of a network, limit and peer; columns as in the first line. */
void dcl_report_csv(FILE *out, json_t *const *documents, int n);

/* The report: one table or plot after the other, several devices side by side. */
void dcl_report_markdown(FILE *out, json_t *const *documents, int n);
void dcl_report_html(FILE *out, json_t *const *documents, int n);

/* A Markdown row a run: device, when, limits, share reached, and `links[i]` to document i. Runs
 * with peers alone are left out. */
void dcl_report_index(FILE *out, json_t *const *documents, const char *const *links, int n);

#endif
