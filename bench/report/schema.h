/* The part of JSON Schema 2020-12 that results/schema.json is written in: type, const, enum,
 * minimum, maximum, minLength, maxLength, maxItems, items, required, properties,
 * additionalProperties (a schema), $ref (to #/$defs), if with then and else. */
#ifndef DCL_BENCH_SCHEMA_H
#define DCL_BENCH_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Hold `value` against `schema`. False: `why` says which path expects what, "runs[0].threads: must
 * be number or null, not string". */
bool dcl_schema_holds(const json_t *schema, const json_t *value, char *why, size_t size);

#endif
