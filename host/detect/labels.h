/* Class names: from a text file, a sidecar, a model's metadata, or the built-in COCO list. */
#ifndef DCL_DETECT_LABELS_H
#define DCL_DETECT_LABELS_H

#include "core/arena.h"
#include "core/error.h"

#define DCL_MAX_LABELS 65536
#define DCL_MAX_LABEL_BYTES 255

/* names[i] is class i's, or NULL when class i has none. */
struct dcl_labels {
    int n;
    const char *const *names;
};

/* Read a text file: one name a line in class order, without the spaces around it; an empty line
 * leaves that class without a name. A byte order mark and \r\n are understood. `status` of what is
 * wrong with the contents: DETCL_ERROR_INPUT; unreadable: DETCL_ERROR_IO. */
enum detcl_status dcl_labels_read(const char *path, struct dcl_arena *arena, struct dcl_error *e,
                                  struct dcl_labels *out);

/* A copy of a name, fit to be printed: control characters become '?', and it is cut to
 * DCL_MAX_LABEL_BYTES at a character's boundary. NULL = out of memory. */
const char *dcl_label_copy(const char *name, size_t length, struct dcl_arena *arena);

/* The 80 class names of the COCO detection task. */
extern const struct dcl_labels dcl_labels_coco;

#endif
