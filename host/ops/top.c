#include "ops/top.h"
#include "ops/scan.h"

#include <stdio.h>

#define SAMPLE 1024

/* A key that more than k of `length` are likely to be at or below, from a sample. */
static uint32_t bound_of(const uint32_t *keys, int64_t length, int64_t k)
{
    const int64_t step = length / SAMPLE;
    if (step < 4 || k > length / 4)
        return UINT32_MAX - 1;
    uint32_t sample[SAMPLE];
    int32_t order[SAMPLE], spare[SAMPLE];
    for (int i = 0; i < SAMPLE; i++) {
        sample[i] = keys[i * step];
        order[i] = i;
    }
    dcl_order_cpu(sample, SAMPLE, order, spare);
    const uint32_t bound = sample[order[k / step + k / step / 4 + 8]];
    return bound < UINT32_MAX ? bound : UINT32_MAX - 1;
}

/* Where the keys are that are not above the bound. */
static int64_t compact(const uint32_t *keys, int64_t length, uint32_t bound, int32_t *at)
{
    int64_t n = 0;
    for (int64_t i = 0; i < length; i++) {
        at[n] = (int32_t)i; /* without a branch; the next one overwrites it where it is above */
        n += keys[i] <= bound;
    }
    return n;
}

int64_t dcl_top_cpu(const uint32_t *keys, int64_t length, int64_t k, int32_t *best, int32_t *spare)
{
    const uint32_t bound = bound_of(keys, length, k);
    int64_t n = compact(keys, length, bound, best);
    if (n < k && bound < UINT32_MAX - 1) /* the sample was not like the rest */
        n = compact(keys, length, UINT32_MAX - 1, best);
    dcl_order_cpu(keys, n, best, spare);
    return n < k ? n : k;
}

/* Neighbouring keys that a group looks at. */
static int64_t tile_of(const struct dcl_limits *limits, int64_t length)
{
    const int width = dcl_scan_width(limits);
    const int most = width == 1 ? 4 * limits->compute_units : 1024;
    int64_t tile = width == 1 ? 1024 : 16 * width;
    while (tile * most < length)
        tile *= 2;
    return tile;
}

static struct dcl_launch *keys_launch(struct dcl_recorder *r, const struct dcl_top *t,
                                      const char *stem, const char *options, const char *kernel)
{
    struct dcl_launch *l = dcl_launch(r, stem, options, kernel);
    dcl_arg_value(l, t->keys);
    dcl_arg_value(l, t->starts);
    return l;
}

/* Where the k keys of each list are, and what they are. */
static void record_groups(struct dcl_recorder *r, const struct dcl_top *t,
                          const struct dcl_value *keys)
{
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    const int64_t lists = t->rows * t->segments, tile = tile_of(dcl_limits(r), t->length);
    const size_t tiles = (size_t)((t->length + tile - 1) / tile);
    const struct dcl_value *cut = dcl_workspace(r, DETCL_I32, 2 * lists);
    const struct dcl_value *sums = dcl_workspace(r, DETCL_I32, 2 * lists * (int64_t)tiles);
    const size_t grid[] = {width * tiles, (size_t)t->segments, (size_t)t->rows};
    const size_t local[] = {width, 1, 1};
    char options[32];
    snprintf(options, sizeof options, "-DW=%d", (int)width);
    struct dcl_launch *l = keys_launch(r, t, "top", options, "top_cut");
    dcl_arg_value(l, cut);
    dcl_arg_value(l, t->count);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, t->k);
    dcl_grid(l, 3, (size_t[]){width, (size_t)t->segments, (size_t)t->rows}, local);
    l = keys_launch(r, t, "top", options, "top_count");
    dcl_arg_value(l, cut);
    dcl_arg_value(l, sums);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, tile);
    dcl_grid(l, 3, grid, local);
    l = keys_launch(r, t, "top", options, "top_write");
    dcl_arg_value(l, cut);
    dcl_arg_value(l, sums);
    dcl_arg_value(l, t->picked);
    dcl_arg_value(l, keys);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, tile);
    dcl_arg_int(l, t->k);
    dcl_grid(l, 3, grid, local);
}

/* The same with one work-item a group. */
static void record_simd(struct dcl_recorder *r, const struct dcl_top *t,
                        const struct dcl_value *keys)
{
    const int64_t lists = t->rows * t->segments, tile = tile_of(dcl_limits(r), t->length);
    const int64_t tiles = (t->length + tile - 1) / tile;
    const struct dcl_value *bound = dcl_workspace(r, DETCL_I32, lists);
    const struct dcl_value *near = dcl_workspace(r, DETCL_I32, t->rows * t->length);
    const struct dcl_value *counts = dcl_workspace(r, DETCL_I32, lists * tiles);
    const size_t segments = (size_t)t->segments, rows = (size_t)t->rows, one[] = {1, 1, 1};
    struct dcl_launch *l = keys_launch(r, t, "top_simd", "", "top_bound");
    dcl_arg_value(l, bound);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, t->k);
    dcl_grid(l, 2, (size_t[]){segments, rows}, one);
    l = keys_launch(r, t, "top_simd", "", "top_near");
    dcl_arg_value(l, bound);
    dcl_arg_value(l, near);
    dcl_arg_value(l, counts);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, tile);
    dcl_grid(l, 3, (size_t[]){(size_t)tiles, segments, rows}, one);
    l = keys_launch(r, t, "top_simd", "", "top_pick");
    dcl_arg_value(l, bound);
    dcl_arg_value(l, near);
    dcl_arg_value(l, counts);
    dcl_arg_value(l, t->picked);
    dcl_arg_value(l, keys);
    dcl_arg_value(l, t->count);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, tile);
    dcl_arg_int(l, tiles);
    dcl_arg_int(l, t->k);
    dcl_grid(l, 2, (size_t[]){segments, rows}, one);
}

enum detcl_status dcl_top_record(struct dcl_recorder *r, struct dcl_top *t)
{
    const int64_t lists = t->rows * t->segments;
    struct dcl_value *keys = dcl_workspace(r, DETCL_I32, lists * t->k);
    struct dcl_value *order = dcl_workspace(r, DETCL_I32, lists * t->k);
    t->picked = dcl_workspace(r, DETCL_I32, lists * t->k);
    t->count = dcl_workspace(r, DETCL_I32, lists);
    t->order = order;
    (dcl_scan_width(dcl_limits(r)) == 1 ? record_simd : record_groups)(r, t, keys);
    const struct dcl_order sort = {.keys = keys,
                                   .count = t->count,
                                   .out = order,
                                   .spare = {dcl_workspace(r, DETCL_I64, lists * t->k),
                                             dcl_workspace(r, DETCL_I64, lists * t->k)},
                                   .segments = lists,
                                   .length = t->k};
    return dcl_order_record(r, &sort);
}
