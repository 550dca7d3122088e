#include "report/page.h"
#include "report/read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_group(const struct dcl_plot *p, const json_t *run, const char *group)
{
    size_t i;
    json_t *o;
    int count = 0;
    const double mean = dcl_mean_share(run, group);
    char text[128];
    dcl_chart_row(p, group);
    json_array_foreach(json_object_get(run, "operations"), i, o)
    {
        const double share = dcl_number_at(o, "share");
        if (!(share > 0) || strcmp(dcl_text_at(o, "group"), group) != 0)
            continue;
        char title[320];
        snprintf(title, sizeof title, "%.256s: %s", dcl_text_at(o, "name"),
                 dcl_percent(share).text);
        dcl_plot_mark(p, share, 0.5, dcl_colour_of_group(group), false, title);
        count++;
    }
    if (count)
        dcl_plot_line(p, mean, 0, mean, 1, "mean");
    snprintf(text, sizeof text, "%s of %d", dcl_percent(mean).text, count);
    dcl_chart_row_end(p, text);
}

void dcl_page_shares(FILE *out, const json_t *run)
{
    const json_t *operations = json_object_get(run, "operations");
    const struct dcl_plot p = {.out = out,
                               .height = 24,
                               .x = {0, 1, false},
                               .y = {0, 1, false},
                               .x_name = "share of the limit",
                               .x_label = dcl_tick_percent};
    json_t *seen = json_object();
    size_t i;
    json_t *o;
    if (json_array_size(operations))
        dcl_chart_begin(&p, "Share of its limit that each operation reaches, by group");
    json_array_foreach(operations, i, o)
    {
        const char *group = dcl_text_at(o, "group");
        if (json_object_get(seen, group))
            continue;
        json_object_set_new(seen, group, json_true());
        put_group(&p, run, group);
    }
    if (json_array_size(operations))
        dcl_chart_end(&p);
    json_decref(seen);
}
