#include "ops/deltas.h"

static enum detcl_status fail(const struct dcl_call *call, int level)
{
    return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                         "level %d: logits and deltas are neither [N, A * C, H, W] and "
                         "[N, A * 4, H, W] nor [N, M, C] and [N, M, 4] of one kind",
                         level);
}

static enum detcl_status rows_level(const struct dcl_call *call, const struct dcl_value *cls,
                                    const struct dcl_value *box, struct dcl_decode *d)
{
    if (box->desc.rank != 3 || DCL_DIM(box, 0) != d->images || DCL_DIM(box, 2) != 4 ||
        DCL_DIM(cls, 1) != DCL_DIM(box, 1))
        return fail(call, 0);
    d->classes = DCL_DIM(cls, 2);
    d->level[0] = (struct dcl_level){.box = dcl_rows_field(box, 0, 0),
                                     .cls = dcl_rows_field(cls, 0, 0),
                                     .anchors = 1,
                                     .cells = DCL_DIM(box, 1),
                                     .columns = 1};
    return DETCL_OK;
}

/* dcl_map_field with the parts of "anchor" and "cell" exchanged. */
static struct dcl_field map_field(const struct dcl_value *v, int64_t per_anchor)
{
    struct dcl_field f = dcl_map_field(v, per_anchor, 0);
    const int64_t anchor = f.anchor;
    f.anchor = f.cell;
    f.cell = anchor;
    return f;
}

static enum detcl_status map_level(const struct dcl_call *call, const struct dcl_value *cls,
                                   const struct dcl_value *box, int i, struct dcl_decode *d)
{
    const int64_t *c = cls->desc.dims, *b = box->desc.dims;
    if (box->desc.rank != 4 || c[0] != d->images || b[0] != d->images || c[2] != b[2] ||
        c[3] != b[3] || b[1] < 4 || b[1] % 4 || c[1] % (b[1] / 4) ||
        (i > 0 && c[1] / (b[1] / 4) != d->classes))
        return fail(call, i);
    const int64_t anchors = b[1] / 4;
    d->classes = c[1] / anchors;
    d->level[i] = (struct dcl_level){.box = map_field(box, 4),
                                     .cls = map_field(cls, d->classes),
                                     .anchors = b[2] * b[3],
                                     .cells = anchors,
                                     .columns = 1};
    return DETCL_OK;
}

enum detcl_status dcl_delta_levels(const struct dcl_call *call, int first, struct dcl_decode *d)
{
    const int levels = (call->n_in - first) / 2;
    if ((call->n_in - first) % 2 || levels < 1 || levels > DCL_MAX_LEVELS)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%d inputs are not anchors and logits and deltas of 1 to %d levels",
                             call->n_in, DCL_MAX_LEVELS);
    const struct dcl_value *anchors = call->in[0];
    *d = (struct dcl_decode){.n_levels = levels, .priors = anchors};
    for (int i = 0; i < levels; i++) {
        const struct dcl_value *cls = call->in[first + i], *box = call->in[first + levels + i];
        const bool rows = levels == 1 && cls->desc.rank == 3;
        if (!rows && cls->desc.rank != 4)
            return fail(call, i);
        d->images = DCL_DIM(call->in[first], 0);
        DCL_TRY(call->error,
                rows ? rows_level(call, cls, box, d) : map_level(call, cls, box, i, d));
    }
    if (anchors->desc.rank != 2 || DCL_DIM(anchors, 1) != 4 ||
        DCL_DIM(anchors, 0) != dcl_decode_rows(d))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the anchors are not [%lld, 4]",
                             (long long)dcl_decode_rows(d));
    return DETCL_OK;
}
