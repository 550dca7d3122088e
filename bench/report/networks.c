#include "report/cases.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/read.h"

#include <math.h>
#include <string.h>

/* --- charts over all networks ------------------------------------------------------------ */

void dcl_page_starts(FILE *out, const json_t *run)
{
    const json_t *networks = json_object_get(run, "networks");
    struct dcl_plot p = {.out = out,
                         .height = 22,
                         .x = {INFINITY, 0, true},
                         .y = {0, 1, false},
                         .x_name = "second / cold start",
                         .x_label = dcl_tick_ms};
    size_t i;
    json_t *n;
    json_array_foreach(networks, i, n)
    {
        dcl_chart_include(&p.x, dcl_number_at(n, "cold_start_ms"));
        dcl_chart_include(&p.x, dcl_number_at(n, "second_start_ms"));
    }
    if (p.x.high == 0)
        return;
    p.x = dcl_log_scale(p.x.low, p.x.high);
    fputs("<h4>Start of a process</h4>\n", out);
    dcl_chart_begin(&p, "Start of a process: cold, and with compiled programs at hand");
    json_array_foreach(networks, i, n)
    {
        const double cold = dcl_number_at(n, "cold_start_ms");
        const double second = dcl_number_at(n, "second_start_ms");
        char text[96];
        if (!(cold > 0) && !(second > 0))
            continue;
        dcl_chart_row(&p, dcl_text_at(n, "name"));
        if (cold > 0 && second > 0)
            dcl_plot_line(&p, second, 0.5, cold, 0.5, "whisker");
        if (cold > 0)
            dcl_plot_mark(&p, cold, 0.5, 0, true, "cold: nothing compiled");
        if (second > 0)
            dcl_plot_mark(&p, second, 0.5, 0, false, "second: programs at hand");
        snprintf(text, sizeof text, "%s / %s", dcl_ms(second).text, dcl_ms(cold).text);
        dcl_chart_row_end(&p, text);
    }
    dcl_chart_end(&p);
    fputs(
        "<p class=\"legend\"><span>hollow: cold, nothing compiled</span><span>filled: the programs "
        "are in the cache</span></p>\n",
        out);
}

static const json_t *network_of(const struct dcl_shown_run *run, const char *name)
{
    size_t i;
    json_t *n;
    json_array_foreach(json_object_get(run->run, "networks"), i, n)
    {
        if (strcmp(dcl_text_at(n, "name"), name) == 0)
            return n;
    }
    return NULL;
}

/* Names of the networks of all runs, in order, as keys. */
static json_t *names_of(const struct dcl_shown_runs *runs)
{
    json_t *names = json_object();
    size_t i;
    json_t *n;
    for (int r = 0; r < runs->n; r++)
        json_array_foreach(json_object_get(runs->list[r].run, "networks"), i, n)
            json_object_set_new(names, dcl_text_at(n, "name"), json_true());
    return names;
}

static double rate_of(const struct dcl_shown_run *run, const char *name)
{
    return dcl_number_at(network_of(run, name), "scenarios.offline.images_per_second");
}

static void put_rates(const struct dcl_plot *p, const struct dcl_shown_runs *runs, const char *name)
{
    char all[160] = "";
    dcl_chart_row(p, name);
    for (int r = 0; r < runs->n; r++) {
        const double rate = rate_of(&runs->list[r], name);
        char title[256];
        if (!(rate > 0))
            continue;
        snprintf(title, sizeof title, "%.180s: %s images/s", runs->list[r].title,
                 dcl_number(rate).text);
        dcl_plot_mark(p, rate, 0.5, r % DCL_COLOURS, false, title);
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", used ? " / " : "", dcl_number(rate).text);
    }
    dcl_chart_row_end(p, *all ? all : "failed");
}

void dcl_page_throughput(FILE *out, const struct dcl_shown_runs *runs)
{
    json_t *names = names_of(runs), *value;
    struct dcl_plot p = {.out = out,
                         .height = 22,
                         .x = {INFINITY, 0, true},
                         .y = {0, 1, false},
                         .x_name = "images a second, offline",
                         .x_label = dcl_tick};
    const char *name;
    json_object_foreach(names, name, value)
    {
        for (int r = 0; r < runs->n; r++)
            dcl_chart_include(&p.x, rate_of(&runs->list[r], name));
    }
    if (p.x.high > 0) {
        p.x = dcl_log_scale(p.x.low, p.x.high);
        dcl_chart_begin(&p, "Images a second of each network, offline");
        json_object_foreach(names, name, value)
        {
            put_rates(&p, runs, name);
        }
        dcl_chart_end(&p);
        fputs("<p class=\"legend\">", out);
        for (int r = 0; runs->n > 1 && r < runs->n; r++)
            if (json_array_size(json_object_get(runs->list[r].run, "networks")))
                dcl_svg_key(out, r % DCL_COLOURS, runs->list[r].title);
        fputs("</p>\n", out);
    }
    json_decref(names);
}

/* --- one network ------------------------------------------------------------------------- */

static void put_fact(FILE *out, const char *name, const char *value)
{
    if (strcmp(value, "-") == 0 || !*value)
        return;
    fputs("<div><dt>", out);
    dcl_put(out, name);
    fputs("</dt><dd>", out);
    dcl_put(out, value);
    fputs("</dd></div>\n", out);
}

static void put_facts(FILE *out, const json_t *n)
{
    const json_t *s = json_object_get(n, "scenarios");
    char text[128];
    fputs("<dl class=\"facts\">\n", out);
    put_fact(out, "single stream, p90", dcl_ms(dcl_number_at(s, "single_stream.time.p90")).text);
    snprintf(text, sizeof text, "multi stream, %.0f images, p99",
             dcl_number_at(s, "multi_stream.images"));
    put_fact(out, text, dcl_ms(dcl_number_at(s, "multi_stream.time.p99")).text);
    put_fact(out, "offline, images/s",
             dcl_number(dcl_number_at(s, "offline.images_per_second")).text);
    put_fact(out, "launches", dcl_tick(dcl_number_at(n, "launches")).text);
    fputs("</dl>\n", out);
}

static void put_flags(FILE *out, const json_t *flags)
{
    size_t i;
    json_t *flag;
    json_array_foreach(flags, i, flag)
    {
        fputs(" <span class=\"flag\">", out);
        dcl_put(out, json_string_value(flag));
        fputs("</span>", out);
    }
}

static void put_run(FILE *out, const struct dcl_shown_run *run, const json_t *n, bool several)
{
    if (several) {
        fputs("<h4>", out);
        dcl_put(out, run->title);
        put_flags(out, json_object_get(n, "flags"));
        fputs("</h4>\n", out);
    }
    if (dcl_failure(n)) {
        fputs("<p class=\"failed\">failed: ", out);
        dcl_put(out, dcl_failure(n));
        fputs("</p>\n", out);
        return;
    }
    const json_t *s = json_object_get(n, "scenarios");
    put_facts(out, n);
    fputs("<div class=\"pair\">\n", out);
    for (int k = 0; k < 2; k++)
        dcl_page_latency(out, json_object_get(s, dcl_scenarios[k].key), dcl_scenarios[k].words);
    fputs("</div>\n", out);
    dcl_page_flame(out, json_object_get(n, "profile"), dcl_text_at(n, "name"));
    if (*dcl_text_at(n, "verified.node") || !isnan(dcl_number_at(n, "verified.error"))) {
        fputs("<p class=\"note\">", out);
        dcl_putf(out, "Largest error against the CPU twin %.3g of at most %.3g%s%.200s.",
                 dcl_number_at(n, "verified.error"), dcl_number_at(n, "verified.limit"),
                 *dcl_text_at(n, "verified.node") ? ", at " : "", dcl_text_at(n, "verified.node"));
        fputs("</p>\n", out);
    }
}

static void put_network(FILE *out, const struct dcl_shown_runs *runs, const char *name, bool open)
{
    const json_t *first = NULL;
    for (int r = 0; r < runs->n && !first; r++)
        first = network_of(&runs->list[r], name);
    fprintf(out, "<details class=\"card\"%s><summary><h3>", open ? " open" : "");
    dcl_put(out, name);
    fputs("</h3>", out);
    if (runs->n == 1)
        put_flags(out, json_object_get(first, "flags"));
    fputs("</summary>\n", out);
    for (int r = 0; r < runs->n; r++) {
        const json_t *n = network_of(&runs->list[r], name);
        if (n)
            put_run(out, &runs->list[r], n, runs->n > 1);
    }
    fputs("</details>\n", out);
}

void dcl_page_networks(FILE *out, const struct dcl_shown_runs *runs)
{
    json_t *names = names_of(runs), *value;
    const char *name;
    bool open = true;
    json_object_foreach(names, name, value)
    {
        put_network(out, runs, name, open);
        open = false;
    }
    json_decref(names);
}
