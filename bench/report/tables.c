/* Tables of the page: operations of a run, cases of several. */
#include "report/compare.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/read.h"

#include <math.h>
#include <string.h>

/* A cell with a number, which script.js sorts by; NaN sorts last. */
static void put_number(FILE *out, double sort_by, const char *text)
{
    if (isnan(sort_by))
        fputs("<td class=\"num\">", out);
    else
        fprintf(out, "<td class=\"num\" data-v=\"%.9g\">", sort_by);
    dcl_put(out, text);
    fputs("</td>", out);
}

static void put_head(FILE *out, const char *const *names, const char *caption)
{
    fputs("<div class=\"scroll\" tabindex=\"0\"><table class=\"sortable\"><caption>", out);
    dcl_put(out, caption);
    fputs("</caption><thead><tr>", out);
    for (int i = 0; names[i]; i++) {
        fprintf(out, "<th scope=\"col\"%s>", i && *names[i] ? " class=\"num\"" : "");
        dcl_put(out, names[i]);
        fputs("</th>", out);
    }
    fputs("</tr></thead><tbody>\n", out);
}

static void put_flags(FILE *out, const json_t *object)
{
    size_t i;
    json_t *flag;
    json_array_foreach(json_object_get(object, "flags"), i, flag)
    {
        fputs(" <span class=\"flag\">", out);
        dcl_put(out, json_string_value(flag));
        fputs("</span>", out);
    }
}

static void put_name(FILE *out, const json_t *operation)
{
    fputs("<th scope=\"row\" title=\"", out);
    if (!dcl_failure(operation))
        dcl_putf(
            out,
            "error %.3g of at most %.3g against the CPU twin, %.0f launches, %s of device memory",
            dcl_number_at(operation, "verified.error"), dcl_number_at(operation, "verified.limit"),
            dcl_number_at(operation, "launches"),
            dcl_bytes(dcl_number_at(operation, "device_bytes")).text);
    fputs("\">", out);
    dcl_put_name(out, dcl_text_at(operation, "name"));
    put_flags(out, operation);
    fputs("<small>", out);
    dcl_putf(out, "%.400s%s%.400s", dcl_text_at(operation, "shapes"),
             *dcl_text_at(operation, "attributes") ? "  " : "",
             dcl_text_at(operation, "attributes"));
    fputs("</small></th>", out);
}

static void put_share(FILE *out, const json_t *operation)
{
    const double share = dcl_number_at(operation, "share");
    if (isnan(share)) {
        put_number(out, share, "-");
        return;
    }
    fprintf(out,
            "<td class=\"num share\" data-v=\"%.9g\"><span class=\"bar c%d\" "
            "style=\"--v:%.3f\"></span>%s</td>",
            share, dcl_colour_of_group(dcl_text_at(operation, "group")), fmin(share, 1),
            dcl_percent(share).text);
}

static void put_operation(FILE *out, const json_t *o)
{
    fputs("<tr>", out);
    put_name(out, o);
    if (dcl_failure(o)) {
        fputs("<td class=\"failed\" colspan=\"8\">", out);
        dcl_put(out, dcl_failure(o));
        fputs("</td></tr>\n", out);
        return;
    }
    const json_t *times = dcl_times(o);
    const double ms = dcl_number_at(times, "median"), warm = dcl_number_at(o, "warm.median");
    const double gbs = dcl_number_at(o, "gbs"), gflops = dcl_number_at(o, "gflops");
    const double bound = dcl_number_at(o, "bound_ms"), spread = dcl_number_at(times, "spread");
    const double wall = dcl_number_at(o, "wall.median");
    char text[96];
    put_number(out, ms, dcl_ms(ms).text);
    put_share(out, o);
    snprintf(text, sizeof text, "%.20s %s", dcl_text_at(o, "bound_by"), dcl_ms(bound).text);
    put_number(out, bound, text);
    put_number(out, gbs, dcl_number(gbs).text);
    put_number(out, gflops, dcl_number(gflops).text);
    put_number(out, warm, dcl_ms(warm).text);
    put_number(out, wall, dcl_ms(wall).text);
    put_number(out, spread, dcl_percent(spread).text);
    fputs("</tr>\n", out);
}

void dcl_page_operations(FILE *out, const json_t *run)
{
    static const char *const names[] = {"operation", "time", "share", "limit",  "GB/s",
                                        "GFLOP/s",   "warm", "wall",  "spread", NULL};
    const json_t *operations = json_object_get(run, "operations");
    char caption[96];
    size_t i;
    json_t *o;
    if (!json_array_size(operations))
        return;
    snprintf(caption, sizeof caption, "%zu operations", json_array_size(operations));
    put_head(out, names, caption);
    json_array_foreach(operations, i, o)
    {
        put_operation(out, o);
    }
    fputs("</tbody></table></div>\n", out);
}

/* --- networks ---------------------------------------------------------------------------- */

static void put_network(FILE *out, const json_t *n)
{
    static const struct {
        const char *path;
        struct dcl_words (*words)(double);
    } columns[] = {{"scenarios.single_stream.time.median", dcl_ms},
                   {"scenarios.single_stream.time.p90", dcl_ms},
                   {"scenarios.multi_stream.time.p99", dcl_ms},
                   {"scenarios.offline.images_per_second", dcl_number},
                   {"cold_start_ms", dcl_ms},
                   {"second_start_ms", dcl_ms},
                   {"device_bytes", dcl_bytes},
                   {"peak_host_bytes", dcl_bytes}};
    fputs("<tr><th scope=\"row\">", out);
    dcl_put(out, dcl_text_at(n, "name"));
    put_flags(out, n);
    fputs("</th>", out);
    if (dcl_failure(n)) {
        fputs("<td class=\"failed\" colspan=\"8\">", out);
        dcl_put(out, dcl_failure(n));
        fputs("</td></tr>\n", out);
        return;
    }
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        const double v = dcl_number_at(n, columns[k].path);
        put_number(out, v, columns[k].words(v).text);
    }
    fputs("</tr>\n", out);
}

void dcl_page_network_table(FILE *out, const json_t *run)
{
    static const char *const names[] = {"detector",           "p50, single stream",
                                        "p90, single stream", "p99, multi stream",
                                        "images/s, offline",  "cold start",
                                        "second start",       "device memory",
                                        "host memory",        NULL};
    const json_t *networks = json_object_get(run, "networks");
    char caption[96];
    size_t i;
    json_t *n;
    snprintf(caption, sizeof caption, "%zu detectors", json_array_size(networks));
    put_head(out, names, caption);
    json_array_foreach(networks, i, n)
    {
        put_network(out, n);
    }
    fputs("</tbody></table></div>\n", out);
}

/* --- comparison -------------------------------------------------------------------------- */

static void put_cells(FILE *out, const struct dcl_row *row, int k)
{
    const struct dcl_case *c = row->cells[k];
    const double ms = !c || c->failed ? (double)NAN : row->wall ? c->wall : c->event;
    put_number(out, ms, c && c->failed ? "failed" : dcl_ms(ms).text);
    if (k == 0)
        return;
    const struct dcl_judgement j = dcl_judge(row, k);
    put_number(out, j.ratio, dcl_ratio(j.ratio).text);
    fprintf(out, "<td class=\"%s\">%s</td>",
            j.verdict == DCL_FASTER                                 ? "better"
            : j.verdict == DCL_SLOWER || j.verdict == DCL_NOW_FAILS ? "worse"
                                                                    : "",
            dcl_verdict_name(j.verdict));
}

static void put_cases(FILE *out, const struct dcl_comparison_table *t)
{
    fputs("<details class=\"card\"><summary>All cases</summary>\n<div class=\"scroll\" "
          "tabindex=\"0\"><table "
          "class=\"sortable\"><thead><tr><th scope=\"col\">case</th>",
          out);
    for (int k = 0; k < t->n; k++) {
        fprintf(out, "<th scope=\"col\" class=\"num\">%s</th>", t->columns[k].letter);
        if (k)
            fprintf(out, "<th scope=\"col\" class=\"num\">%s / %s</th><th scope=\"col\"></th>",
                    t->columns[k].letter, t->columns[0].letter);
    }
    fputs("</tr></thead><tbody>\n", out);
    for (int r = 0; r < t->row_count; r++) {
        fputs("<tr><th scope=\"row\">", out);
        dcl_put(out, t->rows[r].name);
        fputs("</th>", out);
        for (int k = 0; k < t->n; k++)
            put_cells(out, &t->rows[r], k);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div></details>\n", out);
}

static void put_mean(const struct dcl_plot *p, const struct dcl_comparison_table *t,
                     const char *group, int k)
{
    int count;
    const double speedup = 1 / dcl_geometric_mean(t, group, k, &count);
    char text[96];
    if (!count)
        return;
    dcl_chart_row(p, group ? group : "all");
    dcl_chart_bar(p, speedup, NAN, NAN, "geometric mean of the ratios");
    snprintf(text, sizeof text, "%s %s", dcl_ratio(speedup >= 1 ? speedup : 1 / speedup).text,
             speedup >= 1 ? "faster" : "slower");
    dcl_chart_row_end(p, text);
}

static void put_means(FILE *out, const struct dcl_comparison_table *t, int k)
{
    struct dcl_plot p = {.out = out,
                         .height = 20,
                         .x = {0.8, 1.25, true},
                         .y = {0, 1, false},
                         .x_name = "slower - faster",
                         .x_label = dcl_tick_ratio};
    int count;
    for (int g = 0; g < t->group_count; g++)
        dcl_chart_include(&p.x, 1 / dcl_geometric_mean(t, t->groups[g], k, &count));
    p.x = dcl_log_scale(p.x.low, p.x.high);
    fputs("<figure class=\"panel\"><figcaption>", out);
    dcl_putf(out, "%s, %s against %s", t->columns[k].letter,
             dcl_text_at(t->columns[k].run, "device.name"), t->columns[0].letter);
    fputs("</figcaption>\n", out);
    dcl_chart_begin(&p, "Geometric mean of the ratios, by group");
    for (int g = 0; g < t->group_count; g++)
        put_mean(&p, t, t->groups[g], k);
    put_mean(&p, t, NULL, k);
    dcl_chart_end(&p);
    fputs("</figure>\n", out);
}

static void put_comparison(FILE *out, const struct dcl_comparison_table *t)
{
    fputs("<ul class=\"letters\">", out);
    for (int k = 0; k < t->n; k++) {
        fprintf(out, "<li><b>%s</b> ", t->columns[k].letter);
        dcl_putf(out, "%s, %s, %s %s, %s", dcl_text_at(t->columns[k].run, "device.name"),
                 dcl_text_at(t->columns[k].document, "label"),
                 dcl_text_at(t->columns[k].document, "library.name"),
                 dcl_text_at(t->columns[k].document, "library.version"),
                 dcl_text_at(t->columns[k].document, "date"));
        fputs("</li>\n", out);
    }
    fputs("</ul>\n<div class=\"pair\">\n", out);
    for (int k = 1; k < t->n; k++)
        put_means(out, t, k);
    fputs("</div>\n", out);
    put_cases(out, t);
}

void dcl_page_comparison(FILE *out, const struct dcl_shown_runs *runs)
{
    char why[512];
    struct dcl_comparison *c =
        dcl_comparison_create(runs->documents, runs->document_count, why, sizeof why);
    if (!c)
        return;
    for (int t = 0; t < c->n; t++)
        if (c->tables[t].n > 1)
            put_comparison(out, &c->tables[t]);
    for (int i = 0; i < c->note_count; i++) {
        fputs("<p class=\"note\">", out);
        dcl_put(out, c->notes[i]);
        fputs("</p>\n", out);
    }
    dcl_comparison_destroy(&c);
}
