#include "report/cases.h"
#include "report/read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A spread of rates that is not known is taken for that of a noisy case. */
#define UNKNOWN_SPREAD 0.1

const struct dcl_scenario dcl_scenarios[DCL_SCENARIOS] = {
    {"single_stream", "single stream", "time.p90"},
    {"multi_stream", "multi stream", "time.p99"},
    {"offline", "offline", "images_per_second"},
};

/* Longer than any name that the schema lets through, and a scenario. */
#define MOST_NAME 1100

static struct dcl_case *add(struct dcl_cases *cases, const json_t *object, const char *group,
                            const char *scenario)
{
    char name[MOST_NAME];
    snprintf(name, sizeof name, "%s%s%s", dcl_text_at(object, "name"), scenario ? "/" : "",
             scenario ? scenario : "");
    json_object_set_new(cases->index, name, json_integer(cases->n));
    const char *kept = json_object_iter_key(json_object_iter_at(cases->index, name));
    struct dcl_case *c = &cases->list[cases->n++];
    *c = (struct dcl_case){.name = kept ? kept : "",
                           .group = group,
                           .failed = dcl_failure(object),
                           .event = NAN,
                           .wall = NAN,
                           .event_spread = NAN,
                           .wall_spread = NAN};
    return c;
}

static void add_operation(struct dcl_cases *cases, const json_t *operation)
{
    struct dcl_case *c = add(cases, operation, dcl_text_at(operation, "group"), NULL);
    if (c->failed)
        return;
    c->event = dcl_number_at(operation, "event.median");
    c->event_spread = dcl_number_at(operation, "event.spread");
    c->wall = dcl_number_at(operation, "wall.median");
    c->wall_spread = dcl_number_at(operation, "wall.spread");
}

static void add_scenario(struct dcl_cases *cases, const json_t *network,
                         const struct dcl_scenario *scenario)
{
    const json_t *of = json_object_get(json_object_get(network, "scenarios"), scenario->key);
    if (!of && !dcl_failure(network))
        return;
    struct dcl_case *c = add(cases, network, scenario->words, scenario->key);
    const double rate = dcl_number_at(of, "images_per_second");
    c->wall = rate > 0 ? 1e3 / rate : dcl_number_at(of, "time.median");
    c->wall_spread = dcl_number_at(of, isnan(rate) ? "time.spread" : "spread");
    if (isnan(c->wall_spread))
        c->wall_spread = UNKNOWN_SPREAD;
}

static void fill(struct dcl_cases *cases, const json_t *operations, const json_t *networks)
{
    size_t i;
    json_t *one;
    json_array_foreach(operations, i, one)
    {
        add_operation(cases, one);
    }
    for (int s = 0; s < DCL_SCENARIOS; s++)
        json_array_foreach(networks, i, one)
        {
            add_scenario(cases, one, &dcl_scenarios[s]);
        }
}

struct dcl_cases *dcl_cases_of(const json_t *run)
{
    const json_t *operations = json_object_get(run, "operations");
    const json_t *networks = json_object_get(run, "networks");
    const size_t most = json_array_size(operations) + DCL_SCENARIOS * json_array_size(networks);
    struct dcl_cases *cases = calloc(1, sizeof *cases);
    if (!cases)
        return NULL;
    cases->list = malloc((most + 1) * sizeof *cases->list);
    cases->index = json_object();
    if (cases->list && cases->index)
        fill(cases, operations, networks);
    else
        dcl_cases_destroy(&cases);
    return cases;
}

void dcl_cases_destroy(struct dcl_cases **cases)
{
    if (!*cases)
        return;
    json_decref((*cases)->index);
    free((*cases)->list);
    free(*cases);
    *cases = NULL;
}

const struct dcl_case *dcl_cases_find(const struct dcl_cases *cases, const char *name)
{
    const json_t *at = json_object_get(cases->index, name);
    return at ? &cases->list[json_integer_value(at)] : NULL;
}
