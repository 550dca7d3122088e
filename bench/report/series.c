#include "report/series.h"
#include "report/read.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

json_t *dcl_series_operations(const json_t *run)
{
    json_t *operations = json_object(), *o;
    size_t i;
    json_array_foreach(json_object_get(run, "operations"), i, o)
    {
        if (json_object_get(o, "series"))
            json_object_set_new(operations, dcl_text_at(o, "op"), json_true());
    }
    return operations;
}

static bool is_line(const struct dcl_line *l, const char *name, const char *peer)
{
    if (strcmp(l->name, name) != 0 || (l->peer == NULL) != (peer == NULL))
        return false;
    return !peer || strcmp(l->peer, peer) == 0;
}

/* A new line has room for `most` points. */
static struct dcl_line *line_of(struct dcl_series *s, const char *name, const char *peer,
                                size_t most)
{
    for (int i = 0; i < s->n; i++)
        if (is_line(&s->lines[i], name, peer))
            return &s->lines[i];
    if (s->n == DCL_MOST_LINES)
        return NULL;
    struct dcl_line *l = &s->lines[s->n++];
    *l = (struct dcl_line){.name = name,
                           .peer = peer,
                           .x = malloc(most * sizeof *l->x),
                           .y = malloc(most * sizeof *l->y)};
    return l;
}

/* In order of x. */
static void add_point(struct dcl_line *l, double x, double y)
{
    if (!l || !l->x || !l->y || !(x > 0 && y > 0))
        return;
    int at = l->n++;
    for (; at > 0 && l->x[at - 1] > x; at--) {
        l->x[at] = l->x[at - 1];
        l->y[at] = l->y[at - 1];
    }
    l->x[at] = x;
    l->y[at] = y;
}

void dcl_series_fill(struct dcl_series *s, const json_t *run, const char *op)
{
    const json_t *operations = json_object_get(run, "operations");
    const json_t *peers = json_object_get(run, "peers");
    const size_t most = json_array_size(operations) + json_array_size(peers);
    json_t *of_case = json_object(), *o; /* name -> operation, for the peers */
    size_t i;
    s->n = 0;
    json_array_foreach(operations, i, o)
    {
        if (!json_object_get(o, "series") || strcmp(dcl_text_at(o, "op"), op) != 0)
            continue;
        json_object_set(of_case, dcl_text_at(o, "name"), o);
        if (!dcl_failure(o))
            add_point(line_of(s, dcl_text_at(o, "series.name"), NULL, most),
                      dcl_number_at(o, "series.x"), dcl_number_at(dcl_times(o), "median"));
    }
    json_array_foreach(peers, i, o)
    {
        const json_t *of = json_object_get(of_case, dcl_text_at(o, "case"));
        if (of && !dcl_failure(o))
            add_point(line_of(s, dcl_text_at(of, "series.name"), dcl_text_at(o, "peer"), most),
                      dcl_number_at(of, "series.x"), dcl_number_at(o, "time.median"));
    }
    json_decref(of_case);
}

void dcl_series_free(struct dcl_series *s)
{
    for (int i = 0; i < s->n; i++) {
        free(s->lines[i].x);
        free(s->lines[i].y);
    }
    s->n = 0;
}
