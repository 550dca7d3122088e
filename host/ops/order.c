#include "ops/order.h"
#include "ops/scan.h"

#include <stdio.h>
#include <string.h>

#define RADIX_BINS 2048 /* order.cl's BINS */

uint32_t dcl_order_key(float x, bool descending)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    const uint32_t magnitude = u & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return UINT32_MAX; /* NaN */
    if (magnitude == 0)
        u = 0;
    const uint32_t ascending = u >> 31 ? ~u : u | 0x80000000u;
    return descending ? ~ascending : ascending;
}

/* One pass by the byte at `shift`, stable; false when all keys have the same there and nothing
 * moves. */
static bool sort_by_byte(const uint32_t *keys, int shift, int64_t count, const int32_t *from,
                         int32_t *to)
{
    int64_t start[256] = {0}, at = 0;
    for (int64_t i = 0; i < count; i++)
        start[keys[from[i]] >> shift & 255]++;
    if (start[keys[from[0]] >> shift & 255] == count)
        return false;
    for (int b = 0; b < 256; b++) {
        const int64_t n = start[b];
        start[b] = at;
        at += n;
    }
    for (int64_t i = 0; i < count; i++)
        to[start[keys[from[i]] >> shift & 255]++] = from[i];
    return true;
}

void dcl_order_cpu(const uint32_t *keys, int64_t count, int32_t *order, int32_t *spare)
{
    int32_t *from = order, *to = spare;
    for (int shift = 0; shift < 32 && count > 1; shift += 8) {
        if (!sort_by_byte(keys, shift, count, from, to))
            continue;
        int32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != order)
        memcpy(order, from, (size_t)count * sizeof *order);
}

static enum detcl_status record_radix(struct dcl_recorder *r, const struct dcl_order *o,
                                      const char *options)
{
    struct dcl_launch *l = dcl_launch(r, "order", options, "order_radix");
    dcl_arg_value(l, o->keys);
    dcl_arg_value(l, o->in);
    dcl_arg_value(l, o->count);
    dcl_arg_value(l, o->spare[0]);
    dcl_arg_value(l, o->spare[1]);
    dcl_arg_value(l, dcl_workspace(r, DETCL_I32, o->segments * RADIX_BINS));
    dcl_arg_value(l, o->out);
    dcl_arg_int(l, o->segments);
    dcl_arg_int(l, o->length);
    return dcl_grid(l, 1, (size_t[]){(size_t)o->segments}, (size_t[]){1});
}

static void record_tiles(struct dcl_recorder *r, const struct dcl_order *o, const char *options,
                         int width, int64_t tile)
{
    struct dcl_launch *l = dcl_launch(r, "order", options, "order_tiles");
    dcl_arg_value(l, o->keys);
    dcl_arg_value(l, o->in);
    dcl_arg_value(l, o->count);
    dcl_arg_value(l, o->spare[0]);
    dcl_arg_int(l, o->length);
    dcl_arg_int(l, tile);
    const size_t tiles = (size_t)((o->length + tile - 1) / tile);
    dcl_grid(l, 2, (size_t[]){tiles * (size_t)width, (size_t)o->segments},
             (size_t[]){(size_t)width, 1});
}

static enum detcl_status record_merge(struct dcl_recorder *r, const struct dcl_order *o)
{
    const int width = dcl_scan_width(dcl_limits(r));
    const size_t global[] = {(size_t)o->length, (size_t)o->segments};
    char options[32];
    snprintf(options, sizeof options, "-DW=%d", width);
    int64_t tile = 2;
    while (tile < 4 * width && tile < o->length)
        tile *= 2;
    record_tiles(r, o, options, width, tile);
    const struct dcl_value *from = o->spare[0], *to = o->spare[1];
    for (int64_t run = tile; run < o->length; run *= 2) {
        struct dcl_launch *l = dcl_launch(r, "order", options, "order_merge");
        dcl_arg_value(l, from);
        dcl_arg_value(l, to);
        dcl_arg_value(l, o->count);
        dcl_arg_int(l, o->length);
        dcl_arg_int(l, run);
        dcl_grid(l, 2, global, NULL);
        const struct dcl_value *swap = from;
        from = to;
        to = swap;
    }
    struct dcl_launch *l = dcl_launch(r, "order", options, "order_write");
    dcl_arg_value(l, o->spare[0]);
    dcl_arg_value(l, o->spare[1]);
    dcl_arg_value(l, o->in);
    dcl_arg_value(l, o->count);
    dcl_arg_value(l, o->out);
    dcl_arg_int(l, o->length);
    dcl_arg_int(l, tile);
    return dcl_grid(l, 2, global, NULL);
}

enum detcl_status dcl_order_record(struct dcl_recorder *r, const struct dcl_order *o)
{
    if (dcl_limits(r)->profile == DCL_PROFILE_SIMD)
        return record_radix(r, o, "-DW=1");
    return record_merge(r, o);
}
