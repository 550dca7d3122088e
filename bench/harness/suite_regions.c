/* Operations on regions of feature maps, and sampling at learnt places. */
#include "harness/suite.h"

static void rois_in(struct dcl_bench_case *c, int64_t n, float pixels)
{
    struct dcl_bench_input *in = DCL_BENCH_IN(c, n, 4);
    in->fill = DCL_BENCH_ROIS;
    in->hi = pixels;
}

static void add_pools(struct dcl_suite *suite)
{
    struct dcl_bench_case *c =
        dcl_suite_add(suite, "region", "roi_align",
                      "output_height=7 output_width=7 sampling_ratio=2 spatial_scale=0.0625", 1);
    dcl_bench_name(c, "roi_align/1000_256x50x68");
    DCL_BENCH_IN(c, 1, 256, 50, 68);
    rois_in(c, 1000, 800);
    c = dcl_suite_add(suite, "region", "roi_pool",
                      "output_height=7 output_width=7 spatial_scale=0.0625", 1);
    dcl_bench_name(c, "roi_pool/1000_256x50x68");
    DCL_BENCH_IN(c, 1, 256, 50, 68);
    rois_in(c, 1000, 800);
    c = dcl_suite_add(suite, "region", "psroi_pool",
                      "output_height=7 output_width=7 spatial_scale=0.0625", 1);
    dcl_bench_name(c, "psroi_pool/300_1029x50x68");
    DCL_BENCH_IN(c, 1, 1029, 50, 68);
    rois_in(c, 300, 800);
    c = dcl_suite_add(suite, "region", "multi_level_roi_align",
                      "output_height=7 output_width=7 sampling_ratio=2 "
                      "spatial_scales=0.25,0.125,0.0625,0.03125",
                      1);
    dcl_bench_name(c, "multi_level_roi_align/1000_256");
    rois_in(c, 1000, 800);
    DCL_BENCH_IN(c, 0)->absent = true;
    DCL_BENCH_IN(c, 0)->absent = true;
    for (int64_t side = 200; side >= 25; side /= 2)
        DCL_BENCH_IN(c, 1, 256, side, side);
}

static void add_samplers(struct dcl_suite *suite)
{
    struct dcl_bench_case *c = dcl_suite_add(suite, "region", "deform_conv2d", "pads=1,1,1,1", 1);
    dcl_bench_name(c, "deform_conv2d/256x32x32");
    DCL_BENCH_IN(c, 1, 256, 32, 32);
    DCL_BENCH_IN(c, 256, 256, 3, 3)->constant = true;
    struct dcl_bench_input *offset = DCL_BENCH_IN(c, 1, 18, 32, 32);
    offset->lo = -3;
    offset->hi = 3;
    DCL_BENCH_IN(c, 0)->absent = true;
    DCL_BENCH_IN(c, 1, 9, 32, 32);
    c->flops = 2.0 * 256 * 256 * 9 * 32 * 32;
    c = dcl_suite_add(suite, "region", "grid_sample", "", 1);
    dcl_bench_name(c, "grid_sample/64x128x128");
    DCL_BENCH_IN(c, 1, 64, 128, 128);
    DCL_BENCH_IN(c, 1, 128, 128, 2);
    c = dcl_suite_add(suite, "region", "ms_deform_attn", "spatial_shapes=50,50,25,25,13,13,7,7", 1);
    dcl_bench_name(c, "ms_deform_attn/300x8x32");
    DCL_BENCH_IN(c, 1, 3343, 8, 32);
    struct dcl_bench_input *at = DCL_BENCH_IN(c, 1, 300, 8, 4, 4, 2);
    at->lo = 0;
    at->hi = 1;
    DCL_BENCH_IN(c, 1, 300, 8, 4, 4);
}

void dcl_suite_regions(struct dcl_suite *suite)
{
    add_pools(suite);
    add_samplers(suite);
}
