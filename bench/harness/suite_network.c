/* Operations of networks. */
#include "harness/suite.h"

#include <stdio.h>

struct convolution {
    const char *name;
    int64_t c, h, w, k, kh, kw, stride, pad, dilation, groups;
};

static const struct convolution convolutions[] = {
#define CONVOLUTION(...) {__VA_ARGS__},
#include "suite/convolutions.def"
#undef CONVOLUTION
};

static int64_t output_extent(const struct convolution *v, int64_t size, int64_t kernel)
{
    return (size + 2 * v->pad - v->dilation * (kernel - 1) - 1) / v->stride + 1;
}

static void add_convolution(struct dcl_suite *suite, const struct convolution *v)
{
    char attributes[160];
    const long long s = v->stride, p = v->pad, d = v->dilation, g = v->groups;
    snprintf(attributes, sizeof attributes,
             "strides=%lld,%lld pads=%lld,%lld,%lld,%lld dilations=%lld,%lld group=%lld", s, s, p,
             p, p, p, d, d, g);
    struct dcl_bench_case *c = dcl_suite_add(suite, "convolution", "conv2d", attributes, 1);
    dcl_bench_name(c, "conv2d/%s", v->name);
    DCL_BENCH_IN(c, suite->batch, v->c, v->h, v->w);
    DCL_BENCH_IN(c, v->k, v->c / v->groups, v->kh, v->kw)->constant = true;
    DCL_BENCH_IN(c, v->k)->constant = true;
    c->flops = 2.0 * (double)(suite->batch * v->k * output_extent(v, v->h, v->kh)) *
               (double)(output_extent(v, v->w, v->kw) * v->c / v->groups * v->kh * v->kw);
}

/* As decoders of heatmaps and masks have them. */
static void add_transposed(struct dcl_suite *suite)
{
    static const struct {
        const char *name, *attributes;
        int64_t c, size, kernel;
    } list[] = {{"256x16x16_4x4_s2", "strides=2,2 pads=1,1,1,1", 256, 16, 4},
                {"64x64x64_4x4_s2", "strides=2,2 pads=1,1,1,1", 64, 64, 4},
                {"256x14x14_2x2_s2", "strides=2,2", 256, 14, 2}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const int64_t n = list[i].c, size = list[i].size, kernel = list[i].kernel;
        struct dcl_bench_case *c =
            dcl_suite_add(suite, "convolution", "conv_transpose", list[i].attributes, 1);
        dcl_bench_name(c, "conv_transpose/%s", list[i].name);
        DCL_BENCH_IN(c, suite->batch, n, size, size);
        DCL_BENCH_IN(c, n, n, kernel, kernel)->constant = true;
        c->flops = 2.0 * (double)(suite->batch * n * n) * (double)(kernel * kernel * size * size);
    }
}

static void add_pools(struct dcl_suite *suite)
{
    static const struct {
        const char *name, *attributes;
        int64_t c, h, w;
    } list[] = {
        {"max_3x3_s2_112", "kind=max kernel_shape=3,3 strides=2,2 pads=1,1,1,1", 64, 112, 112},
        {"max_2x2_s2_300", "kind=max kernel_shape=2,2 strides=2,2", 64, 300, 300},
        {"max_5x5_s1_20", "kind=max kernel_shape=5,5 pads=2,2,2,2", 128, 20, 20},
        {"average_2x2_s2_56", "kind=average kernel_shape=2,2 strides=2,2", 256, 56, 56},
        {"global_average_7", "kind=average global=1", 2048, 7, 7},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct dcl_bench_case *c = dcl_suite_add(suite, "pooling", "pool", list[i].attributes, 1);
        dcl_bench_name(c, "pool/%s", list[i].name);
        DCL_BENCH_IN(c, suite->batch, list[i].c, list[i].h, list[i].w);
    }
}

static void add_gemms(struct dcl_suite *suite)
{
    static const int64_t list[][3] = {{256, 256, 256}, {1024, 1024, 1024}, {3136, 64, 64},
                                      {300, 256, 256}, {1, 1000, 2048},    {1000, 1024, 12544}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const int64_t m = list[i][0], n = list[i][1], k = list[i][2];
        struct dcl_bench_case *c = dcl_suite_add(suite, "gemm", "gemm", "", 1);
        dcl_bench_name(c, "gemm/%lldx%lldx%lld", (long long)m, (long long)n, (long long)k);
        DCL_BENCH_IN(c, m, k);
        DCL_BENCH_IN(c, k, n)->constant = true;
        c->flops = 2.0 * (double)m * (double)n * (double)k;
    }
}

static void add_resizes(struct dcl_suite *suite)
{
    static const struct {
        const char *name, *attributes;
        int64_t c, h;
    } list[] = {
        {"nearest_x2_20", "coordinate_transformation_mode=asymmetric nearest_mode=floor", 256, 20},
        {"nearest_x2_40", "coordinate_transformation_mode=asymmetric nearest_mode=floor", 128, 40},
        {"linear_x2_25", "mode=linear", 256, 25}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct dcl_bench_case *c = dcl_suite_add(suite, "resize", "resize", list[i].attributes, 1);
        dcl_bench_name(c, "resize/%s", list[i].name);
        DCL_BENCH_IN(c, suite->batch, list[i].c, list[i].h, list[i].h);
        DCL_BENCH_IN(c, 0)->absent = true;
        struct dcl_bench_input *scales = DCL_BENCH_IN(c, 4);
        scales->fill = DCL_BENCH_SCALES;
        scales->lo = 2;
        scales->constant = true;
    }
    struct dcl_bench_case *c =
        dcl_suite_add(suite, "resize", "letterbox", "height=640 width=640 pad=114", 1);
    dcl_bench_name(c, "letterbox/720p_to_640");
    struct dcl_bench_input *frame = DCL_BENCH_IN(c, 64 + 3 * 1280 * 720);
    frame->desc.dtype = DETCL_U8;
    frame->fill = DCL_BENCH_FRAME;
}

static void add_elementwise(struct dcl_suite *suite)
{
    struct dcl_bench_case *c = dcl_suite_add(suite, "elementwise", "binary", "kind=add", 1);
    dcl_bench_name(c, "add/256x56x56");
    DCL_BENCH_IN(c, suite->batch, 256, 56, 56);
    DCL_BENCH_IN(c, suite->batch, 256, 56, 56);
    c = dcl_suite_add(suite, "elementwise", "unary", "kind=sigmoid", 1);
    dcl_bench_name(c, "sigmoid/256x56x56");
    DCL_BENCH_IN(c, suite->batch, 256, 56, 56);
    c = dcl_suite_add(suite, "elementwise", "softmax", "kind=softmax axis=-1", 1);
    dcl_bench_name(c, "softmax/8732x81");
    DCL_BENCH_IN(c, suite->batch, 8732, 81);
    c = dcl_suite_add(suite, "elementwise", "transpose", "perm=0,2,3,1", 1);
    dcl_bench_name(c, "transpose/84x80x80");
    DCL_BENCH_IN(c, suite->batch, 84, 80, 80);
}

void dcl_suite_network(struct dcl_suite *suite)
{
    const size_t n = sizeof convolutions / sizeof *convolutions;
    for (size_t i = 0; i < n; i += suite->quick ? 4 : 1)
        add_convolution(suite, &convolutions[i]);
    add_transposed(suite);
    add_pools(suite);
    add_gemms(suite);
    add_resizes(suite);
    add_elementwise(suite);
}
