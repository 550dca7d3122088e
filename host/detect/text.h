/* Text put together piece by piece in a buffer of fixed size. */
#ifndef DCL_DETECT_TEXT_H
#define DCL_DETECT_TEXT_H

#include <stddef.h>

struct dcl_text {
    char *v; /* always ends with a zero */
    size_t size, used;
};

/* An empty text in `room`, of at least one byte. */
struct dcl_text dcl_text_in(char *room, size_t size);

/* Append; what does not fit is cut off. */
void dcl_text_put(struct dcl_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append numbers with commas between them; floats with so many significant digits. */
void dcl_text_floats(struct dcl_text *t, const float *v, int n, int digits);
void dcl_text_ints(struct dcl_text *t, const int *v, int n);

#endif
