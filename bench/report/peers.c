/* Bars of other libraries' times over ours, a chart a peer. */
#include "report/markup.h"
#include "report/page.h"
#include "report/read.h"

#include <math.h>
#include <string.h>

/* "1.25x faster" of ours over theirs. */
static void put_words(char *text, size_t size, double speedup)
{
    snprintf(text, size, "%s %s", dcl_ratio(speedup >= 1 ? speedup : 1 / speedup).text,
             speedup >= 1 ? "faster" : "slower");
}

/* A ratio counts where both gave the same answer. */
static double speedup_of(const json_t *peer)
{
    const bool differs = json_is_false(json_object_get(peer, "agrees"));
    return dcl_failure(peer) || differs ? (double)NAN : 1 / dcl_number_at(peer, "ratio");
}

static bool is_of(const json_t *peer, const char *name)
{
    return strcmp(dcl_text_at(peer, "peer"), name) == 0;
}

static void put_row(const struct dcl_plot *p, const json_t *peer)
{
    const double speedup = speedup_of(peer);
    char title[256], value[64];
    dcl_chart_row(p, dcl_text_at(peer, "case"));
    if (!(speedup > 0)) {
        dcl_chart_row_end(p, dcl_failure(peer) ? "failed" : "answers differ");
        return;
    }
    snprintf(title, sizeof title, "detcl %s, %.100s %s",
             dcl_ms(dcl_number_at(peer, "detcl.median")).text, dcl_text_at(peer, "peer"),
             dcl_ms(dcl_number_at(peer, "time.median")).text);
    const double low = 1 / dcl_number_at(peer, "ratio_most");
    const double high = 1 / dcl_number_at(peer, "ratio_least");
    dcl_chart_bar(p, speedup, low, high, title);
    if (low < 1 && high > 1)
        snprintf(value, sizeof value, "even");
    else
        put_words(value, sizeof value, speedup);
    dcl_chart_row_end(p, value);
}

static void put_failures(FILE *out, const json_t *peers, const char *name)
{
    size_t i;
    json_t *peer;
    json_array_foreach(peers, i, peer)
    {
        if (!is_of(peer, name) || !dcl_failure(peer))
            continue;
        fputs("<p class=\"failed\">", out);
        dcl_putf(out, "%.200s failed: %.800s", dcl_text_at(peer, "case"), dcl_failure(peer));
        fputs("</p>\n", out);
    }
}

/* "onnxruntime 1.23.0, 2 threads: detcl is 1.12x faster in the geometric mean of 8 cases" */
static void put_heading(FILE *out, const json_t *peers, const json_t *first)
{
    const char *name = dcl_text_at(first, "peer");
    double sum = 0;
    int n = 0;
    size_t i;
    json_t *peer;
    json_array_foreach(peers, i, peer)
    {
        const double speedup = speedup_of(peer);
        if (!is_of(peer, name) || !(speedup > 0))
            continue;
        sum += log(speedup);
        n++;
    }
    fputs("<h4>", out);
    dcl_putf(out, "%s %s", name, dcl_text_at(first, "version"));
    if (n) {
        char words[64];
        put_words(words, sizeof words, exp(sum / n));
        fprintf(out, " <small>detcl is %s, geometric mean of %d</small>", words, n);
    }
    fputs("</h4>\n", out);
}

static void put_peer(FILE *out, const json_t *peers, const json_t *first)
{
    struct dcl_plot p = {.out = out,
                         .height = 20,
                         .x = {0.8, 1.25, true},
                         .y = {0, 1, false},
                         .x_name = "detcl slower - faster",
                         .x_label = dcl_tick_ratio};
    const char *name = dcl_text_at(first, "peer");
    int rows = 0;
    size_t i;
    json_t *peer;
    json_array_foreach(peers, i, peer)
    {
        rows += is_of(peer, name);
        if (!is_of(peer, name) || isnan(speedup_of(peer)))
            continue;
        dcl_chart_include(&p.x, 1 / dcl_number_at(peer, "ratio"));
        dcl_chart_include(&p.x, 1 / dcl_number_at(peer, "ratio_least"));
        dcl_chart_include(&p.x, 1 / dcl_number_at(peer, "ratio_most"));
    }
    p.x = dcl_log_scale(p.x.low, p.x.high);
    fprintf(out, "<figure class=\"panel%s\">", rows > 12 ? " wide" : "");
    put_heading(out, peers, first);
    dcl_chart_begin(&p, "Ratios of times");
    json_array_foreach(peers, i, peer)
    {
        if (is_of(peer, name))
            put_row(&p, peer);
    }
    dcl_chart_end(&p);
    put_failures(out, peers, name);
    fputs("</figure>\n", out);
}

void dcl_page_peers(FILE *out, const json_t *run)
{
    const json_t *peers = json_object_get(run, "peers");
    json_t *seen = json_object();
    size_t i;
    json_t *peer;
    fputs("<div class=\"pair\">\n", out);
    json_array_foreach(peers, i, peer)
    {
        const char *name = dcl_text_at(peer, "peer");
        if (json_object_get(seen, name))
            continue;
        json_object_set_new(seen, name, json_true());
        put_peer(out, peers, peer);
    }
    fputs("</div>\n", out);
    json_array_foreach(json_object_get(run, "absent_peers"), i, peer)
    {
        fputs("<p class=\"failed\">", out);
        dcl_putf(out, "%.200s is not here: %.800s", dcl_text_at(peer, "peer"),
                 dcl_text_at(peer, "why"));
        fputs("</p>\n", out);
    }
    json_decref(seen);
}
