/* Pieces of Markdown. */
#ifndef DCL_BENCH_MARKDOWN_H
#define DCL_BENCH_MARKDOWN_H

#include "report/runs.h"

#include <stdio.h>

/* What Markdown would read as more than text is escaped. */
void dcl_md_put(FILE *out, const char *text);
/* " text |" */
void dcl_md_cell(FILE *out, const char *text);
/* Under the head of a table: the first column to the left, the others to the right. */
void dcl_md_rule(FILE *out, int columns);

/* All tables of one run. */
void dcl_md_run(FILE *out, const struct dcl_shown_run *run);

#endif
