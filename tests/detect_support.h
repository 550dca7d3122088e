/* Networks for tests of the detector's decisions: one input and outputs of given names and shapes,
 * which nothing computes. */
#ifndef TESTS_DETECT_SUPPORT_H
#define TESTS_DETECT_SUPPORT_H

#include "detect/decide.h"
#include "graph/ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fake {
    struct dcl_graph graph;
    struct dcl_error error;
    struct dcl_pair pairs[8];
    struct dcl_arena arena;
    struct dcl_detect_spec spec;
    int classes;
};

static inline void fake_open(struct fake *f, int64_t height, int64_t width)
{
    memset(f, 0, sizeof *f);
    dcl_graph_init(&f->graph, &f->error);
    struct dcl_value *input = dcl_graph_value(&f->graph, "images");
    assert_non_null(input);
    input->desc = (struct detcl_desc){DETCL_F32, 4, {1, 3, height, width}};
    assert_int_equal(dcl_graph_add_input(&f->graph, input), DETCL_OK);
    f->graph.metadata = f->pairs;
}

static inline void fake_output(struct fake *f, const char *name, int rank, ...)
{
    struct detcl_desc desc = {DETCL_F32, rank, {0}};
    va_list dims;
    va_start(dims, rank);
    for (int i = 0; i < rank; i++)
        desc.dims[i] = va_arg(dims, int);
    va_end(dims);
    const float *zeros = dcl_arena_array(&f->arena, (size_t)detcl_desc_count(&desc), sizeof *zeros);
    assert_non_null(zeros);
    struct dcl_value *v = dcl_graph_constant(&f->graph, name, &desc, zeros);
    assert_non_null(v);
    assert_int_equal(dcl_graph_add_output(&f->graph, v), DETCL_OK);
}

static inline void fake_note(struct fake *f, const char *key, const char *value)
{
    f->pairs[f->graph.n_metadata++] = (struct dcl_pair){key, value};
}

/* Decide with these parameters; the model's file is said to be "dir/m.onnx". */
static inline enum detcl_status fake_decide(struct fake *f, struct detcl_detector_params *params)
{
    params->model = "dir/m.onnx";
    return dcl_detect_decide(&f->graph, params, &f->arena, &f->error, &f->spec, &f->classes);
}

static inline void fake_close(struct fake *f)
{
    dcl_graph_free(&f->graph);
    dcl_arena_free(&f->arena);
}

#endif
