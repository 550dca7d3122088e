#include "conformance.h"

#include "onnx/file.h"
#include "onnx/model.h"
#include "onnx/unpack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The bounds of onnx/backend/test/loader: numpy's assert_allclose(rtol, atol) with equal NaN. */
#define RELATIVE 1e-3
#define ABSOLUTE 1e-7

#define MAX_TENSORS 16

struct operand {
    const char *name; /* of an input */
    struct detcl_desc desc;
    const void *data;
};

struct run {
    struct detcl_context *ctx;
    const char *folder;
    struct conformance_result *result;
    struct detcl_graph *graph;
    struct dcl_graph files; /* its arena holds what is read from .pb files */
    struct dcl_error error;
    struct operand in[MAX_TENSORS], out[MAX_TENSORS];
    int n_in, n_out;
};

static bool fail(struct run *r, const char *text)
{
    r->result->outcome = CONFORMANCE_FAILED;
    snprintf(r->result->why, sizeof r->result->why, "%.1000s", text);
    return false;
}

/* Judge the status of a library call. */
static bool good(struct run *r, enum detcl_status status)
{
    if (status == DETCL_OK)
        return true;
    fail(r, detcl_context_error(r->ctx));
    if (status == DETCL_ERROR_UNSUPPORTED)
        r->result->outcome = CONFORMANCE_REFUSED;
    return false;
}

/* --- files ----------------------------------------------------------------------------------- */

static bool parse_tensor(struct run *r, const uint8_t *bytes, size_t size, struct operand *out)
{
    ProtobufCMessage *proto;
    struct dcl_onnx_model model = {.g = &r->files};
    struct dcl_onnx_tensor tensor = {0};
    if (dcl_onnx_unpack(&dcl_onnx__tensor_proto__descriptor, bytes, size, &r->files.arena, &proto,
                        &r->error) != DETCL_OK ||
        dcl_onnx_read_tensor(&model, (const DclOnnx__TensorProto *)proto, &tensor) != DETCL_OK)
        return fail(r, r->error.text);
    if (tensor.narrow)
        return fail(r, "a data file has an element type that the model does not have");
    out->desc = tensor.desc;
    out->data = tensor.data;
    return true;
}

/* Read input_0.pb ... or output_0.pb ...; returns how many, or -1. */
static int read_tensors(struct run *r, int set, const char *stem, struct operand *list)
{
    for (int n = 0;; n++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/test_data_set_%d/%s_%d.pb", r->folder, set, stem, n);
        if (access(path, F_OK) != 0)
            return n;
        uint8_t *bytes;
        size_t size;
        if (n == MAX_TENSORS || dcl_onnx_read_file(path, &bytes, &size, &r->error) != DETCL_OK) {
            fail(r, n == MAX_TENSORS ? "too many tensors" : r->error.text);
            return -1;
        }
        const bool parsed = parse_tensor(r, bytes, size, &list[n]);
        free(bytes);
        if (!parsed)
            return -1;
    }
}

/* --- comparison ------------------------------------------------------------------------------ */

static bool close_enough(double found, double expected)
{
    if (isnan(found) || isnan(expected))
        return isnan(found) && isnan(expected);
    if (isinf(found) || isinf(expected))
        return found == expected;
    return fabs(found - expected) <= ABSOLUTE + RELATIVE * fabs(expected);
}

/* Integers and bools must be equal, which is stricter than the suite. */
static bool same(enum detcl_dtype dtype, const void *found, const void *expected, int64_t i)
{
    const float *f = found, *e = expected;
    const size_t size = detcl_dtype_size(dtype), at = (size_t)i * size;
    if (dtype == DETCL_F32)
        return close_enough((double)f[i], (double)e[i]);
    return memcmp((const char *)found + at, (const char *)expected + at, size) == 0;
}

static double number(enum detcl_dtype dtype, const void *data, int64_t i)
{
    switch (dtype) {
    case DETCL_F32:
        return (double)((const float *)data)[i];
    case DETCL_I32:
        return (double)((const int32_t *)data)[i];
    case DETCL_I64:
        return (double)((const int64_t *)data)[i];
    default:
        return (double)((const uint8_t *)data)[i];
    }
}

static bool compare(struct run *r, int index, const struct detcl_desc *desc, const void *found)
{
    const struct operand *expected = &r->out[index];
    char text[256];
    bool same_desc = desc->dtype == expected->desc.dtype && desc->rank == expected->desc.rank;
    for (int i = 0; i < desc->rank && same_desc; i++)
        same_desc = desc->dims[i] == expected->desc.dims[i];
    if (!same_desc) {
        const int has_dims = desc->rank > 0, wants_dims = expected->desc.rank > 0;
        snprintf(text, sizeof text,
                 "output %d: rank %d of %s from %lld, expected rank %d of %s from %lld", index,
                 desc->rank, detcl_dtype_name(desc->dtype),
                 has_dims ? (long long)desc->dims[0] : 1LL, expected->desc.rank,
                 detcl_dtype_name(expected->desc.dtype),
                 wants_dims ? (long long)expected->desc.dims[0] : 1LL);
        return fail(r, text);
    }
    const int64_t n = detcl_desc_count(desc);
    for (int64_t i = 0; i < n; i++)
        if (!same(desc->dtype, found, expected->data, i)) {
            snprintf(text, sizeof text, "output %d element %lld is %.9g, expected %.9g", index,
                     (long long)i, number(desc->dtype, found, i),
                     number(desc->dtype, expected->data, i));
            return fail(r, text);
        }
    return true;
}

static bool check_output(struct run *r, int index)
{
    struct detcl_desc desc;
    if (!good(r, detcl_graph_output(r->graph, index, NULL, &desc)))
        return false;
    const size_t bytes = (size_t)detcl_desc_count(&desc) * detcl_dtype_size(desc.dtype);
    void *found = dcl_arena_alloc(&r->files.arena, bytes);
    if (!found)
        return fail(r, "out of memory");
    int64_t rows = 0;
    if (!good(r, detcl_graph_read_output(r->graph, index, found, bytes)) ||
        (desc.rank && !good(r, detcl_graph_valid_rows(r->graph, index, &rows))))
        return false;
    if (desc.rank)
        desc.dims[0] = rows;
    return compare(r, index, &desc, found);
}

/* --- running --------------------------------------------------------------------------------- */

static bool name_inputs(struct run *r)
{
    if (detcl_graph_input_count(r->graph) != r->n_in ||
        detcl_graph_output_count(r->graph) != r->n_out)
        return fail(r, "the data files do not match the model's inputs and outputs");
    for (int i = 0; i < r->n_in; i++)
        if (!good(r, detcl_graph_input(r->graph, i, &r->in[i].name, NULL)))
            return false;
    return true;
}

/* Prepare. When a value must be known before the run, returns the input that is to be bound as a
 * constant: the one that is named, else the first that holds no floats and may say it; else -1. */
static int prepare(struct run *r, enum detcl_status *status)
{
    static const char known[] = "must be known before the run";
    struct detcl_desc descs[MAX_TENSORS];
    for (int i = 0; i < r->n_in; i++)
        descs[i] = r->in[i].desc;
    *status = detcl_graph_prepare(r->graph, descs, NULL);
    if (*status != DETCL_ERROR_UNSUPPORTED || !strstr(detcl_context_error(r->ctx), known))
        return -1;
    for (int i = 0; i < r->n_in; i++) {
        char text[300];
        snprintf(text, sizeof text, "input '%s' %s", r->in[i].name, known);
        if (strstr(detcl_context_error(r->ctx), text))
            return i;
    }
    for (int i = 0; i < r->n_in; i++)
        if (r->in[i].desc.dtype != DETCL_F32)
            return i;
    return -1;
}

/* Inputs that say shapes, axes and the like are bound as constants, one by one, as they are asked
 * for; all others stay inputs. */
static bool prepare_binding(struct run *r)
{
    for (;;) {
        enum detcl_status status;
        const int i = prepare(r, &status);
        if (i < 0)
            return good(r, status);
        if (!good(r, detcl_graph_bind_constant(r->graph, r->in[i].name, &r->in[i].desc,
                                               r->in[i].data)))
            return false;
        memmove(r->in + i, r->in + i + 1, (size_t)(r->n_in - i - 1) * sizeof *r->in);
        r->n_in--;
    }
}

static bool run_once(struct run *r)
{
    for (int i = 0; i < r->n_in; i++) {
        const struct detcl_desc *d = &r->in[i].desc;
        const size_t bytes = (size_t)detcl_desc_count(d) * detcl_dtype_size(d->dtype);
        if (!good(r, detcl_graph_write_input(r->graph, i, r->in[i].data, bytes)))
            return false;
    }
    if (!good(r, detcl_graph_run(r->graph, NULL, NULL, NULL)))
        return false;
    for (int i = 0; i < r->n_out; i++)
        if (!check_output(r, i))
            return false;
    return true;
}

static bool has_set(const struct run *r, int set)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/test_data_set_%d", r->folder, set);
    return access(path, F_OK) == 0;
}

/* A set may bind constants, so each loads the graph anew. */
static bool run_set(struct run *r, int set)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/model.onnx", r->folder);
    detcl_graph_destroy(&r->graph);
    if (!good(r, detcl_graph_load_onnx(r->ctx, path, &r->graph)))
        return false;
    r->n_in = read_tensors(r, set, "input", r->in);
    r->n_out = read_tensors(r, set, "output", r->out);
    return r->n_in >= 0 && r->n_out >= 0 && name_inputs(r) && prepare_binding(r) && run_once(r);
}

void conformance_run(struct detcl_context *ctx, const char *folder,
                     struct conformance_result *result)
{
    struct run r = {.ctx = ctx, .folder = folder, .result = result};
    dcl_graph_init(&r.files, &r.error);
    *result = (struct conformance_result){.outcome = CONFORMANCE_PASSED};
    int set = 0;
    while (has_set(&r, set) && run_set(&r, set))
        set++;
    if (result->outcome == CONFORMANCE_PASSED && set == 0)
        fail(&r, "it has no data");
    detcl_graph_destroy(&r.graph);
    dcl_graph_free(&r.files);
}
