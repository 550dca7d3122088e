/* Text in HTML and SVG: what comes from a document is escaped. */
#ifndef DCL_BENCH_MARKUP_H
#define DCL_BENCH_MARKUP_H

#include <stddef.h>
#include <stdio.h>

/* Bytes of the character at `s`; 0 where a text was cut inside of one. */
size_t dcl_character(const char *s);

/* Text as it is, for element content and for attributes in quotes. */
void dcl_put(FILE *out, const char *text);
/* The same as content, with places to break lines after / _ and a full stop. */
void dcl_put_name(FILE *out, const char *name);
/* Formatted, at most 1023 bytes, then escaped. */
void dcl_putf(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
