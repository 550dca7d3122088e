#include "ops/top.h"
#include "ops/scan.h"

#include <stdio.h>

#define SAMPLE 1024

/* A key that more than k of `length` are likely to be at or below, from a sample. */
static uint32_t bound_of(const uint32_t *keys, int64_t length, int64_t k)
{
    const int64_t step = length / SAMPLE;
    if (step < 8 || k > length / 32)
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

static int64_t tile_of(const struct dcl_limits *limits, int64_t length)
{
    const bool simd = limits->profile == DCL_PROFILE_SIMD;
    const int most = simd ? 4 * limits->compute_units : 1024;
    int64_t tile = simd ? 1024 : 16 * dcl_scan_width(limits);
    while (tile * most < length)
        tile *= 2;
    return tile;
}

static struct dcl_launch *tile_launch(struct dcl_recorder *r, const struct dcl_top *t,
                                      const char *options, const char *kernel,
                                      const struct dcl_value *cut, const struct dcl_value *tiles)
{
    struct dcl_launch *l = dcl_launch(r, "top", options, kernel);
    dcl_arg_value(l, t->keys);
    dcl_arg_value(l, t->starts);
    dcl_arg_value(l, cut);
    dcl_arg_value(l, tiles);
    return l;
}

enum detcl_status dcl_top_record(struct dcl_recorder *r, struct dcl_top *t)
{
    const size_t width = (size_t)dcl_scan_width(dcl_limits(r));
    const int64_t lists = t->rows * t->segments, tile = tile_of(dcl_limits(r), t->length);
    const size_t tiles = (size_t)((t->length + tile - 1) / tile);
    char options[32];
    snprintf(options, sizeof options, "-DW=%d", (int)width);
    struct dcl_value *picked = dcl_workspace(r, DETCL_I32, lists * t->k);
    struct dcl_value *order = dcl_workspace(r, DETCL_I32, lists * t->k);
    struct dcl_value *keys = dcl_workspace(r, DETCL_I32, lists * t->k);
    struct dcl_value *count = dcl_workspace(r, DETCL_I32, lists);
    struct dcl_value *cut = dcl_workspace(r, DETCL_I32, 2 * lists);
    struct dcl_value *sums = dcl_workspace(r, DETCL_I32, 2 * lists * (int64_t)tiles);
    const size_t grid[] = {width * tiles, (size_t)t->segments, (size_t)t->rows};
    const size_t local[] = {width, 1, 1};
    t->picked = picked;
    t->order = order;
    t->count = count;

    struct dcl_launch *l = dcl_launch(r, "top", options, "top_cut");
    dcl_arg_value(l, t->keys);
    dcl_arg_value(l, t->starts);
    dcl_arg_value(l, cut);
    dcl_arg_value(l, count);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, t->k);
    dcl_grid(l, 3, (size_t[]){width, (size_t)t->segments, (size_t)t->rows}, local);
    l = tile_launch(r, t, options, "top_count", cut, sums);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, tile);
    dcl_grid(l, 3, grid, local);
    l = tile_launch(r, t, options, "top_write", cut, sums);
    dcl_arg_value(l, picked);
    dcl_arg_value(l, keys);
    dcl_arg_int(l, t->length);
    dcl_arg_int(l, tile);
    dcl_arg_int(l, t->k);
    dcl_grid(l, 3, grid, local);
    const struct dcl_order sort = {.keys = keys,
                                   .count = count,
                                   .out = order,
                                   .spare = {dcl_workspace(r, DETCL_I64, lists * t->k),
                                             dcl_workspace(r, DETCL_I64, lists * t->k)},
                                   .segments = lists,
                                   .length = t->k};
    return dcl_order_record(r, &sort);
}
