#include "detect/network.h"

enum detcl_status dcl_network_input(const struct dcl_graph *network, const char *model,
                                    const struct dcl_value **input)
{
    if (network->n_inputs != 1)
        return DCL_FAIL(network->error, DETCL_ERROR_UNSUPPORTED,
                        "%s: a detector takes one image, the network has %d inputs", model,
                        network->n_inputs);
    const struct dcl_value *v = network->inputs[0];
    const int64_t *dims = v->desc.dims;
    if (v->desc.rank != 4 || (dims[1] != 3 && dims[1] >= 0))
        return DCL_FAIL(network->error, DETCL_ERROR_UNSUPPORTED,
                        "%s: input '%s' is no image of 1x3xHxW", model, v->name);
    if (v->desc.dtype != DETCL_F32)
        return DCL_FAIL(network->error, DETCL_ERROR_UNSUPPORTED,
                        "%s: input '%s' is %s, not float32", model, v->name,
                        detcl_dtype_name(v->desc.dtype));
    if (dims[0] > 1)
        return DCL_FAIL(network->error, DETCL_ERROR_UNSUPPORTED,
                        "%s: input '%s' takes %lld images at once, a detector gives one", model,
                        v->name, (long long)dims[0]);
    *input = v;
    return DETCL_OK;
}

enum detcl_status dcl_network_bind(const struct dcl_graph *network, int width, int height,
                                   struct dcl_graph *out)
{
    enum detcl_status status = dcl_graph_clone(network, out);
    if (status == DETCL_OK) {
        out->inputs[0]->desc = (struct detcl_desc){DETCL_F32, 4, {1, 3, height, width}};
        status = dcl_graph_infer(out);
    }
    if (status != DETCL_OK)
        dcl_graph_free(out);
    return status;
}
