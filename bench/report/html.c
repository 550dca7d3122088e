/* The page: one file, nothing loaded from elsewhere. */
#include "report/format.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/read.h"
#include "report/report.h"

#include <math.h>
#include <string.h>

/* --- head -------------------------------------------------------------------------------- */

static void put_head(FILE *out, const struct dcl_shown_runs *runs)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>detcl bench",
          out);
    if (runs->n) {
        fputs(": ", out);
        dcl_put(out, runs->list[0].title);
    }
    fputs("</title>\n<style>\n", out);
    fputs(dcl_report_text("style"), out);
    fputs("</style>\n</head>\n<body>\n", out);
    dcl_svg_markers(out);
}

/* --- cards ------------------------------------------------------------------------------- */

static void put_property(FILE *out, const char *name, const char *text)
{
    if (!*text || strcmp(text, "-") == 0)
        return;
    fputs("<dt>", out);
    dcl_put(out, name);
    fputs("</dt><dd>", out);
    dcl_put(out, text);
    fputs("</dd>\n", out);
}

static void put_limits(FILE *out, const json_t *run)
{
    const double share = dcl_mean_share(run, NULL);
    fputs("<dl class=\"facts\">\n", out);
    if (!isnan(share))
        fprintf(out, "<div class=\"main\"><dt>share of its limits reached</dt><dd>%s</dd></div>\n",
                dcl_percent(share).text);
    for (int i = 0; i < DCL_LIMITS; i++) {
        const double v = dcl_measured_limit(run, dcl_limit_names[i].key);
        if (isnan(v))
            continue;
        fputs("<div><dt>", out);
        dcl_put(out, dcl_limit_names[i].words);
        fprintf(out, "</dt><dd>%s</dd></div>\n",
                dcl_rate(v, dcl_text_at(json_object_get(json_object_get(run, "limits"),
                                                        dcl_limit_names[i].key),
                                        "unit"))
                    .text);
    }
    fputs("</dl>\n", out);
}

static void put_badge(FILE *out, const char *class, const char *text)
{
    if (!*text)
        return;
    fprintf(out, " <span class=\"%s\">", class);
    dcl_put(out, text);
    fputs("</span>", out);
}

void dcl_page_card(FILE *out, const struct dcl_shown_run *r)
{
    const json_t *run = r->run, *document = r->document;
    char text[512];
    fputs("<article class=\"card\"><h3>", out);
    dcl_put(out, r->title);
    put_badge(out, "badge", dcl_text_at(run, "device.type"));
    if (!json_is_true(json_object_get(document, "complete")))
        put_badge(out, "flag", "interrupted");
    if (json_is_true(json_object_get(document, "quick")))
        put_badge(out, "flag", "quick");
    fputs("</h3>\n", out);
    put_limits(out, run);
    fputs("<dl class=\"list\">\n", out);
    put_property(out, "platform", dcl_text_at(run, "device.platform"));
    put_property(out, "driver", dcl_text_at(run, "device.driver"));
    put_property(out, "version", dcl_text_at(run, "device.version"));
    put_property(out, "kernels for", dcl_text_at(run, "device.profile"));
    snprintf(text, sizeof text, "%.0f at %s GHz", dcl_number_at(run, "device.compute_units"),
             dcl_number(dcl_number_at(run, "device.clock_mhz") / 1e3).text);
    if (!isnan(dcl_number_at(run, "device.compute_units")))
        put_property(out, "compute units", text);
    put_property(out, "memory", dcl_bytes(dcl_number_at(run, "device.global_bytes")).text);
    put_property(out, "local memory", dcl_bytes(dcl_number_at(run, "device.local_bytes")).text);
    put_property(out, "threads", dcl_tick(dcl_number_at(run, "threads")).text);
    snprintf(text, sizeof text, "%.200s, %.100s", dcl_text_at(document, "host.processor"),
             dcl_text_at(document, "host.system"));
    put_property(out, "host", text);
    snprintf(text, sizeof text, "%.80s %.80s, %.80s", dcl_text_at(document, "library.name"),
             dcl_text_at(document, "library.version"), dcl_text_at(document, "library.compiler"));
    put_property(out, "library", text);
    put_property(out, "date", dcl_text_at(document, "date"));
    put_property(out, "command", dcl_text_at(document, "command"));
    fputs("</dl>\n</article>\n", out);
}

/* --- sections ---------------------------------------------------------------------------- */

static bool has(const struct dcl_shown_runs *runs, const char *part)
{
    for (int i = 0; i < runs->n; i++)
        if (json_array_size(json_object_get(runs->list[i].run, part)))
            return true;
    return false;
}

static bool has_operations(const struct dcl_shown_runs *runs)
{
    return has(runs, "operations");
}

static bool has_series(const struct dcl_shown_runs *runs)
{
    size_t k;
    json_t *o;
    for (int i = 0; i < runs->n; i++)
        json_array_foreach(json_object_get(runs->list[i].run, "operations"), k, o)
        {
            if (json_object_get(o, "series"))
                return true;
        }
    return false;
}

static bool has_networks(const struct dcl_shown_runs *runs)
{
    return has(runs, "networks");
}

static bool has_peers(const struct dcl_shown_runs *runs)
{
    return has(runs, "peers") || has(runs, "absent_peers");
}

static bool has_several(const struct dcl_shown_runs *runs)
{
    int measured = 0;
    for (int i = 0; i < runs->n; i++)
        measured += runs->list[i].measured;
    return measured > 1;
}

static bool has_any(const struct dcl_shown_runs *runs)
{
    return runs->n > 0;
}

/* A part of every run that has the like, in panels of `class`. */
static void put_each(FILE *out, const struct dcl_shown_runs *runs, const char *part,
                     const char *class, void (*put)(FILE *out, const json_t *run))
{
    fprintf(out, "<div class=\"%s\">\n", has_several(runs) ? class : "stack");
    for (int i = 0; i < runs->n; i++) {
        if (!json_array_size(json_object_get(runs->list[i].run, part)))
            continue;
        fputs("<div class=\"panel\">\n", out);
        if (has_several(runs)) {
            fputs("<h3>", out);
            dcl_put(out, runs->list[i].title);
            fputs("</h3>\n", out);
        }
        put(out, runs->list[i].run);
        fputs("</div>\n", out);
    }
    fputs("</div>\n", out);
}

static void put_cards(FILE *out, const struct dcl_shown_runs *runs)
{
    bool measured = false;
    for (int i = 0; i < runs->n; i++)
        measured = measured || runs->list[i].measured;
    fputs("<div class=\"pair\">\n", out);
    for (int i = 0; i < runs->n; i++)
        if (runs->list[i].measured || !measured)
            dcl_page_card(out, &runs->list[i]);
    fputs("</div>\n", out);
}

static void put_rooflines(FILE *out, const struct dcl_shown_runs *runs)
{
    put_each(out, runs, "operations", "pair", dcl_page_roofline);
}

static void put_operations(FILE *out, const struct dcl_shown_runs *runs)
{
    put_each(out, runs, "operations", "pair", dcl_page_shares);
    put_each(out, runs, "operations", "stack", dcl_page_operations);
}

static void put_curves(FILE *out, const struct dcl_shown_runs *runs)
{
    put_each(out, runs, "operations", "stack", dcl_page_curves);
}

static void put_networks(FILE *out, const struct dcl_shown_runs *runs)
{
    put_each(out, runs, "networks", "stack", dcl_page_network_table);
    if (has_several(runs)) {
        fputs("<div class=\"stack\"><div class=\"panel\"><h4>Throughput</h4>\n", out);
        dcl_page_throughput(out, runs);
        fputs("</div></div>\n", out);
    }
    put_each(out, runs, "networks", "pair", dcl_page_starts);
    dcl_page_networks(out, runs);
}

static void put_peers(FILE *out, const struct dcl_shown_runs *runs)
{
    for (int i = 0; i < runs->n; i++) {
        const json_t *run = runs->list[i].run;
        if (json_array_size(json_object_get(run, "peers")) && has_several(runs)) {
            fputs("<h3>", out);
            dcl_put(out, runs->list[i].title);
            fputs("</h3>\n", out);
        }
        dcl_page_peers(out, run);
    }
}

static const struct section {
    const char *id, *title, *what;
    bool (*has)(const struct dcl_shown_runs *runs);
    void (*put)(FILE *out, const struct dcl_shown_runs *runs);
} sections[] = {
    {"devices", "Devices", NULL, has_any, put_cards},
    {"compare", "Side by side",
     "Ratios of medians; bars to the right are faster than A. Same: within the spread of both.",
     has_several, dcl_page_comparison},
    {"roofline", "Roofline",
     "Each operation under the limits that were measured on this very device: the slope is the "
     "bandwidth of its memory, the flat top its multiply-adds.",
     has_operations, put_rooflines},
    {"operations", "Operations",
     "A mark an operation, at the share of its limit that it reaches; the line is the geometric "
     "mean. Inputs are rotated, so that caches are cold; warm is the same input again. Nothing is "
     "timed that does not agree with its CPU twin on this device.",
     has_operations, put_operations},
    {"curves", "Scaling", "Time over the number of boxes, by the distribution they come from.",
     has_series, put_curves},
    {"networks", "Detectors, from image to boxes",
     "Scenarios are named after MLPerf Inference's and are not results of MLPerf.", has_networks,
     put_networks},
    {"peers", "Next to other libraries",
     "Interleaved in one run, on the same inputs and with the same number of threads. The thin "
     "line is the range over the rounds.",
     has_peers, put_peers},
};
#define SECTIONS (sizeof sections / sizeof *sections)

static void put_lead(FILE *out, const struct dcl_shown_runs *runs)
{
    fputs("<p class=\"lead\">", out);
    for (int i = 0; i < runs->n; i++) {
        fputs(i ? " &middot; " : "", out);
        dcl_put(out, runs->list[i].title);
    }
    fputs(runs->n ? "</p>\n" : "Nothing was measured.</p>\n", out);
}

static void put_header(FILE *out, const struct dcl_shown_runs *runs)
{
    fputs("<header>\n<h1>detcl bench</h1>\n", out);
    put_lead(out, runs);
    fputs("<nav aria-label=\"parts of this page\">", out);
    for (size_t i = 0; i < SECTIONS; i++)
        if (sections[i].has(runs))
            fprintf(out, "<a href=\"#%s\">%s</a>\n", sections[i].id, sections[i].title);
    fputs("</nav>\n</header>\n", out);
}

void dcl_report_html(FILE *out, json_t *const *documents, int n)
{
    struct dcl_shown_runs runs = dcl_runs_of(documents, n);
    put_head(out, &runs);
    put_header(out, &runs);
    fputs("<main>\n", out);
    for (size_t i = 0; i < SECTIONS; i++) {
        if (!sections[i].has(&runs))
            continue;
        fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", sections[i].id, sections[i].title);
        if (sections[i].what)
            fprintf(out, "<p class=\"note\">%s</p>\n", sections[i].what);
        sections[i].put(out, &runs);
        fputs("</section>\n", out);
    }
    fputs("</main>\n<script>\n", out);
    fputs(dcl_report_text("script"), out);
    fputs("</script>\n</body>\n</html>\n", out);
    dcl_runs_free(&runs);
}
