#include "harness/tune.h"

#include "core/clock.h"
#include "harness/limits.h"
#include "harness/statistics.h"
#include "harness/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROUNDS 48
#define LEAST_ROUNDS 3
#define CONFIRM_ROUNDS 15
#define ROUNDS_A_CUT 4 /* after so many rounds what is clearly slower leaves */
#define CLEARLY 1.08
#define WORTH 0.98          /* of the model's time: less gain is noise */
#define PREPARING_SHARE 0.6 /* of the time, for making plans */

/* One way, planned and verified. */
struct way {
    int choice;
    struct dcl_exec *exec;
    bool live;
    double cold[MOST_ROUNDS], warm[MOST_ROUNDS],
        ratio[MOST_ROUNDS]; /* of time to the first way's */
    double score;           /* median ratio */
};

struct search {
    struct dcl_trial trial;
    struct dcl_choices choices;
    struct way ways[DCL_MOST_CHOICES]; /* the first is the model's, where that passed */
    int n, turn, rounds;
    double start, until; /* ms */
    const volatile sig_atomic_t *stop;
    struct dcl_tuning *found;
    struct dcl_tune_result *result;
};

/* --- planning ----------------------------------------------------------------------------------
 */

/* From here on plans of the context take this choice for this key. */
static enum detcl_status force(struct detcl_context *ctx, const char *key, const char *choice)
{
    dcl_tuning_free(&ctx->tuning);
    if (dcl_tuning_use(&ctx->tuning, key, choice, 0, 0))
        return DETCL_OK;
    return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
}

/* Plan and verify one way. What fails is put into quarantine, unless memory was short. */
static enum detcl_status try_way(struct search *s, int choice, size_t cache_bytes)
{
    struct detcl_context *ctx = s->trial.ctx;
    const char *text = s->choices.text[choice];
    DCL_TRY(&ctx->error, force(ctx, s->choices.key, text));
    const enum detcl_status status = dcl_trial_plan(&s->trial, cache_bytes);
    if (status == DETCL_OK) {
        s->ways[s->n++] = (struct way){.choice = choice, .exec = s->trial.exec, .live = true};
        s->trial.exec = NULL;
        return DETCL_OK;
    }
    if (status == DETCL_ERROR_MEMORY)
        return status;
    s->result->barred++;
    if (dcl_tuning_bar(s->found, s->choices.key, text, ctx->error.text))
        return DETCL_OK;
    return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
}

/* `known` says what is in quarantine already. */
static enum detcl_status prepare(struct search *s, const struct dcl_tuning *known)
{
    const size_t cache_bytes = dcl_bench_cache_bytes(s->trial.ctx);
    const double until = s->start + PREPARING_SHARE * (s->until - s->start);
    for (int i = 0; i < s->choices.n && !*s->stop; i++) {
        if (dcl_tuning_why(known, s->choices.key, s->choices.text[i]))
            continue;
        if (s->n >= 2 && dcl_clock_ms() > until)
            break;
        DCL_TRY(&s->trial.ctx->error, try_way(s, i, cache_bytes));
    }
    s->result->tried = s->n;
    if (s->n == 0 && !*s->stop)
        return DCL_FAIL(&s->trial.ctx->error, DETCL_ERROR_MISMATCH,
                        "none of the %d ways gives the twin's results", s->choices.n);
    return DETCL_OK;
}

/* --- measuring ---------------------------------------------------------------------------------
 */

static double median(const double *samples, int n)
{
    double room[MOST_ROUNDS];
    return dcl_statistics_of(samples, n, room).median;
}

/* Each live way once with operands that are in no cache, and again with the same. Networks are in
 * between: activations come from a cache, weights do not. Ratios within a round stay what they are
 * when the whole machine gets slower. */
static enum detcl_status run_round(struct search *s)
{
    struct dcl_trial *t = &s->trial;
    enum detcl_status status = DETCL_OK;
    for (int i = 0; i < s->n && status == DETCL_OK; i++) {
        struct way *w = &s->ways[i];
        double wall;
        if (!w->live)
            continue;
        const int set = s->turn++ % t->n_sets;
        t->exec = w->exec;
        status = dcl_trial_run(t, set, &wall, &w->cold[s->rounds]);
        if (status == DETCL_OK)
            status = dcl_trial_run(t, set, &wall, &w->warm[s->rounds]);
        const double own = w->cold[s->rounds] + w->warm[s->rounds];
        const double first = s->ways[0].cold[s->rounds] + s->ways[0].warm[s->rounds];
        w->ratio[s->rounds] = first > 0 ? own / first : 1;
    }
    t->exec = NULL;
    s->rounds++;
    return status;
}

static int rank(struct search *s)
{
    int best = 0;
    for (int i = 0; i < s->n; i++) {
        struct way *w = &s->ways[i];
        if (!w->live)
            continue;
        w->score = median(w->ratio, s->rounds);
        if (w->score < s->ways[best].score)
            best = i;
    }
    return best;
}

/* The first way stays, as the measure of the others. */
static void cut(struct search *s)
{
    const int best = rank(s);
    for (int i = 1; i < s->n; i++)
        s->ways[i].live &= s->ways[i].score <= CLEARLY * s->ways[best].score;
}

static enum detcl_status compare_all(struct search *s, int *best)
{
    while (!*s->stop && s->rounds < MOST_ROUNDS &&
           (s->rounds < LEAST_ROUNDS || dcl_clock_ms() < s->until)) {
        DCL_TRY(&s->trial.ctx->error, run_round(s));
        if (s->rounds % ROUNDS_A_CUT == 0)
            cut(s);
    }
    *best = s->rounds > 0 ? rank(s) : 0;
    return DETCL_OK;
}

/* The least of many is lucky too: only fresh samples tell whether it is faster than the first. */
static enum detcl_status confirm(struct search *s, int *best)
{
    for (int i = 0; i < s->n; i++)
        s->ways[i].live = i == 0 || i == *best;
    for (s->rounds = 0; s->rounds < CONFIRM_ROUNDS && !*s->stop;)
        DCL_TRY(&s->trial.ctx->error, run_round(s));
    if (s->rounds > 0 && rank(s) != 0 && s->ways[*best].score > WORTH)
        *best = 0;
    return DETCL_OK;
}

static double time_of(const struct search *s, int way)
{
    const struct way *w = &s->ways[way];
    return 0.5 * (median(w->cold, s->rounds) + median(w->warm, s->rounds));
}

static enum detcl_status conclude(struct search *s, int best)
{
    struct dcl_tune_result *r = s->result;
    const bool model_ran = s->ways[0].choice == 0;
    if (best != 0 && s->ways[best].score > WORTH)
        best = 0;
    r->best_ms = time_of(s, best);
    r->model_ms = model_ran ? time_of(s, 0) : 0;
    r->ratio = best ? 1 / s->ways[best].score : 1;
    snprintf(r->best, sizeof r->best, "%s", s->choices.text[s->ways[best].choice]);
    if (dcl_tuning_use(s->found, s->choices.key, r->best, (uint64_t)(1e6 * r->best_ms),
                       (uint64_t)(1e6 * r->model_ms)))
        return DETCL_OK;
    return DCL_FAIL(&s->trial.ctx->error, DETCL_ERROR_MEMORY, "out of memory");
}

/* --- a case ------------------------------------------------------------------------------------
 */

static enum detcl_status search(struct search *s, const struct dcl_tuning *known)
{
    int best = 0;
    DCL_TRY(&s->trial.ctx->error, prepare(s, known));
    if (*s->stop)
        return DETCL_OK;
    DCL_TRY(&s->trial.ctx->error, compare_all(s, &best));
    if (best != 0)
        DCL_TRY(&s->trial.ctx->error, confirm(s, &best));
    return *s->stop ? DETCL_OK : conclude(s, best);
}

static enum detcl_status tune(struct search *s, const struct dcl_bench_case *what,
                              struct detcl_context *ctx)
{
    struct dcl_tune_result *r = s->result;
    DCL_TRY(&ctx->error, dcl_trial_start(ctx, what, &s->trial));
    DCL_TRY(&ctx->error, dcl_trial_choices(&s->trial, &s->choices));
    r->choices = s->choices.n;
    if (s->choices.n < 2)
        return DETCL_OK;
    snprintf(r->key, sizeof r->key, "%s", s->choices.key);
    snprintf(r->model, sizeof r->model, "%s", s->choices.text[0]);
    struct dcl_tuning known = ctx->tuning;
    ctx->tuning = (struct dcl_tuning){0};
    const enum detcl_status status = search(s, &known);
    dcl_tuning_free(&ctx->tuning);
    ctx->tuning = known;
    return status;
}

enum detcl_status dcl_tune_case(struct detcl_context *ctx, const struct dcl_bench_case *what,
                                double seconds, const volatile sig_atomic_t *stop,
                                struct dcl_tuning *found, struct dcl_tune_result *result)
{
    *result = (struct dcl_tune_result){0};
    struct search *s = calloc(1, sizeof *s);
    if (!s)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    s->stop = stop;
    s->found = found;
    s->result = result;
    s->start = dcl_clock_ms();
    s->until = s->start + 1e3 * seconds;
    const enum detcl_status status = tune(s, what, ctx);
    for (int i = 0; i < s->n; i++)
        dcl_exec_destroy(&s->ways[i].exec);
    dcl_trial_close(&s->trial);
    free(s);
    return status;
}

enum detcl_status dcl_tune_key(struct detcl_context *ctx, const struct dcl_bench_case *what,
                               struct dcl_choices *out)
{
    struct dcl_trial *t = malloc(sizeof *t);
    out->n = 0;
    if (!t)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    enum detcl_status status = dcl_trial_start(ctx, what, t);
    if (status == DETCL_OK)
        status = dcl_trial_choices(t, out);
    dcl_trial_close(t);
    free(t);
    return status;
}
