/* A whole detector, image to boxes: verified node by node, then timed in three scenarios. */
#include "harness/network.h"

#include "core/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_SAMPLES 2000
#define STREAM_IMAGES 8
#define STREAMS                                                                                    \
    2 /* detectors that take frames in turn: while one computes, the other's frame moves */
#define OFFLINE_ROUNDS 3
#define PROFILE_RUNS 5
#define MOST_NODES 4096

static const struct dcl_bench_budget single_budget = {20, 2.0, MOST_SAMPLES};
static const struct dcl_bench_budget multi_budget = {10, 2.0, MOST_SAMPLES};
static const struct dcl_bench_budget short_budget = {5, 0.4, MOST_SAMPLES};

struct subject {
    struct detcl_context *ctx, *other; /* two queues of one device */
    struct detcl_detector *streams[STREAMS];
    const struct dcl_bench_options *options;
    struct detcl_detector_params params;
    char sidecar[4096];
    double samples[MOST_SAMPLES], room[MOST_SAMPLES];
    int n;
};

/* --- opening -----------------------------------------------------------------------------------
 */

void dcl_bench_network_name(const char *model, char *name, size_t size)
{
    const char *slash = strrchr(model, '/');
    snprintf(name, size, "%s", slash ? slash + 1 : model);
    char *dot = strrchr(name, '.');
    if (dot && strcmp(dot, ".onnx") == 0)
        *dot = 0;
}

const char *dcl_bench_sidecar(const struct dcl_bench_network *network, char *path, size_t size)
{
    char name[256];
    struct stat info;
    dcl_bench_network_name(network->model, name, sizeof name);
    if (!network->folder)
        return NULL;
    snprintf(path, size, "%s/%s.detcl.json", network->folder, name);
    return stat(path, &info) == 0 ? path : NULL;
}

static enum detcl_status open_subject(struct subject *s, const struct dcl_bench_network *network)
{
    detcl_detector_params_init(&s->params);
    s->params.model = network->model;
    s->params.sidecar = dcl_bench_sidecar(network, s->sidecar, sizeof s->sidecar);
    DCL_TRY(&s->ctx->error, detcl_detector_create(s->ctx, &s->params, &s->streams[0]));
    const struct detcl_context_params same = {.device = s->ctx->info.id};
    struct detcl_error error;
    const enum detcl_status status = detcl_context_create(&same, &s->other, &error);
    if (status != DETCL_OK)
        return DCL_FAIL(&s->ctx->error, status, "%s", error.text);
    if (detcl_detector_create(s->other, &s->params, &s->streams[1]) == DETCL_OK)
        return DETCL_OK;
    return DCL_FAIL(&s->ctx->error, DETCL_ERROR_INTERNAL, "%s", detcl_context_error(s->other));
}

static void close_subject(struct subject *s)
{
    for (int i = 0; i < STREAMS; i++)
        detcl_detector_destroy(&s->streams[i]);
    detcl_context_destroy(&s->other);
}

/* --- frames ------------------------------------------------------------------------------------
 */

static enum detcl_status take(struct subject *s, int stream, int *boxes)
{
    const struct detcl_detection *list;
    const enum detcl_status status = detcl_detector_fetch(s->streams[stream], &list, boxes);
    if (status != DETCL_OK && stream > 0)
        return DCL_FAIL(&s->ctx->error, status, "%s", detcl_context_error(s->other));
    return status;
}

static enum detcl_status give(struct subject *s, int stream)
{
    const enum detcl_status status = detcl_detector_enqueue(s->streams[stream], s->options->image);
    if (status != DETCL_OK && stream > 0)
        return DCL_FAIL(&s->ctx->error, status, "%s", detcl_context_error(s->other));
    return status;
}

/* `images` frames, each enqueued before the one before it is fetched. */
static enum detcl_status pipeline(struct subject *s, int images)
{
    int boxes;
    for (int i = 0; i < images; i++) {
        DCL_TRY(&s->ctx->error, give(s, i % STREAMS));
        if (i > 0)
            DCL_TRY(&s->ctx->error, take(s, (i - 1) % STREAMS, &boxes));
    }
    return take(s, (images - 1) % STREAMS, &boxes);
}

static enum detcl_status one_frame(struct subject *s, int images)
{
    int boxes;
    (void)images;
    DCL_TRY(&s->ctx->error, give(s, 0));
    return take(s, 0, &boxes);
}

static enum detcl_status sample(struct subject *s, const struct dcl_bench_budget *budget,
                                enum detcl_status (*query)(struct subject *s, int images),
                                int images)
{
    DCL_TRY(&s->ctx->error, query(s, images));
    const double until = dcl_clock_ms() + 1e3 * budget->seconds;
    for (s->n = 0; s->n < budget->most; s->n++) {
        const double start = dcl_clock_ms();
        if (*s->options->stop || (s->n >= budget->least && start > until))
            break;
        DCL_TRY(&s->ctx->error, query(s, images));
        s->samples[s->n] = dcl_clock_ms() - start;
    }
    return DETCL_OK;
}

static json_t *samples_json(const struct subject *s)
{
    json_t *list = json_array();
    for (int i = 0; i < s->n; i++)
        json_array_append_new(list, dcl_json_number(s->samples[i]));
    return list;
}

/* The median multi-stream query also says how many images a second go through. */
static enum detcl_status run_scenarios(struct subject *s, json_t *scenarios, json_t *flags)
{
    const bool quick = s->options->quick;
    DCL_TRY(&s->ctx->error, sample(s, quick ? &short_budget : &single_budget, one_frame, 1));
    if (s->n > 0) {
        const struct dcl_statistics t = dcl_statistics_of(s->samples, s->n, s->room);
        dcl_json_flags(flags, &t);
        json_object_set_new(scenarios, "single_stream",
                            json_pack("{s:o, s:o}", "time",
                                      dcl_json_time(s->samples, s->n, s->room), "samples",
                                      samples_json(s)));
    }
    DCL_TRY(&s->ctx->error,
            sample(s, quick ? &short_budget : &multi_budget, pipeline, STREAM_IMAGES));
    if (s->n > 0)
        json_object_set_new(scenarios, "multi_stream",
                            json_pack("{s:i, s:o, s:o}", "images", STREAM_IMAGES, "time",
                                      dcl_json_time(s->samples, s->n, s->room), "samples",
                                      samples_json(s)));
    if (*s->options->stop || s->n < 1)
        return DETCL_OK;
    const double each = dcl_statistics_of(s->samples, s->n, s->room).median / STREAM_IMAGES;
    const int images = (int)fmin(1e5, fmax(16, (quick ? 150 : 700) / each));
    double rates[OFFLINE_ROUNDS], room[OFFLINE_ROUNDS];
    for (int i = 0; i < OFFLINE_ROUNDS; i++) {
        const double start = dcl_clock_ms();
        DCL_TRY(&s->ctx->error, pipeline(s, images));
        rates[i] = 1e3 * images / (dcl_clock_ms() - start);
    }
    const struct dcl_statistics rate = dcl_statistics_of(rates, OFFLINE_ROUNDS, room);
    json_object_set_new(scenarios, "offline",
                        json_pack("{s:i, s:f, s:f}", "images", images, "images_per_second",
                                  rate.median, "spread", rate.spread));
    return DETCL_OK;
}

/* --- verification and profile ------------------------------------------------------------------
 */

struct worst {
    double share, error, limit;
    char node[128];
};

static void note_worst(void *user, const struct detcl_node_error *node)
{
    struct worst *w = user;
    const double share = node->limit > 0 ? node->error / node->limit : node->error > 0 ? 2 : 0;
    if (share < w->share || !isfinite(node->error))
        return;
    w->share = share;
    w->error = node->error;
    w->limit = node->limit;
    snprintf(w->node, sizeof w->node, "%s", node->name);
}

static enum detcl_status verify(struct subject *s, json_t *row)
{
    struct worst w = {0};
    int boxes = 0;
    DCL_TRY(&s->ctx->error, give(s, 0));
    DCL_TRY(&s->ctx->error, take(s, 0, &boxes));
    json_object_set_new(row, "boxes", json_integer(boxes));
    DCL_TRY(&s->ctx->error,
            detcl_graph_validate(detcl_detector_graph(s->streams[0]), note_worst, &w));
    json_object_set_new(row, "verified",
                        json_pack("{s:f, s:f, s:o}", "error", w.error, "limit", w.limit, "node",
                                  dcl_json_text(w.node)));
    return DETCL_OK;
}

static json_t *profile_json(const struct detcl_node_time *nodes, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list,
                              json_pack("{s:o, s:s, s:f}", "node", dcl_json_text(nodes[i].name),
                                        "op", nodes[i].op, "ms", nodes[i].ms));
    return list;
}

/* A detector of its own, since timing each node slows the others down. */
static enum detcl_status profile(struct subject *s, json_t *row)
{
    struct detcl_node_time *nodes = calloc(MOST_NODES, sizeof *nodes);
    struct detcl_detector_params params = s->params;
    struct detcl_detector *d = NULL;
    const struct detcl_detection *list;
    int boxes, n = 0;
    params.profile = 1;
    if (!nodes)
        return DCL_FAIL(&s->ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    enum detcl_status status = detcl_detector_create(s->ctx, &params, &d);
    for (int i = 0; i < PROFILE_RUNS && status == DETCL_OK; i++) {
        status = detcl_detector_enqueue(d, s->options->image);
        if (status == DETCL_OK)
            status = detcl_detector_fetch(d, &list, &boxes);
    }
    if (status == DETCL_OK)
        status = detcl_graph_profile(detcl_detector_graph(d), nodes, MOST_NODES, &n);
    if (status == DETCL_OK)
        json_object_set_new(row, "profile", profile_json(nodes, n < MOST_NODES ? n : MOST_NODES));
    detcl_detector_destroy(&d);
    free(nodes);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------
 */

static void add_stats(struct subject *s, json_t *row)
{
    struct detcl_graph_stats stats;
    if (detcl_graph_stats(detcl_detector_graph(s->streams[0]), &stats) != DETCL_OK)
        return;
    json_object_set_new(row, "nodes", json_integer(stats.nodes));
    json_object_set_new(row, "launches", json_integer(stats.launches));
    json_object_set_new(row, "device_bytes", json_integer((json_int_t)stats.device_bytes));
}

static enum detcl_status measure(struct subject *s, const struct dcl_bench_network *network,
                                 json_t *row)
{
    json_t *scenarios = json_object(), *flags = json_array();
    json_object_set_new(row, "scenarios", scenarios);
    json_object_set_new(row, "flags", flags);
    DCL_TRY(&s->ctx->error, open_subject(s, network));
    DCL_TRY(&s->ctx->error, verify(s, row));
    add_stats(s, row);
    DCL_TRY(&s->ctx->error, run_scenarios(s, scenarios, flags));
    if (!*s->options->stop)
        DCL_TRY(&s->ctx->error, profile(s, row));
    if (!*s->options->stop)
        dcl_bench_starts(s->options, network, s->ctx->info.id, row);
    return DETCL_OK;
}

json_t *dcl_bench_measure_network(struct detcl_context *ctx,
                                  const struct dcl_bench_options *options,
                                  const struct dcl_bench_network *network)
{
    char name[256];
    dcl_bench_network_name(network->model, name, sizeof name);
    const char *slash = strrchr(network->model, '/');
    json_t *row = json_pack("{s:o, s:o, s:o}", "name", dcl_json_text(name), "file",
                            dcl_json_text(slash ? slash + 1 : network->model), "image",
                            dcl_json_text(options->image_file));
    struct subject *s = calloc(1, sizeof *s);
    if (s && row) {
        s->ctx = ctx;
        s->options = options;
        if (measure(s, network, row) != DETCL_OK) {
            json_object_set_new(row, "failed", dcl_json_text(detcl_context_error(ctx)));
            options->failure(options->user, name, detcl_context_error(ctx));
        }
        close_subject(s);
    }
    free(s);
    return row;
}
