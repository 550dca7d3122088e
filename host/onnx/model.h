/* What the importer's parts share while one file is imported. */
#ifndef DCL_ONNX_MODEL_H
#define DCL_ONNX_MODEL_H

#include "graph/ir.h"
#include "onnx.pb-c.h"

/* What a message is about. */
struct dcl_onnx_subject {
    const char *kind, *name; /* "node", "initialiser", "input", "output" and its name */
    const char *type;        /* a node's operator type, else NULL */
};

/* What defines a value name: an initialiser, an input or a node's output. */
struct dcl_onnx_definition {
    const char *name;
    struct dcl_value *value;
    struct dcl_onnx_subject by;
    int32_t narrow; /* ONNX element type of a constant that was converted to float32, else 0 */
};

struct dcl_onnx_names {
    struct dcl_onnx_definition *list; /* sorted by name after dcl_onnx_names_sort */
    int n, capacity;
};

#define DCL_ONNX_MAX_PROBLEMS 64
#define DCL_ONNX_MAX_NAMES 8

/* The same reason for one or more subjects. */
struct dcl_onnx_problem {
    const char *kind, *type, *reason;
    const char *names[DCL_ONNX_MAX_NAMES];
    int n_subjects; /* may exceed the names */
};

/* What is not supported, collected so that one error lists it all. */
struct dcl_onnx_problems {
    struct dcl_onnx_problem list[DCL_ONNX_MAX_PROBLEMS];
    int n, unlisted;
};

struct dcl_onnx_model {
    struct dcl_graph *g;
    const DclOnnx__ModelProto *proto;
    const char *folder;   /* of external data, or NULL */
    size_t external_left; /* bytes of external data that may still be read */
    int64_t opset;        /* of the default domain; 0 = none imported */
    struct dcl_onnx_names names;
    struct dcl_onnx_problems problems;
};

#define DCL_ONNX_FAIL(m, status, ...) DCL_FAIL((m)->g->error, (status), __VA_ARGS__)

/* --- names.c ------------------------------------------------------------------------------- */

enum detcl_status dcl_onnx_names_add(struct dcl_onnx_model *m,
                                     const struct dcl_onnx_definition *name);

/* Sort for dcl_onnx_names_find; DETCL_ERROR_MODEL when a name is defined twice. */
enum detcl_status dcl_onnx_names_sort(struct dcl_onnx_model *m);

/* The definition of a name among the first `sorted` ones, or NULL. */
const struct dcl_onnx_definition *dcl_onnx_names_find(const struct dcl_onnx_names *names,
                                                      const char *name, int sorted);

/* --- problems.c ---------------------------------------------------------------------------- */

/* DETCL_ERROR_UNSUPPORTED is noted, with the current error text as the reason, and becomes
 * DETCL_OK; with any other failure the error text gets the subject put before it. */
enum detcl_status dcl_onnx_collect(struct dcl_onnx_model *m, enum detcl_status status,
                                   const struct dcl_onnx_subject *subject);

/* One error with all that was noted, or DETCL_OK when nothing was. */
enum detcl_status dcl_onnx_report(struct dcl_onnx_model *m);

/* --- tensor.c ------------------------------------------------------------------------------ */

struct dcl_onnx_tensor {
    struct detcl_desc desc;
    const void *data; /* in the graph's arena */
    int32_t narrow;   /* as in dcl_onnx_definition */
};

/* "float32", "int8" ...; "unknown" for a number that ONNX does not define. */
const char *dcl_onnx_type_name(int32_t type);

/* The element type that holds ONNX type `type`; false when there is none. */
bool dcl_onnx_dtype(int32_t type, enum detcl_dtype *out);

/* Decode shape and data. float16 and double are converted to float32 and say so in `narrow`; other
 * types without a detcl_dtype are DETCL_ERROR_UNSUPPORTED. */
enum detcl_status dcl_onnx_read_tensor(struct dcl_onnx_model *m, const DclOnnx__TensorProto *t,
                                       struct dcl_onnx_tensor *out);

/* --- attribute.c --------------------------------------------------------------------------- */

/* Set one attribute of a node that was just made from operator `type`. */
enum detcl_status dcl_onnx_set_attribute(struct dcl_onnx_model *m, struct dcl_node *node,
                                         const char *type,
                                         const DclOnnx__AttributeProto *attribute);

/* --- constant.c ---------------------------------------------------------------------------- */

/* The tensor of a Constant node. */
enum detcl_status dcl_onnx_constant(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from,
                                    struct dcl_onnx_tensor *out);

/* --- node.c -------------------------------------------------------------------------------- */

/* True for the domain of ONNX's own operators. */
bool dcl_onnx_is_default_domain(const char *domain);

/* The node's own name, else its first output's, else its operator type. */
const char *dcl_onnx_node_name(const DclOnnx__NodeProto *from);

/* The node as a subject of messages. */
struct dcl_onnx_subject dcl_onnx_node_subject(const DclOnnx__NodeProto *from);

/* Append the node of `from`; all names are defined and sorted. */
enum detcl_status dcl_onnx_add_node(struct dcl_onnx_model *m, const DclOnnx__NodeProto *from);

#endif
