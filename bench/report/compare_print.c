/* The comparison as text: a terminal's table. */
#include "report/compare.h"
#include "report/format.h"
#include "report/read.h"

#include <math.h>
#include <string.h>

#define ALL "geometric mean of all"

static int characters(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static int name_width(const struct dcl_comparison_table *table)
{
    int most = characters(ALL);
    for (int r = 0; r < table->row_count; r++)
        if (characters(table->rows[r].name) > most)
            most = characters(table->rows[r].name);
    return most;
}

static void print_name(FILE *out, const char *name, int width)
{
    fprintf(out, "  %s%*s", name, width - characters(name), "");
}

static void print_legend(FILE *out, const struct dcl_comparison_table *table)
{
    for (int k = 0; k < table->n; k++) {
        const struct dcl_column *c = &table->columns[k];
        const char *label = dcl_text_at(c->document, "label");
        fprintf(out, "%-3s %s%s%s, %s, %s %s, %s\n", c->letter, label, *label ? ": " : "",
                dcl_text_at(c->run, "device.name"), dcl_text_at(c->run, "device.driver"),
                dcl_text_at(c->document, "library.name"),
                dcl_text_at(c->document, "library.version"), dcl_text_at(c->document, "date"));
    }
}

static const char *colour_of(enum dcl_verdict verdict)
{
    return verdict == DCL_FASTER                               ? "\033[32m"
           : verdict == DCL_SLOWER || verdict == DCL_NOW_FAILS ? "\033[31m"
                                                               : "";
}

static void print_cell(FILE *out, const struct dcl_row *row, int k, bool colour)
{
    const struct dcl_case *c = row->cells[k];
    const double ms = !c || c->failed ? (double)NAN : row->wall ? c->wall : c->event;
    fprintf(out, "  %10s", c && c->failed ? "failed" : dcl_ms(ms).text);
    if (k == 0)
        return;
    const struct dcl_judgement j = dcl_judge(row, k);
    const char *paint = colour ? colour_of(j.verdict) : "";
    fprintf(out, "  %s%9s%s %8s", paint, dcl_verdict_name(j.verdict), *paint ? "\033[0m" : "",
            dcl_ratio(j.ratio).text);
}

static void print_mean(FILE *out, const struct dcl_comparison_table *table, int width,
                       const char *name, const char *group)
{
    if (table->n < 2)
        return;
    print_name(out, name, width);
    fprintf(out, "  %10s", "");
    for (int k = 1; k < table->n; k++) {
        int count;
        const double mean = dcl_geometric_mean(table, group, k, &count);
        fprintf(out, "  %10s  %9s %8s", "", "", dcl_ratio(mean).text);
    }
    fputc('\n', out);
}

static void print_group(FILE *out, const struct dcl_comparison_table *table, int width,
                        const char *group, bool colour)
{
    fprintf(out, "%s\n", group);
    for (int r = 0; r < table->row_count; r++) {
        const struct dcl_row *row = &table->rows[r];
        if (strcmp(row->group, group) != 0)
            continue;
        print_name(out, row->name, width);
        for (int k = 0; k < table->n; k++)
            print_cell(out, row, k, colour);
        fputc('\n', out);
    }
    print_mean(out, table, width, "geometric mean", group);
}

static void print_table(FILE *out, const struct dcl_comparison_table *table, bool colour)
{
    const int width = name_width(table);
    print_legend(out, table);
    fprintf(out, "\n  %*s", width, "");
    for (int k = 0; k < table->n; k++)
        fprintf(out, "%*s  %10s", k > 1 ? 20 : 0, "", table->columns[k].letter);
    fputc('\n', out);
    for (int g = 0; g < table->group_count; g++)
        print_group(out, table, width, table->groups[g], colour);
    print_mean(out, table, width, ALL, NULL);
}

void dcl_comparison_print(FILE *out, const struct dcl_comparison *comparison, bool colour)
{
    for (int t = 0; t < comparison->n; t++) {
        if (t)
            fputc('\n', out);
        print_table(out, &comparison->tables[t], colour);
    }
}

int dcl_comparison_slower(FILE *out, const struct dcl_comparison *comparison, double over)
{
    int found = 0;
    for (int t = 0; t < comparison->n; t++) {
        const struct dcl_comparison_table *table = &comparison->tables[t];
        for (int r = 0; r < table->row_count; r++)
            for (int k = 1; k < table->n; k++) {
                const struct dcl_judgement j = dcl_judge(&table->rows[r], k);
                const bool slower = j.verdict == DCL_SLOWER && j.ratio > 1 + over + j.noise;
                if (!slower && j.verdict != DCL_NOW_FAILS)
                    continue;
                found++;
                if (slower)
                    fprintf(out, "%s: %s: %s of %s (noise %s)\n", table->columns[k].letter,
                            table->rows[r].name, dcl_ratio(j.ratio).text, table->columns[0].letter,
                            dcl_percent(j.noise).text);
                else
                    fprintf(out, "%s: %s: now fails: %s\n", table->columns[k].letter,
                            table->rows[r].name, table->rows[r].cells[k]->failed);
            }
    }
    return found;
}
