/* Looking inside a detector: time of each node, and each node against its CPU twin. */
#include "detect.h"

#include <stdlib.h>

static int slower_first(const void *a, const void *b)
{
    const double x = ((const struct detcl_node_time *)a)->ms;
    const double y = ((const struct detcl_node_time *)b)->ms;
    return (x < y) - (x > y);
}

enum dcl_exit dcl_detect_profile(struct dcl_console *console, struct detcl_context *ctx,
                                 struct detcl_detector *d, FILE *to)
{
    struct detcl_graph *g = detcl_detector_graph(d);
    int n = 0;
    enum detcl_status status = detcl_graph_profile(g, NULL, 0, &n);
    struct detcl_node_time *list = calloc((size_t)n + 1, sizeof *list);
    if (status == DETCL_OK)
        status = list ? detcl_graph_profile(g, list, n, &n) : DETCL_ERROR_MEMORY;
    if (status != DETCL_OK) {
        dcl_console_error(console, "profile: %s", detcl_context_error(ctx));
        free(list);
        return dcl_exit_of(status);
    }
    double total = 0;
    for (int i = 0; i < n; i++)
        total += list[i].ms;
    qsort(list, (size_t)n, sizeof *list, slower_first);
    fprintf(to, "%10s %6s  %-20s %s\n", "ms", "%", "op", "node");
    for (int i = 0; i < n; i++)
        fprintf(to, "%10.3f %6.1f  %-20s %s\n", list[i].ms,
                total > 0 ? 100 * list[i].ms / total : 0, list[i].op, list[i].name);
    fprintf(to, "%10.3f         %d nodes\n", total, n);
    free(list);
    return DCL_EXIT_OK;
}

struct validation {
    const struct dcl_console *console;
    FILE *to;
    int nodes, failed;
};

static void receive_node(void *user, const struct detcl_node_error *node)
{
    struct validation *v = user;
    v->nodes++;
    v->failed += !node->passed;
    if (!node->passed || v->console->verbose)
        fprintf(v->to, "%s %-20s %s: error %.3g, limit %.3g\n", node->passed ? "ok  " : "FAIL",
                node->op, node->name, node->error, node->limit);
}

enum dcl_exit dcl_detect_validate(struct dcl_console *console, struct detcl_context *ctx,
                                  struct detcl_detector *d, FILE *to)
{
    struct validation v = {.console = console, .to = to};
    const enum detcl_status status =
        detcl_graph_validate(detcl_detector_graph(d), receive_node, &v);
    fprintf(to, "validation: %d nodes, %d beyond their limit\n", v.nodes, v.failed);
    if (status == DETCL_OK)
        return DCL_EXIT_OK;
    dcl_console_error(console, "%s", detcl_context_error(ctx));
    return DCL_EXIT_RUNTIME;
}
