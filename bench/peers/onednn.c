/* One convolution by oneDNN in the layouts that it prefers, for onednn_peer.py. Every algorithm and
 * every implementation that it offers is tried; the fastest stays. */
#define _POSIX_C_SOURCE 200809L
#include <dnnl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* As the cases have them. */
struct shape {
    int c, h, w, k, kh, kw, stride, pad, dilation, groups;
};

struct convolution {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    dnnl_memory_t in, weights, out;
    dnnl_memory_desc_t plain_in, plain_weights, plain_out;
};

#define TRY(call)                                                                                  \
    do {                                                                                           \
        if ((call) != dnnl_success)                                                                \
            return -1;                                                                             \
    } while (0)

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What the three tensors are, dense or in whatever layout is liked. */
static int tensors(const struct shape *s, int plain, dnnl_memory_desc_t md[3])
{
    const dnnl_dim_t reach_h = (dnnl_dim_t)s->dilation * (s->kh - 1) + 1,
                     reach_w = (dnnl_dim_t)s->dilation * (s->kw - 1) + 1;
    const dnnl_dims_t in = {1, s->c, s->h, s->w},
                      out = {1, s->k, (s->h + 2 * s->pad - reach_h) / s->stride + 1,
                             (s->w + 2 * s->pad - reach_w) / s->stride + 1},
                      dense = {s->k, s->c, s->kh, s->kw},
                      grouped = {s->groups, s->k / s->groups, s->c / s->groups, s->kh, s->kw};
    const int several = s->groups > 1;
    const dnnl_format_tag_t map = plain ? dnnl_nchw : dnnl_format_tag_any;
    const dnnl_format_tag_t filter = !plain    ? dnnl_format_tag_any
                                     : several ? dnnl_goihw
                                               : dnnl_oihw;
    TRY(dnnl_memory_desc_init_by_tag(&md[0], 4, in, dnnl_f32, map));
    TRY(dnnl_memory_desc_init_by_tag(&md[1], 4 + several, several ? grouped : dense, dnnl_f32,
                                     filter));
    TRY(dnnl_memory_desc_init_by_tag(&md[2], 4, out, dnnl_f32, map));
    return 0;
}

/* From one layout to another. */
static int reorder(struct convolution *c, dnnl_memory_t from, dnnl_memory_t to)
{
    const dnnl_memory_desc_t *a, *b;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    TRY(dnnl_memory_get_memory_desc(from, &a));
    TRY(dnnl_memory_get_memory_desc(to, &b));
    TRY(dnnl_reorder_primitive_desc_create(&desc, a, c->engine, b, c->engine, NULL));
    TRY(dnnl_primitive_create(&primitive, desc));
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    TRY(dnnl_primitive_execute(primitive, c->stream, 2, args));
    TRY(dnnl_stream_wait(c->stream));
    dnnl_primitive_destroy(primitive);
    dnnl_primitive_desc_destroy(desc);
    return 0;
}

static int copy(struct convolution *c, const dnnl_memory_desc_t *plain, void *host,
                dnnl_memory_t mine, int inwards)
{
    dnnl_memory_t dense;
    TRY(dnnl_memory_create(&dense, plain, c->engine, host));
    const int bad = inwards ? reorder(c, dense, mine) : reorder(c, mine, dense);
    dnnl_memory_destroy(dense);
    return bad;
}

/* The work of one run, waited for; 0 when it went well. */
int convolution_run(struct convolution *c)
{
    const dnnl_exec_arg_t args[] = {
        {DNNL_ARG_SRC, c->in}, {DNNL_ARG_WEIGHTS, c->weights}, {DNNL_ARG_DST, c->out}};
    TRY(dnnl_primitive_execute(c->primitive, c->stream, 3, args));
    TRY(dnnl_stream_wait(c->stream));
    return 0;
}

static void drop(struct convolution *c)
{
    dnnl_memory_destroy(c->in);
    dnnl_memory_destroy(c->weights);
    dnnl_memory_destroy(c->out);
    dnnl_primitive_destroy(c->primitive);
    dnnl_primitive_desc_destroy(c->desc);
}

/* Takes over `desc`. */
static int take(struct convolution *c, dnnl_primitive_desc_t desc, void *weights)
{
    c->desc = desc;
    const dnnl_query_t which[] = {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md};
    dnnl_memory_t *const memory[] = {&c->in, &c->weights, &c->out};
    TRY(dnnl_primitive_create(&c->primitive, desc));
    for (int i = 0; i < 3; i++)
        TRY(dnnl_memory_create(memory[i], dnnl_primitive_desc_query_md(desc, which[i], 0),
                               c->engine, DNNL_MEMORY_ALLOCATE));
    return copy(c, &c->plain_weights, weights, c->weights, 1);
}

/* Seconds of the fastest of several runs, or -1. */
static double cost(struct convolution *c)
{
    double best = -1;
    const double until = now() + 0.05;
    for (int i = 0; i < 4 || (now() < until && i < 50); i++) {
        const double start = now();
        if (convolution_run(c))
            return -1;
        const double t = now() - start;
        if (i && (best < 0 || t < best))
            best = t;
    }
    return best;
}

/* Try one offer; keep it in `best` when it is faster than what is there. */
static void consider(struct convolution *best, double *seconds, const struct convolution *empty,
                     dnnl_primitive_desc_t desc, void *weights)
{
    struct convolution c = *empty;
    const double t = take(&c, desc, weights) ? -1 : cost(&c);
    if (t < 0 || (*seconds >= 0 && t >= *seconds)) {
        drop(&c);
        return;
    }
    if (*seconds >= 0)
        drop(best);
    *best = c;
    *seconds = t;
}

static int choose(struct convolution *c, const struct shape *s, void *weights)
{
    dnnl_memory_desc_t md[3];
    if (tensors(s, 0, md))
        return -1;
    const dnnl_alg_kind_t kinds[] = {dnnl_convolution_direct, dnnl_convolution_winograd};
    const dnnl_dims_t strides = {s->stride, s->stride}, pads = {s->pad, s->pad},
                      holes = {s->dilation - 1, s->dilation - 1};
    const struct convolution empty = *c;
    double seconds = -1;
    for (int k = 0; k < 2; k++) {
        dnnl_convolution_desc_t wanted;
        dnnl_primitive_desc_iterator_t it;
        if (dnnl_dilated_convolution_forward_desc_init(&wanted, dnnl_forward_inference, kinds[k],
                                                       &md[0], &md[1], NULL, &md[2], strides, holes,
                                                       pads, pads) != dnnl_success ||
            dnnl_primitive_desc_iterator_create(&it, &wanted, NULL, c->engine, NULL) !=
                dnnl_success)
            continue;
        do {
            const char *name = "";
            dnnl_primitive_desc_t desc = dnnl_primitive_desc_iterator_fetch(it);
            dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, (void *)&name);
            if (seconds >= 0 && !strncmp(name, "ref", 3))
                dnnl_primitive_desc_destroy(desc); /* plain loops, seconds long */
            else
                consider(c, &seconds, &empty, desc, weights);
        } while (dnnl_primitive_desc_iterator_next(it) == dnnl_success);
        dnnl_primitive_desc_iterator_destroy(it);
    }
    return seconds < 0 ? -1 : 0;
}

void convolution_destroy(struct convolution *c)
{
    if (!c)
        return;
    drop(c);
    dnnl_stream_destroy(c->stream);
    dnnl_engine_destroy(c->engine);
    free(c);
}

/* `weights` are OIHW, or GOIHW with more than one group. NULL when oneDNN does not take the shape.
 */
struct convolution *convolution_create(const struct shape *s, float *weights)
{
    struct convolution *c = calloc(1, sizeof *c);
    dnnl_memory_desc_t md[3];
    if (!c || tensors(s, 1, md) || dnnl_engine_create(&c->engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&c->stream, c->engine, dnnl_stream_in_order) != dnnl_success) {
        free(c);
        return NULL;
    }
    c->plain_in = md[0];
    c->plain_weights = md[1];
    c->plain_out = md[2];
    if (!choose(c, s, weights))
        return c;
    dnnl_stream_destroy(c->stream);
    dnnl_engine_destroy(c->engine);
    free(c);
    return NULL;
}

/* x into oneDNN's layout, a run, the result to y; both dense NCHW. */
int convolution_answer(struct convolution *c, float *x, float *y)
{
    return copy(c, &c->plain_in, x, c->in, 1) || convolution_run(c) ||
           copy(c, &c->plain_out, y, c->out, 0);
}

/* The implementation that was chosen. */
const char *convolution_name(const struct convolution *c)
{
    const char *name = "";
    dnnl_primitive_desc_query(c->desc, dnnl_query_impl_info_str, 0, (void *)&name);
    return name;
}
