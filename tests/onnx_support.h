/* Shared by the importer's tests: import a model built in memory and look at what came out. */
#ifndef TESTS_ONNX_SUPPORT_H
#define TESTS_ONNX_SUPPORT_H

#include "onnx/import.h"
#include "onnx_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct imported {
    struct dcl_graph graph;
    struct dcl_error error;
};

/* Import from memory of exactly that size, so that a sanitizer sees each byte read beyond. */
static inline enum detcl_status import_bytes(struct imported *i, const void *bytes, size_t n,
                                             const char *folder)
{
    uint8_t *exact = malloc(n ? n : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, n);
    memset(&i->error, 0, sizeof i->error);
    dcl_graph_init(&i->graph, &i->error);
    const enum detcl_status status = dcl_onnx_import_memory(exact, n, folder, &i->graph);
    free(exact);
    return status;
}

static inline enum detcl_status import_model(struct imported *i, const struct pb *model)
{
    assert_true(model->n < sizeof model->data);
    return import_bytes(i, model->data, model->n, NULL);
}

/* The import fails with that status, and the text holds each of the given words (NULL ends). */
static inline void expect_failure(const struct pb *model, enum detcl_status status, ...)
{
    struct imported i;
    const enum detcl_status found = import_model(&i, model);
    if (found != status)
        print_error("%s: %s\n", detcl_status_text(found), i.error.text);
    assert_int_equal(found, status);
    va_list words;
    va_start(words, status);
    for (const char *word = va_arg(words, const char *); word; word = va_arg(words, const char *)) {
        if (!strstr(i.error.text, word))
            print_error("'%s' is not in '%s'\n", word, i.error.text);
        assert_non_null(strstr(i.error.text, word));
    }
    va_end(words);
    dcl_graph_free(&i.graph);
}

static inline void expect_success(struct imported *i, const struct pb *model)
{
    const enum detcl_status status = import_model(i, model);
    if (status != DETCL_OK)
        print_error("%s\n", i->error.text);
    assert_int_equal(status, DETCL_OK);
}

/* A graph with the input "x" (2x3 of `type`) and the output "y". */
static inline struct pb simple_graph(int32_t type)
{
    struct pb graph = {0};
    const int64_t dims[] = {2, 3};
    onnx_info(&graph, GRAPH_INPUT, "x", type, dims, 2);
    onnx_info(&graph, GRAPH_OUTPUT, "y", type, dims, 2);
    return graph;
}

static inline void add_node(struct pb *graph, const char *type, const char *name, const char *in,
                            const char *out)
{
    const struct pb node = onnx_node(type, name, in, out);
    pb_message(graph, GRAPH_NODE, &node);
}

#endif
