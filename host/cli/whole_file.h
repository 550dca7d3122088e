/* Files that are there whole or not at all. */
#ifndef DCL_CLI_WHOLE_FILE_H
#define DCL_CLI_WHOLE_FILE_H

#include "cli.h"

/* Write what `fill` puts into the stream to `path`, "-" being stdout. A file is written under a
 * temporary name in the same folder and renamed, so that `path` survives a failure. `fill` returns
 * false when it could not go on. False: the error has been printed. */
bool dcl_file_write(struct dcl_console *console, const char *path,
                    bool (*fill)(FILE *out, const void *user), const void *user);

#endif
