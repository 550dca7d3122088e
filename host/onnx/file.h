/* Reading untrusted files. */
#ifndef DCL_ONNX_FILE_H
#define DCL_ONNX_FILE_H

#include "core/error.h"

/* protobuf cannot express more. */
#define DCL_ONNX_MAX_FILE ((size_t)2 << 30)

/* Read a whole regular file of at most DCL_ONNX_MAX_FILE bytes; free(*out). */
enum detcl_status dcl_onnx_read_file(const char *path, uint8_t **out, size_t *size,
                                     struct dcl_error *e);

/* Read `bytes` bytes at `offset` of the file `location`, a path relative to `folder`. The path must
 * stay inside: neither absolute nor with ".." components, and no component may be a symbolic link.
 */
enum detcl_status dcl_onnx_read_external(const char *folder, const char *location, uint64_t offset,
                                         void *out, size_t bytes, struct dcl_error *e);

#endif
