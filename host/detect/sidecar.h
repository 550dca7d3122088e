/* Sidecars: a JSON file beside a model that says how it is fed and read. README.md lists the keys.
 * Reading is strict: an unknown key, a wrong type or a value out of range is an error that names
 * the file and the key. */
#ifndef DCL_DETECT_SIDECAR_H
#define DCL_DETECT_SIDECAR_H

#include "detect/spec.h"

/* Fill the zeroed `layer` from the file; its memory comes from `arena`. DETCL_ERROR_IO: unreadable;
 * DETCL_ERROR_MODEL: its contents. */
enum detcl_status dcl_sidecar_read(const char *path, struct dcl_arena *arena, struct dcl_error *e,
                                   struct dcl_detect_spec *layer);

/* The name of a model's sidecar: .onnx at its end replaced by .detcl.json. NULL = out of memory. */
char *dcl_sidecar_name(const char *model, struct dcl_arena *arena);

#endif
