/* The runs of several documents in the order they are shown. */
#ifndef DCL_BENCH_RUNS_H
#define DCL_BENCH_RUNS_H

#include <jansson.h>
#include <stdbool.h>

struct dcl_shown_run {
    const json_t *document;
    json_t *run;     /* owned: with the peers of runs that hold nothing else */
    char title[192]; /* the device, and the document where that does not tell it from the others */
    bool measured;   /* holds more than peers */
};

struct dcl_shown_runs {
    struct dcl_shown_run *list;
    int n;
    json_t *const *documents; /* that they are of */
    int document_count;
};

/* Runs with peers alone become part of the run of their device, where there is one. Empty when
 * there is no memory. */
struct dcl_shown_runs dcl_runs_of(json_t *const *documents, int n);
void dcl_runs_free(struct dcl_shown_runs *runs);

/* The value of a measured limit, NaN where it is not known. */
double dcl_measured_limit(const json_t *run, const char *name);

/* Limits in the order they are shown, and what they are. */
#define DCL_LIMITS 9
extern const struct dcl_limit_name {
    const char *key, *words;
} dcl_limit_names[DCL_LIMITS];

/* Geometric mean of the share of the roofline that the operations of a group (NULL: all) reach. */
double dcl_mean_share(const json_t *run, const char *group);

/* Groups of operations have colours of their own, 0 to DCL_COLOURS - 1; the last is for all else.
 */
#define DCL_COLOURS 11
int dcl_colour_of_group(const char *group);
/* That of the group which the operation of a node belongs to. */
int dcl_colour_of_op(const char *op);
const char *dcl_group_of_colour(int colour);

#endif
