#include "ops/anchors.h"

#include <string.h>

int64_t dcl_anchor_count(const struct dcl_anchor_grid *g)
{
    return g->n_base * g->columns * g->rows;
}

void dcl_anchors_cpu(const struct dcl_anchor_grid *g, float *out)
{
    for (int64_t i = 0; i < dcl_anchor_count(g); i++) {
        const int64_t cell = i / g->n_base;
        const float centre[] = {((float)(cell % g->columns) + g->offset) * g->step_x,
                                ((float)(cell / g->columns) + g->offset) * g->step_y};
        for (int k = 0; k < 4; k++) {
            const bool moved = g->corners || k < 2;
            const float v = g->base[4 * (i % g->n_base) + k] + (moved ? centre[k & 1] : 0);
            out[4 * i + k] = !g->clip ? v : v < 0 ? 0 : v > 1 ? 1 : v;
        }
    }
}

enum detcl_status dcl_anchors_record(struct dcl_recorder *r, const struct dcl_anchor_grid *g,
                                     const struct dcl_value *out, int64_t first)
{
    void *data;
    const struct dcl_value *base = dcl_packed(r, DETCL_F32, 4 * g->n_base, &data);
    if (!base)
        return dcl_recorded(r);
    memcpy(data, g->base, (size_t)g->n_base * 4 * sizeof(float));
    struct dcl_launch *l = dcl_launch(r, "anchors", "", "anchors_f32");
    dcl_arg_value(l, base);
    dcl_arg_value(l, out);
    dcl_arg_int(l, g->n_base);
    dcl_arg_int(l, g->columns);
    dcl_arg_int(l, dcl_anchor_count(g));
    dcl_arg_int(l, first);
    dcl_arg_int(l, g->corners);
    dcl_arg_int(l, g->clip);
    dcl_arg_float(l, g->offset);
    dcl_arg_float(l, g->step_x);
    dcl_arg_float(l, g->step_y);
    return dcl_grid(l, 1, (size_t[]){(size_t)dcl_anchor_count(g)}, NULL);
}
