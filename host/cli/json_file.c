#include "json_file.h"
#include "whole_file.h"

/* 9 digits tell any two float32 apart. */
#define FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(9))

static bool fill(FILE *out, const void *root)
{
    return json_dumpf(root, out, FLAGS) == 0 && fputc('\n', out) != EOF;
}

bool dcl_json_write(struct dcl_console *console, const json_t *root, const char *path)
{
    return dcl_file_write(console, path, fill, root);
}
