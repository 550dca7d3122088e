/* Decoders, overlaps, suppression, sorting. */
#include "harness/suite.h"

#include <stdio.h>

static struct dcl_bench_input *boxes_in(struct dcl_bench_case *c, int rank, const int64_t *dims)
{
    struct dcl_bench_input *in = dcl_bench_in(c, rank, dims);
    in->fill = DCL_BENCH_BOXES;
    return in;
}

static void range(struct dcl_bench_input *in, float lo, float hi)
{
    in->lo = lo;
    in->hi = hi;
}

static void add_decoders(struct dcl_suite *suite)
{
    const int64_t n = suite->batch;
    struct dcl_bench_case *c =
        dcl_suite_add(suite, "decoder", "decode_boxes", "format=cxcywh channels_first=1", 2);
    dcl_bench_name(c, "decode/yolov8_640");
    range(DCL_BENCH_IN(c, n, 84, 8400), 0, 1);
    c = dcl_suite_add(suite, "decoder", "decode_yolox", "height=640 width=640", 2);
    dcl_bench_name(c, "decode/yolox_640");
    range(DCL_BENCH_IN(c, n, 8400, 85), 0, 1);
    c = dcl_suite_add(suite, "decoder", "decode_ssd",
                      "height=300 width=300 activation=softmax variances=0.1,0.2", 2);
    dcl_bench_name(c, "decode/ssd_300");
    DCL_BENCH_IN(c, n, 8732, 4);
    DCL_BENCH_IN(c, n, 8732, 81);
    range(DCL_BENCH_IN(c, 8732, 4), 0, 1);
    c = dcl_suite_add(suite, "decoder", "decode_deltas", "", 2);
    dcl_bench_name(c, "decode/retinanet_p4_800");
    struct dcl_bench_input *anchors = DCL_BENCH_IN(c, 22500, 4);
    anchors->fill = DCL_BENCH_ROIS;
    anchors->hi = 800;
    DCL_BENCH_IN(c, n, 720, 50, 50);
    DCL_BENCH_IN(c, n, 36, 50, 50);
    c = dcl_suite_add(suite, "decoder", "select", "score_threshold=0.98 mode=multi_label", 4);
    dcl_bench_name(c, "select/8400x80");
    range(DCL_BENCH_IN(c, n, 8400, 4), 0, 640);
    range(DCL_BENCH_IN(c, n, 8400, 80), 0, 1);
}

static void add_ious(struct dcl_suite *suite)
{
    static const struct {
        const char *kind;
        int64_t n;
    } list[] = {{"iou", 1000}, {"iou", 5000}, {"giou", 1000}, {"ciou", 1000}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct dcl_bench_case *c = dcl_suite_add(suite, "iou", "iou", "", 1);
        const long long n = list[i].n;
        dcl_bench_name(c, "%s/%lldx%lld", list[i].kind, n, n);
        snprintf(c->attributes, sizeof c->attributes, "kind=%s", list[i].kind);
        boxes_in(c, 2, (const int64_t[]){n, 4});
        boxes_in(c, 2, (const int64_t[]){n, 4});
    }
}

/* Greedy suppression of n boxes, sorting included. */
static void add_nms(struct dcl_suite *suite, enum dcl_bench_distribution distribution, int64_t n,
                    int classes)
{
    const char *name = dcl_bench_distribution_names[distribution];
    struct dcl_bench_case *c =
        dcl_suite_add(suite, "nms", "nms", "iou_threshold=0.5 score_threshold=-1", 2);
    dcl_bench_name(c, "%s/%s/%lld", classes > 1 ? "nms80" : "nms", name, (long long)n);
    c->distribution = distribution;
    c->series = classes > 1 ? "80 classes" : name;
    c->x = (double)n;
    boxes_in(c, 3, (const int64_t[]){suite->batch, n, 4});
    DCL_BENCH_IN(c, suite->batch, n)->fill = DCL_BENCH_SCORES;
    if (classes > 1) {
        struct dcl_bench_input *of = DCL_BENCH_IN(c, suite->batch, n);
        of->desc.dtype = DETCL_I32;
        of->fill = DCL_BENCH_CLASSES;
        of->hi = (float)classes;
    }
}

static void add_suppressions(struct dcl_suite *suite)
{
    static const int64_t counts[] = {100, 300, 1000, 3000, 10000, 30000, 100000, 200000};
    const size_t n = sizeof counts / sizeof *counts;
    for (int d = 0; d < DCL_BENCH_DISTRIBUTIONS; d++)
        for (size_t i = 0; i < n; i++)
            if (!suite->quick || (d < DCL_BENCH_ALL_OVERLAPPING && counts[i] <= 10000))
                add_nms(suite, (enum dcl_bench_distribution)d, counts[i], 1);
    for (size_t i = 2; i < n; i += 2)
        if (!suite->quick || counts[i] <= 10000)
            add_nms(suite, DCL_BENCH_UNIFORM_BOXES, counts[i], 80);
    static const struct {
        const char *op, *attributes;
        int n_out;
    } others[] = {{"soft_nms", "method=gaussian", 3},
                  {"matrix_nms", "method=gaussian", 3},
                  {"cluster_nms", "iou_threshold=0.5", 2},
                  {"weighted_nms", "iou_threshold=0.5", 4}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct dcl_bench_case *c =
            dcl_suite_add(suite, "nms", others[i].op, others[i].attributes, others[i].n_out);
        dcl_bench_name(c, "%s/clustered/1000", others[i].op);
        c->distribution = DCL_BENCH_CLUSTERED;
        boxes_in(c, 3, (const int64_t[]){suite->batch, 1000, 4});
        DCL_BENCH_IN(c, suite->batch, 1000)->fill = DCL_BENCH_SCORES;
    }
}

static void add_sorts(struct dcl_suite *suite)
{
    struct dcl_bench_case *c = dcl_suite_add(suite, "sort", "sort", "descending=1", 2);
    dcl_bench_name(c, "sort/80x10000");
    DCL_BENCH_IN(c, 80, 10000);
    c = dcl_suite_add(suite, "sort", "topk", "k=1000", 2);
    dcl_bench_name(c, "topk/1000_of_200000");
    DCL_BENCH_IN(c, 1, 200000);
}

void dcl_suite_boxes(struct dcl_suite *suite)
{
    add_decoders(suite);
    add_ious(suite);
    add_suppressions(suite);
    add_sorts(suite);
}
