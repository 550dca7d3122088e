/* Regions of interest: the launches that several ops share. */
#include "ops/roi.h"

#include <stdio.h>

#define CHUNK 4 /* as in kernels/roi_align.cl */

void dcl_arg_rois(struct dcl_launch *l, const struct dcl_rois *rois)
{
    const struct dcl_value *batch = rois->batch;
    dcl_arg_value(l, rois->boxes);
    dcl_arg_value(l, batch);
    dcl_arg_value(l, rois->count);
    dcl_arg_int(l, rois->n);
    dcl_arg_int(l, !batch ? 0 : batch->desc.dtype == DETCL_I64 ? 2 : 1);
    dcl_arg_int(l, rois->count != NULL);
    dcl_arg_int(l, rois->images);
}

/* An adaptive grid samples at steps of at most a pixel, so that neighbouring bins share at most two
 * elements. */
static int64_t room(const struct dcl_roi_rule *rule, int64_t bins, int64_t extent)
{
    return rule->ratio > 0 ? 2 * rule->ratio * bins : extent + 2 * bins;
}

enum detcl_status dcl_roi_taps_make(struct dcl_recorder *r, const struct dcl_rois *rois,
                                    const struct dcl_roi_rule *rule, int64_t height, int64_t width,
                                    struct dcl_roi_taps *out)
{
    out->rows = room(rule, rule->height, height);
    out->columns = room(rule, rule->width, width);
    out->head = dcl_workspace(r, DETCL_I32, rois->n * (rule->height + rule->width + 3));
    out->at = dcl_workspace(r, DETCL_I32, rois->n * (out->rows + out->columns));
    out->weight = dcl_workspace(r, DETCL_F32, rois->n * (out->rows + out->columns));
    return dcl_recorded(r);
}

void dcl_arg_taps(struct dcl_launch *l, const struct dcl_roi_taps *taps)
{
    dcl_arg_value(l, taps->head);
    dcl_arg_value(l, taps->at);
    dcl_arg_value(l, taps->weight);
}

void dcl_lanes_options(int lanes, char options[32])
{
    snprintf(options, 32, "-DLANES=%d", lanes);
}

enum detcl_status dcl_record_roi_taps(struct dcl_recorder *r, const struct dcl_rois *rois,
                                      const struct dcl_roi_rule *rule, int64_t height,
                                      int64_t width, const struct dcl_value *levels, int level,
                                      const struct dcl_roi_taps *taps)
{
    char options[32];
    dcl_lanes_options(dcl_limits(r)->block, options);
    struct dcl_launch *l = dcl_launch(r, "roi_align", options, "roi_taps");
    dcl_arg_rois(l, rois);
    dcl_arg_value(l, levels);
    dcl_arg_taps(l, taps);
    dcl_arg_int(l, levels ? level : -1);
    dcl_arg_int(l, height);
    dcl_arg_int(l, width);
    dcl_arg_int(l, rule->height);
    dcl_arg_int(l, rule->width);
    dcl_arg_int(l, rule->ratio);
    dcl_arg_float(l, rule->scale);
    dcl_arg_int(l, rule->aligned);
    dcl_arg_int(l, taps->rows);
    dcl_arg_int(l, taps->columns);
    return dcl_grid(l, 2, (size_t[]){(size_t)rois->n, 2}, NULL);
}

const struct dcl_value *dcl_record_blocked(struct dcl_recorder *r, const struct dcl_value *x)
{
    const int block = dcl_limits(r)->block;
    const int64_t plane = DCL_DIM(x, 2) * DCL_DIM(x, 3),
                  blocks = (DCL_DIM(x, 1) + block - 1) / block;
    struct dcl_value *y = dcl_workspace(r, DETCL_F32, DCL_DIM(x, 0) * blocks * plane * block);
    struct dcl_launch *l = dcl_launch(r, "reorder", "", "reorder_to_blocked");
    dcl_arg_value(l, x);
    dcl_arg_value(l, y);
    dcl_arg_int(l, DCL_DIM(x, 1));
    dcl_arg_int(l, plane);
    dcl_grid(l, 3, (size_t[]){(size_t)plane, (size_t)blocks, (size_t)DCL_DIM(x, 0)}, NULL);
    return y;
}

enum detcl_status dcl_record_dense(struct dcl_recorder *r, const struct dcl_value *x,
                                   const struct dcl_value *y)
{
    const int block = dcl_limits(r)->block;
    const int64_t plane = DCL_DIM(y, 2) * DCL_DIM(y, 3),
                  blocks = (DCL_DIM(y, 1) + block - 1) / block;
    struct dcl_launch *l = dcl_launch(r, "reorder", "", "reorder_to_dense");
    dcl_arg_value(l, x);
    dcl_arg_value(l, y);
    dcl_arg_int(l, DCL_DIM(y, 1));
    dcl_arg_int(l, plane);
    return dcl_grid(l, 3, (size_t[]){(size_t)plane, (size_t)blocks, (size_t)DCL_DIM(y, 0)}, NULL);
}

static enum detcl_status record_vectors(struct dcl_recorder *r, const struct dcl_rois *rois,
                                        const struct dcl_roi_rule *rule,
                                        const struct dcl_roi_taps *taps, const struct dcl_value *x,
                                        const struct dcl_value *y)
{
    const int block = dcl_limits(r)->block;
    const int64_t blocks = (DCL_DIM(x, 1) + block - 1) / block;
    char options[32];
    dcl_lanes_options(dcl_limits(r)->block, options);
    const struct dcl_value *stored = x->block == block ? x : dcl_record_blocked(r, x);
    struct dcl_launch *l = dcl_launch(r, "roi_align", options, "roi_align_blocked");
    dcl_arg_value(l, stored);
    dcl_arg_taps(l, taps);
    dcl_arg_value(l, y);
    dcl_arg_int(l, DCL_DIM(x, 1));
    dcl_arg_int(l, DCL_DIM(x, 2));
    dcl_arg_int(l, DCL_DIM(x, 3));
    dcl_arg_int(l, rule->height);
    dcl_arg_int(l, rule->width);
    dcl_arg_int(l, taps->rows);
    dcl_arg_int(l, taps->columns);
    return dcl_grid(l, 2, (size_t[]){(size_t)rois->n, (size_t)((blocks + CHUNK - 1) / CHUNK)},
                    (size_t[]){1, 1});
}

enum detcl_status dcl_record_roi_align(struct dcl_recorder *r, const struct dcl_rois *rois,
                                       const struct dcl_roi_rule *rule,
                                       const struct dcl_roi_taps *taps, const struct dcl_value *x,
                                       bool sensitive, const struct dcl_value *y)
{
    /* Putting a pixel into blocks costs about a sixteenth of what a bin then saves, or less. */
    const int64_t bins = rule->height * rule->width;
    const int64_t pixels = DCL_DIM(x, 0) * DCL_DIM(x, 2) * DCL_DIM(x, 3);
    const bool worth = x->block > 1 || rois->n * bins >= pixels / 16;
    if (dcl_limits(r)->profile == DCL_PROFILE_SIMD && !sensitive && worth)
        return record_vectors(r, rois, rule, taps, x, y);
    const int64_t each = DCL_DIM(y, 1) * bins;
    char options[32];
    dcl_lanes_options(dcl_limits(r)->block, options);
    struct dcl_launch *l = dcl_launch(r, "roi_align", options, "roi_align_f32");
    dcl_arg_value(l, x);
    dcl_arg_taps(l, taps);
    dcl_arg_value(l, y);
    dcl_arg_int(l, DCL_DIM(x, 1));
    dcl_arg_int(l, DCL_DIM(x, 2));
    dcl_arg_int(l, DCL_DIM(x, 3));
    dcl_arg_int(l, x->block);
    dcl_arg_int(l, rule->height);
    dcl_arg_int(l, rule->width);
    dcl_arg_int(l, taps->rows);
    dcl_arg_int(l, taps->columns);
    dcl_arg_int(l, sensitive);
    dcl_arg_int(l, each);
    return dcl_grid(l, 2, (size_t[]){(size_t)each, (size_t)rois->n}, NULL);
}

const struct dcl_value *dcl_record_roi_bins(struct dcl_recorder *r, const struct dcl_rois *rois,
                                            const struct dcl_roi_rule *rule, int one,
                                            int64_t height, int64_t width, int lanes)
{
    const int64_t lines = rule->height + rule->width;
    struct dcl_value *ranges = dcl_workspace(r, DETCL_I32, rois->n * (1 + 2 * lines));
    char options[32];
    dcl_lanes_options(lanes, options);
    struct dcl_launch *l = dcl_launch(r, "roi_pool", options, "roi_bins");
    dcl_arg_rois(l, rois);
    dcl_arg_value(l, ranges);
    dcl_arg_int(l, height);
    dcl_arg_int(l, width);
    dcl_arg_int(l, rule->height);
    dcl_arg_int(l, rule->width);
    dcl_arg_float(l, rule->scale);
    dcl_arg_int(l, one);
    return dcl_grid(l, 2, (size_t[]){(size_t)rois->n, (size_t)lines}, NULL) == DETCL_OK ? ranges
                                                                                        : NULL;
}
