/* Slices that take every s-th row and column of an image (the "focus" of YOLOv5 and YOLOX), joined
 * along the channels and read by a convolution: one convolution of the image with taps and strides
 * s times as large. Input channel j C + c of the first is channel c of the second at offset j's
 * rows and columns: w'[o, c, u s + dy(j), v s + dx(j)] = w[o, j C + c, u, v]. */
#include "graph/match.h"
#include "graph/passes.h"
#include "ops/conv2d.h"
#include "ops/slice.h"

#define MOST_NESTED 8

/* What one joined input takes of the image: rows and columns from `start`, `step` apart. */
struct grid {
    struct dcl_value *image;
    int64_t start[2], step[2];
};

/* Follow slices from v back to what they cut; false when they cut images or channels. */
static bool trace(const struct dcl_graph *g, struct dcl_value *v, struct grid *out)
{
    *out = (struct grid){v, {0, 0}, {1, 1}};
    for (int i = 0; i < MOST_NESTED; i++) {
        struct dcl_slice_range r[DETCL_MAX_RANK];
        const struct dcl_node *node = dcl_graph_producer(g, out->image);
        if (!dcl_is(node, "slice") || node->call.in[0]->desc.rank != 4 ||
            dcl_slice_ranges(&node->call, r) != DETCL_OK)
            return i > 0;
        out->image = node->call.in[0];
        for (int k = 0; k < 2; k++)
            if (r[k].start != 0 || r[k].step != 1 || r[k].length != DCL_DIM(out->image, k))
                return false;
        for (int k = 0; k < 2; k++) {
            out->start[k] = r[2 + k].start + out->start[k] * r[2 + k].step;
            out->step[k] *= r[2 + k].step;
        }
    }
    return false;
}

/* The grids of all inputs of the concatenation: each offset of one image once. */
static bool covers(const struct dcl_graph *g, const struct dcl_call *join, struct grid *grids)
{
    uint64_t seen = 0;
    for (int i = 0; i < join->n_in; i++) {
        const struct grid *first = &grids[0], *at = &grids[i];
        if (!trace(g, join->in[i], &grids[i]) || at->image != first->image)
            return false;
        for (int k = 0; k < 2; k++) {
            const int64_t extent = DCL_DIM(at->image, 2 + k);
            if (at->step[k] < 1 || at->step[k] != first->step[k] || at->start[k] >= at->step[k] ||
                extent % at->step[k] || DCL_DIM(join->in[i], 2 + k) != extent / at->step[k])
                return false;
        }
        if (at->step[0] * at->step[1] != join->n_in)
            return false;
        seen |= (uint64_t)1 << (at->start[0] * at->step[1] + at->start[1]);
    }
    return seen == ((uint64_t)1 << join->n_in) - 1;
}

static enum detcl_status fold(struct dcl_graph *g, struct dcl_node *node,
                              const struct dcl_conv2d *c, const struct grid *grids, int n)
{
    struct dcl_call *call = &node->call;
    const struct dcl_window *v = &c->window;
    const int64_t *s = grids[0].step, channels = c->channels / n;
    const int64_t height = v->kernel[1] * s[0], width = v->kernel[2] * s[1];
    struct detcl_desc desc = {DETCL_F32, 4, {c->out_channels, channels, height, width}};
    const int64_t count = detcl_desc_count(&desc);
    float *weights = dcl_arena_array(&g->arena, (size_t)count, sizeof *weights);
    const float *from = call->in[1]->constant;
    if (!weights)
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    for (int64_t i = 0; i < count; i++) {
        const int64_t tap = i % v->kernel[2], row = i / v->kernel[2] % v->kernel[1];
        const int64_t plane = i / v->kernel[2] / v->kernel[1];
        const int64_t o = plane / c->channels, j = plane % c->channels / channels;
        const int64_t y = row * s[0] + grids[j].start[0], x = tap * s[1] + grids[j].start[1];
        weights[((o * channels + plane % channels) * height + y) * width + x] = from[i];
    }
    call->in[0] = grids[0].image;
    call->in[1] = dcl_graph_constant(g, call->in[1]->name, &desc, weights);
    if (!call->in[1])
        return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory");
    struct dcl_conv2d_attrs *a = node->attrs;
    a->window = (struct dcl_window_attrs){
        .kernel_shape = {2, {height, width}},
        .strides = {2, {v->stride[1] * s[0], v->stride[2] * s[1]}},
        .pads = {4, {v->begin[1] * s[0], v->begin[2] * s[1], v->end[1] * s[0], v->end[2] * s[1]}},
        .auto_pad = DCL_PAD_NOTSET};
    return call->op->infer(call);
}

static bool folds(const struct dcl_graph *g, const struct dcl_node *node, struct dcl_conv2d *c)
{
    return dcl_is(node, "conv2d") && node->call.in[1]->constant &&
           node->call.in[0]->desc.rank == 4 && dcl_only_reader(g, node->call.in[0]) >= 0 &&
           dcl_conv2d_describe(&node->call, c) == DETCL_OK && c->groups == 1 &&
           c->window.dilation[1] == 1 && c->window.dilation[2] == 1;
}

enum detcl_status dcl_pass_space_to_depth(struct dcl_graph *g)
{
    struct grid grids[16];
    for (int i = 0; i < g->n_nodes; i++) {
        struct dcl_node *node = g->nodes[i];
        struct dcl_conv2d c;
        if (!folds(g, node, &c))
            continue;
        const struct dcl_node *join = dcl_graph_producer(g, node->call.in[0]);
        if (dcl_is(join, "concat") && join->call.n_in > 1 && join->call.n_in <= 16 &&
            DCL_DIM(join->call.out[0], 1) == join->call.n_in * DCL_DIM(join->call.in[0], 1) &&
            covers(g, &join->call, grids))
            DCL_TRY(g->error, fold(g, node, &c, grids, join->call.n_in));
    }
    dcl_graph_prune(g);
    return DETCL_OK;
}
