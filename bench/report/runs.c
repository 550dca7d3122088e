#include "report/runs.h"
#include "report/read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct dcl_limit_name dcl_limit_names[DCL_LIMITS] = {
    {"copy", "global memory, copy"},        {"local", "local memory"},
    {"upload", "host to device"},           {"download", "device to host"},
    {"fp32", "multiply-add, fp32"},         {"fp16", "multiply-add, fp16"},
    {"fp64", "multiply-add, fp64"},         {"launch", "launch"},
    {"launch_finish", "launch and finish"},
};

static bool is_measured(const json_t *run)
{
    return json_array_size(json_object_get(run, "operations")) > 0 ||
           json_array_size(json_object_get(run, "networks")) > 0 ||
           json_object_size(json_object_get(run, "limits")) > 0;
}

static bool same_text(const struct dcl_shown_run *a, const struct dcl_shown_run *b,
                      const char *path)
{
    return strcmp(dcl_text_at(a->run, path), dcl_text_at(b->run, path)) == 0;
}

static void name_run(struct dcl_shown_runs *runs, struct dcl_shown_run *run)
{
    const char *device = dcl_text_at(run->run, "device.name");
    const char *label = dcl_text_at(run->document, "label");
    int same = 0;
    for (int i = 0; i < runs->n; i++)
        same += same_text(run, &runs->list[i], "device.name");
    if (same > 1)
        snprintf(run->title, sizeof run->title, "%.100s (%.80s)", device,
                 *label ? label : dcl_text_at(run->run, "device.platform"));
    else
        snprintf(run->title, sizeof run->title, "%.180s", device);
}

static void extend(json_t *to, const json_t *from, const char *part)
{
    json_t *both = json_array();
    json_array_extend(both, json_object_get(to, part));
    json_array_extend(both, json_object_get(from, part));
    json_object_set_new(to, part, both);
}

/* True: the peers of `run` are now with the measured run of its device. */
static bool join_peers(struct dcl_shown_runs *runs, const struct dcl_shown_run *run)
{
    for (int i = 0; i < runs->n && !run->measured; i++) {
        struct dcl_shown_run *to = &runs->list[i];
        if (!to->measured || !same_text(run, to, "device.name") ||
            !same_text(run, to, "device.platform"))
            continue;
        json_t *joined = json_copy(to->run); /* the document stays as it is */
        extend(joined, run->run, "peers");
        extend(joined, run->run, "absent_peers");
        json_decref(to->run);
        to->run = joined;
        return true;
    }
    return false;
}

static void join_all_peers(struct dcl_shown_runs *runs)
{
    int kept = 0;
    for (int i = 0; i < runs->n; i++) {
        if (join_peers(runs, &runs->list[i]))
            json_decref(runs->list[i].run);
        else
            runs->list[kept++] = runs->list[i];
    }
    runs->n = kept;
}

struct dcl_shown_runs dcl_runs_of(json_t *const *documents, int n)
{
    struct dcl_shown_runs runs = {.documents = documents, .document_count = n};
    size_t most = 0, r;
    json_t *run;
    for (int d = 0; d < n; d++)
        most += json_array_size(json_object_get(documents[d], "runs"));
    runs.list = calloc(most + 1, sizeof *runs.list);
    for (int d = 0; runs.list && d < n; d++) {
        json_array_foreach(json_object_get(documents[d], "runs"), r, run)
        {
            runs.list[runs.n++] = (struct dcl_shown_run){
                .document = documents[d], .run = json_incref(run), .measured = is_measured(run)};
        }
    }
    join_all_peers(&runs);
    for (int i = 0; i < runs.n; i++)
        name_run(&runs, &runs.list[i]);
    return runs;
}

void dcl_runs_free(struct dcl_shown_runs *runs)
{
    for (int i = 0; i < runs->n; i++)
        json_decref(runs->list[i].run);
    free(runs->list);
    *runs = (struct dcl_shown_runs){0};
}

double dcl_measured_limit(const json_t *run, const char *name)
{
    return dcl_number_at(json_object_get(json_object_get(run, "limits"), name), "value");
}

double dcl_mean_share(const json_t *run, const char *group)
{
    double sum = 0;
    int n = 0;
    size_t i;
    json_t *operation;
    json_array_foreach(json_object_get(run, "operations"), i, operation)
    {
        const double share = dcl_number_at(operation, "share");
        if (!(share > 0) || dcl_failure(operation) ||
            (group && strcmp(group, dcl_text_at(operation, "group")) != 0))
            continue;
        sum += log(share);
        n++;
    }
    return n ? exp(sum / n) : (double)NAN;
}

static const char *const groups[DCL_COLOURS] = {"convolution", "gemm",   "nms",    "pooling",
                                                "decoder",     "region", "resize", "iou",
                                                "elementwise", "sort",   "other"};

int dcl_colour_of_group(const char *group)
{
    for (int i = 0; i < DCL_COLOURS; i++)
        if (strcmp(groups[i], group) == 0)
            return i;
    return DCL_COLOURS - 1;
}

int dcl_colour_of_op(const char *op)
{
    static const struct {
        const char *part, *group;
    } parts[] = {{"nms", "nms"},
                 {"suppression", "nms"},
                 {"deform", "region"},
                 {"roi", "region"},
                 {"attn", "region"},
                 {"grid_sample", "region"},
                 {"conv", "convolution"},
                 {"gemm", "gemm"},
                 {"pool", "pooling"},
                 {"decode", "decoder"},
                 {"resize", "resize"},
                 {"letterbox", "resize"},
                 {"iou", "iou"},
                 {"unary", "elementwise"},
                 {"binary", "elementwise"},
                 {"softmax", "elementwise"},
                 {"clip", "elementwise"},
                 {"transpose", "elementwise"},
                 {"concat", "elementwise"},
                 {"copy", "elementwise"},
                 {"sort", "sort"},
                 {"topk", "sort"},
                 {"select", "sort"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(op, parts[i].part))
            return dcl_colour_of_group(parts[i].group);
    return DCL_COLOURS - 1;
}

const char *dcl_group_of_colour(int colour)
{
    return groups[colour];
}
