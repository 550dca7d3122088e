/* The report as Markdown: tables. */
#include "report/cases.h"
#include "report/compare.h"
#include "report/format.h"
#include "report/read.h"
#include "report/report.h"
#include "report/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Text in a cell: what Markdown would read as more than text is escaped. */
static void put(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>|&#~", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void put_cell(FILE *out, const char *text)
{
    fputs(" ", out);
    put(out, text);
    fputs(" |", out);
}

static void put_flags(FILE *out, const json_t *flags)
{
    size_t i;
    json_t *flag;
    fputc(' ', out);
    json_array_foreach(flags, i, flag)
    {
        fputs(i ? ", " : "", out);
        put(out, json_string_value(flag));
    }
    fputs(" |\n", out);
}

/* "|---|---:|---:|" */
static void put_rule(FILE *out, int columns)
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
    fprintf(out, " %s %s |", dcl_number(dcl_number_at(limit, "value")).text,
            dcl_text_at(limit, "unit"));
}

static void put_run_property(FILE *out, const struct dcl_runs *runs, const char *name,
                             const char *path, bool of_document)
{
    fprintf(out, "| %s |", name);
    for (int i = 0; i < runs->n; i++) {
        const json_t *of = of_document ? runs->list[i].document : runs->list[i].run;
        const json_t *value = dcl_at(of, path);
        if (json_is_number(value))
            fprintf(out, " %.10g |", json_number_value(value));
        else if (json_is_boolean(value))
            put_cell(out, json_is_true(value) ? "yes" : "no");
        else
            put_cell(out, dcl_text_at(of, path));
    }
    fputc('\n', out);
}

static void put_devices(FILE *out, const struct dcl_runs *runs)
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
        put_cell(out, runs->list[i].title);
    fputc('\n', out);
    put_rule(out, runs->n + 1);
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
    put_cell(out, row->name);
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
        put(out, group ? group : "all");
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
            put(out, dcl_text_at(table->columns[k].run, "device.name"));
            fputs(", ", out);
            put(out, dcl_text_at(table->columns[k].document, "label"));
            fputc('\n', out);
        }
        for (int i = 0; t == 0 && i < c->note_count; i++) {
            fputs("- ", out);
            put(out, c->notes[i]);
            fputc('\n', out);
        }
        fputs("\n| case |", out);
        for (int k = 0; k < table->n; k++)
            fprintf(out, k ? " %s | to %s |" : " %s |", table->columns[k].letter,
                    table->columns[0].letter);
        fputc('\n', out);
        put_rule(out, 2 * table->n);
        for (int r = 0; r < table->row_count; r++)
            put_comparison_row(out, table, &table->rows[r]);
        put_means(out, table);
    }
    dcl_comparison_destroy(&c);
}

/* --- one run ----------------------------------------------------------------------------- */

static void put_operations(FILE *out, const json_t *operations)
{
    size_t i;
    json_t *o;
    if (!json_array_size(operations))
        return;
    fputs("\n### Operations\n\n| operation | time | GB/s | GFLOP/s | limit | share | warm | |\n"
          "|---|---:|---:|---:|---|---:|---:|---|\n",
          out);
    json_array_foreach(operations, i, o)
    {
        fputc('|', out);
        put_cell(out, dcl_text_at(o, "name"));
        if (dcl_failure(o)) {
            fputs(" failed | | | | | |", out);
            put_cell(out, dcl_failure(o));
            fputc('\n', out);
            continue;
        }
        fprintf(out, " %s | %s | %s | %s %s | %s | %s |",
                dcl_ms(dcl_number_at(dcl_times(o), "median")).text,
                dcl_number(dcl_number_at(o, "gbs")).text,
                dcl_number(dcl_number_at(o, "gflops")).text, dcl_text_at(o, "bound_by"),
                dcl_ms(dcl_number_at(o, "bound_ms")).text,
                dcl_percent(dcl_number_at(o, "share")).text,
                dcl_ms(dcl_number_at(o, "warm.median")).text);
        put_flags(out, json_object_get(o, "flags"));
    }
}

static void put_networks(FILE *out, const json_t *networks)
{
    size_t i;
    json_t *n;
    if (!json_array_size(networks))
        return;
    fputs(
        "\n### Detectors, from image to boxes\n\nScenarios are named after MLPerf Inference's and "
        "are not results of MLPerf.\n\n| network | weights | single stream p90 | p50 | multi "
        "stream "
        "p99 | images/s offline | cold start | second start | device memory | |\n"
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|\n",
        out);
    json_array_foreach(networks, i, n)
    {
        fputc('|', out);
        put_cell(out, dcl_text_at(n, "name"));
        put_cell(out, dcl_text_at(n, "weights"));
        if (dcl_failure(n)) {
            fputs(" failed | | | | | | |", out);
            put_cell(out, dcl_failure(n));
            fputc('\n', out);
            continue;
        }
        const json_t *s = json_object_get(n, "scenarios");
        fprintf(out, " %s | %s | %s | %s | %s | %s | %s |",
                dcl_ms(dcl_number_at(s, "single_stream.time.p90")).text,
                dcl_ms(dcl_number_at(s, "single_stream.time.median")).text,
                dcl_ms(dcl_number_at(s, "multi_stream.time.p99")).text,
                dcl_number(dcl_number_at(s, "offline.images_per_second")).text,
                dcl_ms(dcl_number_at(n, "cold_start_ms")).text,
                dcl_ms(dcl_number_at(n, "second_start_ms")).text,
                dcl_bytes(dcl_number_at(n, "device_bytes")).text);
        put_flags(out, json_object_get(n, "flags"));
    }
}

static void put_peers(FILE *out, const json_t *run)
{
    const json_t *peers = json_object_get(run, "peers");
    size_t i;
    json_t *p;
    if (json_array_size(peers))
        fputs(
            "\n### Next to other libraries\n\nInterleaved in one run, the same inputs and threads. "
            "Below 1x detcl is faster.\n\n| case | peer | detcl | peer | detcl / peer | from | to "
            "| |\n"
            "|---|---|---:|---:|---:|---:|---:|---|\n",
            out);
    json_array_foreach(peers, i, p)
    {
        fputc('|', out);
        put_cell(out, dcl_text_at(p, "case"));
        fputc(' ', out);
        put(out, dcl_text_at(p, "peer"));
        put_cell(out, dcl_text_at(p, "version"));
        if (dcl_failure(p)) {
            fputs(" | failed | | | |", out);
            put_cell(out, dcl_failure(p));
        } else {
            fprintf(out, " %s | %s | %s | %s | %s |", dcl_ms(dcl_number_at(p, "detcl.median")).text,
                    dcl_ms(dcl_number_at(p, "time.median")).text,
                    dcl_ratio(dcl_number_at(p, "ratio")).text,
                    dcl_ratio(dcl_number_at(p, "ratio_least")).text,
                    dcl_ratio(dcl_number_at(p, "ratio_most")).text);
            put_cell(out, json_is_false(json_object_get(p, "agrees")) ? "answers differ" : "");
        }
        fputc('\n', out);
    }
    json_array_foreach(json_object_get(run, "absent_peers"), i, p)
    {
        fputs(i ? "- not here: " : "\n- not here: ", out);
        put(out, dcl_text_at(p, "peer"));
        fputs(": ", out);
        put(out, dcl_text_at(p, "why"));
        fputc('\n', out);
    }
}

void dcl_report_markdown(FILE *out, json_t *const *documents, int n)
{
    struct dcl_runs runs = dcl_runs_of(documents, n);
    fputs("# detcl bench\n", out);
    if (runs.n)
        put_devices(out, &runs);
    else
        fputs("\nNothing was measured.\n", out);
    if (runs.n > 1)
        put_comparison(out, documents, n);
    for (int i = 0; i < runs.n; i++) {
        const json_t *run = runs.list[i].run;
        fputs("\n## ", out);
        put(out, runs.list[i].title);
        fputc('\n', out);
        const double share = dcl_mean_share(run, NULL);
        if (!isnan(share))
            fprintf(
                out,
                "\nThe operations reach %s of what the measured limits allow (geometric mean).\n",
                dcl_percent(share).text);
        put_operations(out, json_object_get(run, "operations"));
        put_networks(out, json_object_get(run, "networks"));
        put_peers(out, run);
    }
    dcl_runs_free(&runs);
}

void dcl_report_index(FILE *out, json_t *const *documents, const char *const *links, int n)
{
    fputs("| device | driver | date | detcl | copy GB/s | fp32 GFLOP/s | share of the limit | |\n"
          "|---|---|---|---|---:|---:|---:|---|\n",
          out);
    for (int d = 0; d < n; d++) {
        size_t r;
        json_t *run;
        json_array_foreach(json_object_get(documents[d], "runs"), r, run)
        {
            fputc('|', out);
            put_cell(out, dcl_text_at(run, "device.name"));
            put_cell(out, dcl_text_at(run, "device.driver"));
            fprintf(out, " %.10s |", dcl_text_at(documents[d], "date"));
            put_cell(out, dcl_text_at(documents[d], "library.version"));
            fprintf(out, " %s | %s | %s | [JSON](<%s>) |\n",
                    dcl_number(dcl_measured_limit(run, "copy")).text,
                    dcl_number(dcl_measured_limit(run, "fp32")).text,
                    dcl_percent(dcl_mean_share(run, NULL)).text, links[d]);
        }
    }
}
