#include "report/markup.h"
#include "report/page.h"
#include "report/read.h"

#include <math.h>

#define BINS 40

static const struct {
    const char *name, *path;
} marks[] = {{"p50", "median"}, {"p90", "p90"}, {"p99", "p99"}};

/* Counts between low and high; what is beyond goes into the last bin. */
static double count(const json_t *samples, double low, double high, double bins[BINS])
{
    double most = 0;
    size_t i;
    json_t *sample;
    json_array_foreach(samples, i, sample)
    {
        const double at = (json_number_value(sample) - low) / (high - low) * BINS;
        const int bin = at >= BINS ? BINS - 1 : at > 0 ? (int)at : 0;
        bins[bin]++;
        most = fmax(most, bins[bin]);
    }
    return most;
}

/* Lines first, so that none crosses words. */
static void put_marks(const struct dcl_plot *p, const json_t *time, double most)
{
    double v[3];
    for (int m = 0; m < 3; m++) {
        v[m] = dcl_number_at(time, marks[m].path);
        dcl_plot_line(p, v[m], 0, v[m], most * (1.14 + 0.13 * m), "quantile");
    }
    for (int m = 0; m < 3; m++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", marks[m].name, dcl_ms(v[m]).text);
        dcl_plot_text_left(p, v[m], most * (1.14 + 0.13 * m), -9, "label", text);
    }
}

void dcl_page_latency(FILE *out, const json_t *scenario, const char *name)
{
    const json_t *time = json_object_get(scenario, "time");
    const json_t *samples = json_object_get(scenario, "samples");
    double bins[BINS] = {0};
    const double least = dcl_number_at(time, "least"), p99 = dcl_number_at(time, "p99");
    if (!json_array_size(samples) || !(p99 > 0))
        return;
    /* A few late samples shall not squeeze all others into one bar. */
    const double room = fmax((p99 - least) * 0.12, p99 * 0.01);
    const double low = fmax(least - room, 0), high = p99 + room;
    const double most = count(samples, low, high, bins);
    const struct dcl_plot p = {.out = out,
                               .height = 150,
                               .x = {low, high, false},
                               .y = {0, most * 1.45, false},
                               .x_name = "time",
                               .x_label = dcl_ms};
    char title[256];
    fputs("<figure class=\"panel\"><figcaption>", out);
    dcl_putf(out, "%s, %zu samples", name, json_array_size(samples));
    fputs("</figcaption>\n", out);
    snprintf(title, sizeof title, "%s: median %s, p90 %s, p99 %s", name,
             dcl_ms(dcl_number_at(time, "median")).text, dcl_ms(dcl_number_at(time, "p90")).text,
             dcl_ms(p99).text);
    dcl_plot_begin(&p, title);
    for (int i = 0; i < BINS; i++) {
        const double from = low + (high - low) * i / BINS, to = low + (high - low) * (i + 1) / BINS;
        snprintf(title, sizeof title, "%s to %s: %.0f", dcl_ms(from).text,
                 i + 1 < BINS ? dcl_ms(to).text : "most", bins[i]);
        if (bins[i] > 0)
            dcl_plot_rect(&p, from, 0, to, bins[i], "bin", title);
    }
    put_marks(&p, time, most);
    dcl_plot_end(&p);
    fputs("</figure>\n", out);
}
