#include "detect/recognise.h"

#include "detect/text.h"
#include "graph/match.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define END_TO_END_ROWS 1000

/* The sets of strides that detectors use, the common one first. */
static const struct dcl_strides stride_sets[] = {
    {3, {8, 16, 32}},
    {4, {8, 16, 32, 64}},
    {5, {8, 16, 32, 64, 128}},
    {2, {16, 32}},
    {2, {8, 16}},
    {1, {8}},
    {4, {4, 8, 16, 32}},
    {1, {16}},
    {1, {32}},
};

static int64_t cells(const struct dcl_network *net, const struct dcl_strides *strides)
{
    int64_t n = 0;
    for (int i = 0; i < strides->n; i++) {
        const int s = strides->v[i];
        n += (int64_t)((net->width + s - 1) / s) * ((net->height + s - 1) / s);
    }
    return n;
}

/* The strides whose levels have `rows` boxes together, `anchors` in a cell; NULL if none. */
static const struct dcl_strides *strides_of(const struct dcl_network *net, int64_t rows,
                                            int anchors)
{
    for (size_t i = 0; i < sizeof stride_sets / sizeof *stride_sets; i++)
        if (cells(net, &stride_sets[i]) * anchors == rows)
            return &stride_sets[i];
    return NULL;
}

static void give_strides(struct dcl_detect_spec *layer, const struct dcl_strides *strides)
{
    layer->strides = *strides;
    dcl_spec_give(layer, DCL_SET_STRIDES);
}

static void give_head(struct dcl_detect_spec *layer, enum dcl_head_type head)
{
    layer->head = head;
    dcl_spec_give(layer, DCL_SET_HEAD);
}

static void give_decoded(struct dcl_detect_spec *layer, bool decoded)
{
    layer->decoded = decoded;
    dcl_spec_give(layer, DCL_SET_DECODED);
}

static void add_output(struct dcl_detect_spec *layer, const struct dcl_value *v)
{
    if (layer->outputs.n < DCL_MAX_HEAD_OUTPUTS)
        layer->outputs.v[layer->outputs.n++] = v->name;
    dcl_spec_give(layer, DCL_SET_OUTPUTS);
}

/* --- nodes that make an output ----------------------------------------------------------- */

static bool is_product(const struct dcl_node *node)
{
    return dcl_is(node, "conv2d") || dcl_is(node, "conv_transpose2d") || dcl_is(node, "matmul") ||
           dcl_is(node, "gemm");
}

/* True when an exponential lies between `v` and the products that it comes from: the sign of boxes
 * that the network has already decoded. Nodes are in topological order. */
static bool exponentiated(const struct dcl_graph *g, const struct dcl_value *v)
{
    const struct dcl_value *wanted[256];
    int n = 0;
    wanted[n++] = v;
    for (int i = g->n_nodes - 1; i >= 0; i--) {
        const struct dcl_call *c = &g->nodes[i]->call;
        bool on_path = false;
        for (int k = 0; k < c->n_out; k++)
            for (int w = 0; w < n; w++)
                on_path |= c->out[k] && c->out[k] == wanted[w];
        if (!on_path || is_product(g->nodes[i]))
            continue;
        if (dcl_is_kind(g->nodes[i], "unary", "exp"))
            return true;
        for (int k = 0; k < c->n_in; k++)
            if (c->in[k] && n < (int)(sizeof wanted / sizeof *wanted))
                wanted[n++] = c->in[k];
    }
    return false;
}

/* The node behind `v`, past nodes that only move elements. */
static const struct dcl_node *maker(const struct dcl_graph *g, const struct dcl_value *v)
{
    const struct dcl_node *node = dcl_graph_producer(g, v);
    while (node && ((node->call.op->flags & DCL_OP_ALIAS) || dcl_is(node, "transpose") ||
                    dcl_is(node, "concat")))
        node = dcl_graph_producer(g, node->call.in[0]);
    return node;
}

static bool is_final(const struct dcl_graph *g, const struct dcl_value *v)
{
    const struct dcl_node *node = maker(g, v);
    return dcl_is(node, "softmax") || dcl_is_kind(node, "unary", "sigmoid");
}

/* --- heads ------------------------------------------------------------------------------- */

static const struct dcl_value *output_called(const struct dcl_graph *g, const char *kind,
                                             int stride)
{
    char name[32];
    snprintf(name, sizeof name, "%s_%d", kind, stride);
    for (int i = 0; i < g->n_outputs; i++)
        if (strcmp(g->outputs[i]->name, name) == 0)
            return g->outputs[i];
    return NULL;
}

/* cls_S, obj_S and bbox_S for each stride S. */
static bool is_yunet(const struct dcl_network *net, struct dcl_detect_spec *layer)
{
    static const char *const kinds[] = {"cls", "obj", "bbox"};
    struct dcl_strides strides = {0};
    for (int s = 4; s <= 128; s *= 2)
        if (output_called(net->graph, "cls", s))
            strides.v[strides.n++] = s;
    if (!strides.n)
        return false;
    for (size_t k = 0; k < 3; k++) {
        for (int i = 0; i < strides.n; i++) {
            const struct dcl_value *v = output_called(net->graph, kinds[k], strides.v[i]);
            if (!v)
                return false;
            add_output(layer, v);
        }
    }
    give_head(layer, DCL_HEAD_YUNET);
    give_strides(layer, &strides);
    return true;
}

static bool named(const struct dcl_value *v, const char *const *words)
{
    for (; *words; words++)
        for (const char *at = v->name; *at; at++)
            if (strncasecmp(at, *words, strlen(*words)) == 0)
                return true;
    return false;
}

/* Nine boxes in each cell of P3 to P7. */
static bool is_pyramid(const struct dcl_network *net, int64_t rows, struct dcl_detect_spec *layer)
{
    const struct dcl_strides *strides = strides_of(net, rows, 9);
    if (!strides || strides->n != 5)
        return false;
    give_strides(layer, strides);
    return true;
}

/* One output 1xNx4 named for boxes and one 1xNxC named for scores. */
static bool is_boxes_and_scores(const struct dcl_network *net, struct dcl_detect_spec *layer)
{
    static const char *const boxes_words[] = {"box", "loc", NULL};
    static const char *const scores_words[] = {"score", "conf", "cls", "prob", NULL};
    const struct dcl_graph *g = net->graph;
    const struct dcl_value *boxes = NULL, *scores = NULL;
    for (int i = 0; i < g->n_outputs; i++) {
        const struct dcl_value *v = g->outputs[i];
        if (v->desc.rank != 3)
            continue;
        if (DCL_DIM(v, 2) == 4 && named(v, boxes_words))
            boxes = v;
        else if (named(v, scores_words))
            scores = v;
    }
    if (!boxes || !scores || DCL_DIM(boxes, 1) != DCL_DIM(scores, 1))
        return false;
    if (exponentiated(g, boxes))
        give_head(layer, DCL_HEAD_CORNER);
    else if (is_pyramid(net, DCL_DIM(boxes, 1), layer))
        give_head(layer, DCL_HEAD_RETINANET);
    else
        give_head(layer, DCL_HEAD_SSD);
    add_output(layer, boxes);
    add_output(layer, scores);
    return true;
}

/* One output 1xNxD (YOLOX, YOLOv5) or 1xDxN (YOLOv8). */
static bool is_yolo(const struct dcl_network *net, int names, struct dcl_detect_spec *layer)
{
    const struct dcl_value *v = net->graph->outputs[0];
    if (v->desc.rank != 3)
        return false;
    const int64_t rows = DCL_DIM(v, 1), columns = DCL_DIM(v, 2);
    const struct dcl_strides *strides;
    if (rows >= 5 && (!names || rows == 4 + names) && (strides = strides_of(net, columns, 1))) {
        give_head(layer, DCL_HEAD_YOLOV8);
        give_decoded(layer, true);
    } else if (columns >= 6 && (!names || columns == 5 + names) &&
               (strides = strides_of(net, rows, 1))) {
        give_head(layer, DCL_HEAD_YOLOX);
        give_decoded(layer, exponentiated(net->graph, v));
    } else if (columns >= 6 && (!names || columns == 5 + names) &&
               (strides = strides_of(net, rows, 3))) {
        give_head(layer, DCL_HEAD_YOLOV5);
        give_decoded(layer, true);
    } else {
        return false;
    }
    give_strides(layer, strides);
    add_output(layer, v);
    return true;
}

/* One output 1 x A(5+C) x H/32 x W/32. */
static bool is_yolov2(const struct dcl_network *net, int names, struct dcl_detect_spec *layer)
{
    const struct dcl_value *v = net->graph->outputs[0];
    if (v->desc.rank != 4 || DCL_DIM(v, 2) * 32 != net->height ||
        DCL_DIM(v, 3) * 32 != net->width || DCL_DIM(v, 1) < 6 ||
        (names && DCL_DIM(v, 1) % (5 + names)))
        return false;
    give_head(layer, DCL_HEAD_YOLOV2);
    add_output(layer, v);
    return true;
}

void dcl_recognise(const struct dcl_network *net, int names, struct dcl_detect_spec *layer)
{
    const struct dcl_graph *g = net->graph;
    if (is_yunet(net, layer))
        return;
    *layer = (struct dcl_detect_spec){0};
    if (is_boxes_and_scores(net, layer))
        return;
    if (g->n_outputs == 1 && !is_yolo(net, names, layer))
        is_yolov2(net, names, layer);
}

void dcl_recognise_details(const struct dcl_network *net, const struct dcl_detect_spec *spec,
                           struct dcl_detect_spec *layer)
{
    const struct dcl_graph *g = net->graph;
    for (int i = 0; i < g->n_outputs; i++)
        add_output(layer, g->outputs[i]);
    const struct dcl_output_names *names = &layer->outputs;
    if (dcl_spec_has(spec, DCL_SET_OUTPUTS))
        names = &spec->outputs;
    const bool boxes_first = spec->head == DCL_HEAD_SSD || spec->head == DCL_HEAD_RETINANET ||
                             spec->head == DCL_HEAD_CORNER;
    const char *name = names->v[boxes_first ? names->n - 1 : 0];
    for (int i = 0; i < g->n_outputs; i++) {
        if (strcmp(g->outputs[i]->name, name) == 0 && is_final(g, g->outputs[i])) {
            layer->activation = DCL_SCORES_FINAL;
            dcl_spec_give(layer, DCL_SET_ACTIVATION);
        }
    }
}

/* --- nothing recognised ------------------------------------------------------------------ */

static int64_t classes_of(const struct dcl_value *v)
{
    const struct detcl_desc *d = &v->desc;
    const bool flat = d->rank == 2 || (d->rank == 4 && d->dims[2] == 1 && d->dims[3] == 1);
    return flat && d->dims[0] == 1 ? d->dims[1] : 0;
}

enum detcl_status dcl_unrecognised(const struct dcl_network *net, const char *model,
                                   const char *task, struct dcl_error *e)
{
    const struct dcl_graph *g = net->graph;
    char room[512], heads[128];
    struct dcl_text t = dcl_text_in(room, sizeof room);
    for (int i = 0; i < g->n_outputs; i++) {
        const struct dcl_value *v = g->outputs[i];
        dcl_text_put(&t, "%s'%s' ", i ? ", " : "", v->name);
        for (int k = 0; k < v->desc.rank; k++)
            dcl_text_put(&t, "%s%lld", k ? "x" : "", (long long)DCL_DIM(v, k));
        if (g->n_outputs == 1 && classes_of(v) > 1)
            dcl_text_put(&t, " looks like a classifier");
    }
    if (task)
        dcl_text_put(&t, " (task '%s')", task);
    return DCL_FAIL(e, DETCL_ERROR_MODEL,
                    "%s: no detection head recognised: output%s %s; give option --head or sidecar "
                    "key head.type (%s)",
                    model, g->n_outputs == 1 ? "" : "s", room,
                    dcl_name_list(dcl_head_names, heads, sizeof heads));
}
