/* libFuzzer over the importer and shape inference (cmake -DDETCL_FUZZ=ON with clang):
 * fuzz_onnx CORPUS, where CORPUS holds ONNX files to start from. */
#include "onnx/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct dcl_error error = {0};
    struct dcl_graph graph;
    dcl_graph_init(&graph, &error);
    if (dcl_onnx_import_memory(bytes, size, NULL, &graph) == DETCL_OK) {
        for (int i = 0; i < graph.n_inputs; i++)
            for (int k = 0; k < graph.inputs[i]->desc.rank; k++)
                if (graph.inputs[i]->desc.dims[k] < 0)
                    graph.inputs[i]->desc.dims[k] = 2;
        (void)dcl_graph_infer(&graph); /* the result does not matter, a crash does */
    }
    dcl_graph_free(&graph);
    return 0;
}
