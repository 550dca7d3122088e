/* What was timed in a run, under names that documents are compared by. */
#ifndef DCL_BENCH_CASES_H
#define DCL_BENCH_CASES_H

#include <jansson.h>

/* An operation, or a scenario of a network ("yolox_nano/single_stream"). */
struct dcl_case {
    const char *name;
    const char *group;
    const char *failed;
    double event, event_spread; /* median in ms; NaN: not measured */
    double wall, wall_spread;
};

struct dcl_cases {
    struct dcl_case *list;
    int n;
    json_t *index; /* name -> place in the list; owns the names */
};

/* NULL: out of memory. */
struct dcl_cases *dcl_cases_of(const json_t *run);
void dcl_cases_destroy(struct dcl_cases **cases);
const struct dcl_case *dcl_cases_find(const struct dcl_cases *cases, const char *name);

/* The scenarios of networks: key of the document, and in words. */
#define DCL_SCENARIOS 3
extern const struct dcl_scenario {
    const char *key, *words, *counts;
} dcl_scenarios[DCL_SCENARIOS];

#endif
