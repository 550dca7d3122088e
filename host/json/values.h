/* JSON out of what C has: any bytes, any double. */
#ifndef DCL_JSON_VALUES_H
#define DCL_JSON_VALUES_H

#include <jansson.h>

/* A JSON string of any bytes: what is not UTF-8 becomes U+FFFD. */
json_t *dcl_json_text(const char *text);

/* A JSON number, or null for NaN and the infinities, which JSON has no words for. */
json_t *dcl_json_number(double v);

#endif
