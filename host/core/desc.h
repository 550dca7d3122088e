/* Shapes: comparing and telling them. */
#ifndef DCL_CORE_DESC_H
#define DCL_CORE_DESC_H

#include "detcl/status.h"

#include <stdbool.h>

/* Equal element type, rank and extents. */
bool dcl_desc_same(const struct detcl_desc *a, const struct detcl_desc *b);

/* "float32 [1, 3, 224, 224]", cut off at the end where it does not fit. */
void dcl_desc_text(const struct detcl_desc *desc, char *text, size_t size);

#endif
