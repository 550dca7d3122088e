/* JSON out: to stdout, or to a file that is there whole or not at all. */
#ifndef DCL_CLI_JSON_FILE_H
#define DCL_CLI_JSON_FILE_H

#include "cli.h"
#include "json/values.h"

/* Write `root` as dcl_file_write does. False: the error has been printed. */
bool dcl_json_write(struct dcl_console *console, const json_t *root, const char *path);

#endif
