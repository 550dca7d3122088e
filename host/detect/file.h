/* Small text files that come with a model. */
#ifndef DCL_DETECT_FILE_H
#define DCL_DETECT_FILE_H

#include "core/arena.h"
#include "core/error.h"

/* What is read at most; a larger file is DETCL_ERROR_INPUT. */
#define DCL_MAX_TEXT_BYTES ((size_t)16 << 20)

/* Read a whole file into the arena, with a zero after it. DETCL_ERROR_IO when it cannot be opened
 * or read; the text names the file. */
enum detcl_status dcl_text_read(const char *path, struct dcl_arena *arena, struct dcl_error *e,
                                char **text, size_t *size);

#endif
