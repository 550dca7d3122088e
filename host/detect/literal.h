/* The Python and JSON literals that exporters write into a model's metadata. */
#ifndef DCL_DETECT_LITERAL_H
#define DCL_DETECT_LITERAL_H

#include "detect/labels.h"

#include <stdbool.h>

/* Class names from {0: 'person', 1: "it's"}, {"0": "person"}, ['person', 'car'] or ("a", "b").
 * False when the text is anything else, or memory ran out. */
bool dcl_literal_names(const char *text, struct dcl_arena *arena, struct dcl_labels *out);

/* One or two whole numbers, as in [480, 640], (480, 640) or 640; a single one counts twice. */
bool dcl_literal_pair(const char *text, int *first, int *second);

/* One number and nothing else. */
bool dcl_literal_number(const char *text, double *out);

#endif
