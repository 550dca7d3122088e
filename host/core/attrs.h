/* Typed attributes. Each op declares a struct and a table of its fields; importers, tests and the
 * public typed functions all fill it through that table, so an unknown name or a wrong type is one
 * error message in one place. */
#ifndef DCL_CORE_ATTRS_H
#define DCL_CORE_ATTRS_H

#include "core/error.h"

#include <stdbool.h>

#define DCL_MAX_INTS 16
#define DCL_MAX_FLOATS 64

struct dcl_ints {
    int n;
    int64_t v[DCL_MAX_INTS];
};

struct dcl_floats {
    int n;
    float v[DCL_MAX_FLOATS];
};

enum dcl_attr_type {
    DCL_ATTR_INT,    /* int64_t */
    DCL_ATTR_FLOAT,  /* float */
    DCL_ATTR_INTS,   /* struct dcl_ints */
    DCL_ATTR_FLOATS, /* struct dcl_floats */
    DCL_ATTR_CHOICE  /* int: index into `choices` */
};

struct dcl_attr_spec {
    const char *name; /* ONNX's name where ONNX has the attribute; NULL ends the table */
    enum dcl_attr_type type;
    size_t offset;
    const char *initial;        /* default as text; NULL = must be given */
    const char *const *choices; /* NULL-terminated names of a CHOICE */
};

#define DCL_INT(type, field, initial)                                                              \
    {                                                                                              \
#field, DCL_ATTR_INT, offsetof(type, field), initial, NULL                                 \
    }
#define DCL_FLOAT(type, field, initial)                                                            \
    {                                                                                              \
#field, DCL_ATTR_FLOAT, offsetof(type, field), initial, NULL                               \
    }
#define DCL_INTS(type, field, initial)                                                             \
    {                                                                                              \
#field, DCL_ATTR_INTS, offsetof(type, field), initial, NULL                                \
    }
#define DCL_FLOATS(type, field, initial)                                                           \
    {                                                                                              \
#field, DCL_ATTR_FLOATS, offsetof(type, field), initial, NULL                              \
    }
#define DCL_CHOICE(type, field, initial, names)                                                    \
    {                                                                                              \
#field, DCL_ATTR_CHOICE, offsetof(type, field), initial, names                             \
    }
#define DCL_ATTRS_END                                                                              \
    {                                                                                              \
        NULL, DCL_ATTR_INT, 0, NULL, NULL                                                          \
    }

/* One value on its way into an attribute struct. INT is accepted for FLOAT and one-element INTS. */
struct dcl_attr_value {
    enum dcl_attr_type type; /* CHOICE: `text` */
    int64_t i;
    float f;
    struct dcl_ints ints;
    struct dcl_floats floats;
    const char *text;
};

/* Fill `attrs` with the defaults. `*seen` gets a bit per field that is set; start from 0. */
enum detcl_status dcl_attrs_init(const struct dcl_attr_spec *specs, void *attrs, uint64_t *seen,
                                 struct dcl_error *e);

/* True when the table has the name. */
bool dcl_attrs_has(const struct dcl_attr_spec *specs, const char *name);

/* The chosen name of a CHOICE, an INTS and a FLOAT field, for passes that look at nodes from
 * outside; NULL / `other` when the table has no such field. */
const char *dcl_attrs_choice(const struct dcl_attr_spec *specs, const void *attrs,
                             const char *name);
const struct dcl_ints *dcl_attrs_ints(const struct dcl_attr_spec *specs, const void *attrs,
                                      const char *name);
float dcl_attrs_float(const struct dcl_attr_spec *specs, const void *attrs, const char *name,
                      float other);

enum detcl_status dcl_attrs_set(const struct dcl_attr_spec *specs, void *attrs, uint64_t *seen,
                                const char *name, const struct dcl_attr_value *value,
                                struct dcl_error *e);

/* Set fields from text such as "kernel_shape=3,3 alpha=0.1 mode=linear". */
enum detcl_status dcl_attrs_parse(const struct dcl_attr_spec *specs, void *attrs, uint64_t *seen,
                                  const char *text, struct dcl_error *e);

/* Equal in every field, floats by their bits; what lies between the fields does not count. */
bool dcl_attrs_same(const struct dcl_attr_spec *specs, const void *a, const void *b);

/* Fails when a field without a default was never set; the text names it. */
enum detcl_status dcl_attrs_check(const struct dcl_attr_spec *specs, uint64_t seen,
                                  struct dcl_error *e);

#endif
