/* JSON out: to stdout, or to a file that is there whole or not at all. */
#ifndef DCL_CLI_JSON_FILE_H
#define DCL_CLI_JSON_FILE_H

#include "cli.h"

#include <jansson.h>

/* Write `root` as dcl_file_write does. False: the error has been printed. */
bool dcl_json_write(struct dcl_console *console, const json_t *root, const char *path);

/* A JSON string of any bytes: what is not UTF-8 becomes U+FFFD. */
json_t *dcl_json_text(const char *text);

/* A JSON number, or null for NaN and the infinities, which JSON has no words for. */
json_t *dcl_json_number(double v);

#endif
