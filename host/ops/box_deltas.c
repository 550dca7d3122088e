#include "ops/box_deltas.h"

#include <math.h>
#include <string.h>

const char *const dcl_box_codes[] = {"center_size", "corner", "corner_size", NULL};

enum detcl_status dcl_deltas_infer(struct dcl_call *call, const struct dcl_floats *weights)
{
    for (int i = 0; i < call->n_in; i++)
        if (dcl_has_in(call, i))
            DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    DCL_TRY(call->error, dcl_need_rank(call, DCL_DELTAS_X, 3));
    const struct detcl_desc *x = &call->in[DCL_DELTAS_X]->desc;
    const struct detcl_desc *anchors = &call->in[DCL_DELTAS_ANCHORS]->desc;
    const int rank = anchors->rank;
    bool fits = (rank == 2 || rank == 3) && anchors->dims[rank - 1] == 4 &&
                anchors->dims[rank - 2] == x->dims[1] && x->dims[2] % 4 == 0 &&
                (rank == 2 || anchors->dims[0] == x->dims[0]);
    if (dcl_has_in(call, DCL_DELTAS_VARIANCES)) {
        DCL_TRY(call->error, dcl_need_rank(call, DCL_DELTAS_VARIANCES, 2));
        const struct detcl_desc *variances = &call->in[DCL_DELTAS_VARIANCES]->desc;
        fits = fits && variances->dims[0] == x->dims[1] && variances->dims[1] == 4;
    }
    if (!fits)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operands' shapes do not go together");
    for (int k = 0; k < 4; k++)
        if (weights->n != 4 || !(weights->v[k] > 0) || !isfinite(weights->v[k]))
            return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                                 "weights are not four finite numbers over 0");
    call->out[0]->desc = *x;
    return DETCL_OK;
}

int64_t dcl_deltas_classes(const struct dcl_call *call)
{
    return DCL_DIM(call->in[DCL_DELTAS_X], 2) / 4;
}

const float *dcl_deltas_anchor(const struct dcl_call *call, const struct dcl_floats *weights,
                               int64_t i, int64_t classes, float unit[4])
{
    const int64_t row = i / classes, at = row % DCL_DIM(call->in[DCL_DELTAS_X], 1);
    for (int k = 0; k < 4; k++) {
        unit[k] = 1.0f / weights->v[k];
        if (dcl_has_in(call, DCL_DELTAS_VARIANCES))
            unit[k] *= ((const float *)call->in[DCL_DELTAS_VARIANCES]->data)[4 * at + k];
    }
    const bool shared = call->in[DCL_DELTAS_ANCHORS]->desc.rank == 2;
    return (const float *)call->in[DCL_DELTAS_ANCHORS]->data + 4 * (shared ? at : row);
}

struct dcl_launch *dcl_deltas_launch(const struct dcl_call *call, struct dcl_recorder *r,
                                     const char *kernel, const struct dcl_floats *weights, int code)
{
    void *data;
    const struct dcl_value *packed = dcl_packed(r, DETCL_F32, 4, &data);
    if (packed)
        memcpy(data, weights->v, 4 * sizeof(float));
    struct dcl_launch *l = dcl_launch(r, "box_deltas", "", kernel);
    dcl_arg_value(l, call->in[DCL_DELTAS_X]);
    dcl_arg_value(l, call->in[DCL_DELTAS_ANCHORS]);
    dcl_arg_value(l,
                  dcl_has_in(call, DCL_DELTAS_VARIANCES) ? call->in[DCL_DELTAS_VARIANCES] : NULL);
    dcl_arg_value(l, packed);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, dcl_count(call->out[0]) / 4);
    dcl_arg_int(l, DCL_DIM(call->in[DCL_DELTAS_X], 1));
    dcl_arg_int(l, dcl_deltas_classes(call));
    dcl_arg_int(l, call->in[DCL_DELTAS_ANCHORS]->desc.rank == 2);
    dcl_arg_int(l, code);
    return l;
}

struct dcl_floats dcl_deltas_weights(const float weights[4])
{
    struct dcl_floats w = {.n = 4, .v = {1, 1, 1, 1}};
    bool given = false;
    for (int k = 0; k < 4; k++)
        given = given || weights[k] != 0;
    if (given)
        memcpy(w.v, weights, 4 * sizeof(float));
    return w;
}
