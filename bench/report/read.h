/* Values out of checked documents: what is absent or null is NaN, "" or NULL. */
#ifndef DCL_BENCH_READ_H
#define DCL_BENCH_READ_H

#include <jansson.h>
#include <stdbool.h>

/* "event.median": keys of nested objects. */
json_t *dcl_at(const json_t *object, const char *path);
double dcl_number_at(const json_t *object, const char *path);
const char *dcl_text_at(const json_t *object, const char *path);

/* The words of "failed", NULL where it did not. */
const char *dcl_failure(const json_t *object);

/* The times that an operation's rate and share are of: the device's, else from enqueue to end. */
const json_t *dcl_times(const json_t *operation);

/* The text of a file of this folder or the schema, by its stem. */
const char *dcl_report_text(const char *stem);

#endif
