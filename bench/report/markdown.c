/* The report as Markdown: devices and what stands side by side; and the index of results. */
#include "report/markdown.h"
#include "report/compare.h"
#include "report/format.h"
#include "report/markup.h"
#include "report/read.h"
#include "report/report.h"

#include <math.h>
#include <string.h>

void dcl_md_put(FILE *out, const char *text)
{
    while (*text) {
        const size_t n = dcl_character(text);
        if (strchr("\\`*_[]<>|&#~", *text))
            fputc('\\', out);
        fwrite(text, 1, n, out);
        text += n ? n : 1;
    }
}

void dcl_md_cell(FILE *out, const char *text)
{
    fputs(" ", out);
    dcl_md_put(out, text);
    fputs(" |", out);
}

void dcl_md_rule(FILE *out, int columns)
{
    fputs("|---|", out);
    for (int i = 1; i < columns; i++)
        fputs("---:|", out);
    fputc('\n', out);
}

/* --- devices ----------------------------------------------------------------------------- */

static void put_limit(FILE *out, const json_t *run, const char *key)
{
    const json_t *limit = json_object_get(json_object_get(run, "limits"), key);
    fprintf(out, " %s |", dcl_rate(dcl_number_at(limit, "value"), dcl_text_at(limit, "unit")).text);
}

static void put_run_property(FILE *out, const struct dcl_shown_runs *runs, const char *name,
                             const char *path, bool of_document)
{
    fprintf(out, "| %s |", name);
    for (int i = 0; i < runs->n; i++) {
        const json_t *of = of_document ? runs->list[i].document : runs->list[i].run;
        const json_t *value = dcl_at(of, path);
        if (json_is_number(value))
            fprintf(out, " %.10g |", json_number_value(value));
        else if (json_is_boolean(value))
            dcl_md_cell(out, json_is_true(value) ? "yes" : "no");
        else
            dcl_md_cell(out, dcl_text_at(of, path));
    }
    fputc('\n', out);
}

static void put_devices(FILE *out, const struct dcl_shown_runs *runs)
{
    static const struct {
        const char *name, *path;
        bool of_document;
    } properties[] = {{"platform", "device.platform", false},
                      {"driver", "device.driver", false},
                      {"compute units", "device.compute_units", false},
                      {"clock, MHz", "device.clock_mhz", false},
                      {"threads", "threads", false},
                      {"processor of the host", "host.processor", true},
                      {"system", "host.system", true},
                      {"library", "library.version", true},
                      {"date", "date", true},
                      {"complete", "complete", true},
                      {"quick", "quick", true}};
    fputs("\n## Devices and their measured limits\n\n| |", out);
    for (int i = 0; i < runs->n; i++)
        dcl_md_cell(out, runs->list[i].title);
    fputc('\n', out);
    dcl_md_rule(out, runs->n + 1);
    for (size_t p = 0; p < sizeof properties / sizeof *properties; p++)
        put_run_property(out, runs, properties[p].name, properties[p].path,
                         properties[p].of_document);
    for (int l = 0; l < DCL_LIMITS; l++) {
        fprintf(out, "| %s |", dcl_limit_names[l].words);
        for (int i = 0; i < runs->n; i++)
            put_limit(out, runs->list[i].run, dcl_limit_names[l].key);
        fputc('\n', out);
    }
}

/* --- comparison -------------------------------------------------------------------------- */

static void put_comparison_row(FILE *out, const struct dcl_comparison_table *t,
                               const struct dcl_row *row)
{
    fputc('|', out);
    dcl_md_cell(out, row->name);
    for (int k = 0; k < t->n; k++) {
        const struct dcl_case *c = row->cells[k];
        if (!c || c->failed)
            fputs(c ? " failed |" : " - |", out);
        else
            fprintf(out, " %s |", dcl_ms(row->wall ? c->wall : c->event).text);
        const struct dcl_judgement j = dcl_judge(row, k);
        if (k)
            fprintf(out, " %s %s |", dcl_ratio(j.ratio).text, dcl_verdict_name(j.verdict));
    }
    fputc('\n', out);
}

static void put_means(FILE *out, const struct dcl_comparison_table *t)
{
    for (int g = 0; g <= t->group_count; g++) {
        const char *group = g < t->group_count ? t->groups[g] : NULL;
        fputs("| *geometric mean of ", out);
        dcl_md_put(out, group ? group : "all");
        fputs("* | |", out);
        for (int k = 1; k < t->n; k++) {
            int count;
            const double mean = dcl_geometric_mean(t, group, k, &count);
            fprintf(out, " | %s |", dcl_ratio(mean).text);
        }
        fputc('\n', out);
    }
}

static void put_comparison(FILE *out, json_t *const *documents, int n)
{
    char why[512];
    struct dcl_comparison *c = dcl_comparison_create(documents, n, why, sizeof why);
    for (int t = 0; c && t < c->n; t++) {
        const struct dcl_comparison_table *table = &c->tables[t];
        if (table->n < 2)
            continue;
        fputs("\n## Side by side\n\n", out);
        for (int k = 0; k < table->n; k++) {
            fprintf(out, "- %s: ", table->columns[k].letter);
            dcl_md_put(out, dcl_text_at(table->columns[k].run, "device.name"));
            fputs(", ", out);
            dcl_md_put(out, dcl_text_at(table->columns[k].document, "label"));
            fputc('\n', out);
        }
        for (int i = 0; t == 0 && i < c->note_count; i++) {
            fputs("- ", out);
            dcl_md_put(out, c->notes[i]);
            fputc('\n', out);
        }
        fputs("\n| case |", out);
        for (int k = 0; k < table->n; k++)
            fprintf(out, k ? " %s | to %s |" : " %s |", table->columns[k].letter,
                    table->columns[0].letter);
        fputc('\n', out);
        dcl_md_rule(out, 2 * table->n);
        for (int r = 0; r < table->row_count; r++)
            put_comparison_row(out, table, &table->rows[r]);
        put_means(out, table);
    }
    dcl_comparison_destroy(&c);
}

void dcl_report_markdown(FILE *out, json_t *const *documents, int n)
{
    struct dcl_shown_runs runs = dcl_runs_of(documents, n);
    fputs("# detcl bench\n", out);
    if (runs.n)
        put_devices(out, &runs);
    else
        fputs("\nNothing was measured.\n", out);
    if (runs.n > 1)
        put_comparison(out, documents, n);
    for (int i = 0; i < runs.n; i++)
        dcl_md_run(out, &runs.list[i]);
    dcl_runs_free(&runs);
}

static void put_index_row(FILE *out, const struct dcl_shown_run *run, const char *link)
{
    fputc('|', out);
    dcl_md_cell(out, dcl_text_at(run->run, "device.name"));
    dcl_md_cell(out, dcl_text_at(run->run, "device.driver"));
    fprintf(out, " %.10s |", dcl_text_at(run->document, "date"));
    dcl_md_cell(out, dcl_text_at(run->document, "library.version"));
    fprintf(out, " %s | %s | %s | [JSON](<%s>) |\n",
            dcl_number(dcl_measured_limit(run->run, "copy")).text,
            dcl_number(dcl_measured_limit(run->run, "fp32")).text,
            dcl_percent(dcl_mean_share(run->run, NULL)).text, link);
}

void dcl_report_index(FILE *out, json_t *const *documents, const char *const *links, int n)
{
    fputs("| device | driver | date | detcl | copy GB/s | fp32 GFLOP/s | share of the limit | |\n"
          "|---|---|---|---|---:|---:|---:|---|\n",
          out);
    for (int d = 0; d < n; d++) {
        struct dcl_shown_runs runs = dcl_runs_of(&documents[d], 1);
        for (int i = 0; i < runs.n; i++)
            if (runs.list[i].measured)
                put_index_row(out, &runs.list[i], links[d]);
        dcl_runs_free(&runs);
    }
}
