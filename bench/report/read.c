#include "report/read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

json_t *dcl_at(const json_t *object, const char *path)
{
    for (const char *dot; (dot = strchr(path, '.')) && object; path = dot + 1) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)(dot - path), path);
        object = json_object_get(object, key);
    }
    return object ? json_object_get(object, path) : NULL;
}

double dcl_number_at(const json_t *object, const char *path)
{
    const json_t *v = dcl_at(object, path);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

const char *dcl_text_at(const json_t *object, const char *path)
{
    const char *text = json_string_value(dcl_at(object, path));
    return text ? text : "";
}

const char *dcl_failure(const json_t *object)
{
    return json_string_value(json_object_get(object, "failed"));
}

const json_t *dcl_times(const json_t *operation)
{
    const json_t *event = json_object_get(operation, "event");
    return json_is_object(event) ? event : json_object_get(operation, "wall");
}
