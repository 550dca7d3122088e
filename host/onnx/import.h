/* ONNX import: opsets 7 to 21 of the default domain; float32, int32, int64, bool and uint8. Files
 * are hostile until checked. */
#ifndef DCL_ONNX_IMPORT_H
#define DCL_ONNX_IMPORT_H

#include "graph/ir.h"

#define DCL_ONNX_MIN_OPSET 7
#define DCL_ONNX_MAX_OPSET 21

/* Fill the empty, initialised graph `g` from the file at `path`: values, constants, inputs (extents
 * that the file leaves open are -1), outputs, nodes in an order where producers come first, and the
 * model's metadata with producer_name and producer_version after it. Shapes of other values are not
 * inferred. Every error text starts with the path.
 *
 * DETCL_ERROR_IO: the file cannot be read. DETCL_ERROR_MODEL: it is malformed. DETCL_ERROR_MEMORY:
 * it asks for more memory than its size justifies, or memory ran out. DETCL_ERROR_UNSUPPORTED: the
 * text lists all operators, attributes and element types that are not supported, by node, input or
 * initialiser. On failure the caller frees g as usual. */
enum detcl_status dcl_onnx_import(const char *path, struct dcl_graph *g);

/* The same from memory. External data is looked for in `folder`; NULL refuses external data.
 * `bytes` may be freed afterwards. */
enum detcl_status dcl_onnx_import_memory(const void *bytes, size_t size, const char *folder,
                                         struct dcl_graph *g);

#endif
