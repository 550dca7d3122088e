#include "report/profile.h"
#include "report/read.h"

double dcl_profile_total(const json_t *profile)
{
    double sum = 0;
    size_t i;
    json_t *node;
    json_array_foreach(profile, i, node)
    {
        sum += dcl_number_at(node, "ms");
    }
    return sum;
}

static json_t *sums_by_operation(const json_t *profile)
{
    json_t *sums = json_object(), *node;
    size_t i;
    json_array_foreach(profile, i, node)
    {
        const char *op = dcl_text_at(node, "op");
        json_t *sum = json_object_get(sums, op);
        if (!sum) {
            sum = json_pack("{s:s, s:f, s:i}", "op", op, "ms", 0.0, "nodes", 0);
            json_object_set_new(sums, op, sum);
        }
        json_real_set(json_object_get(sum, "ms"),
                      dcl_number_at(sum, "ms") + dcl_number_at(node, "ms"));
        json_integer_set(json_object_get(sum, "nodes"),
                         json_integer_value(json_object_get(sum, "nodes")) + 1);
    }
    return sums;
}

json_t *dcl_profile_sums(const json_t *profile)
{
    json_t *sums = sums_by_operation(profile), *sorted = json_array(), *sum;
    const char *op;
    json_object_foreach(sums, op, sum)
    {
        size_t at = json_array_size(sorted);
        while (at > 0 &&
               dcl_number_at(json_array_get(sorted, at - 1), "ms") < dcl_number_at(sum, "ms"))
            at--;
        json_array_insert(sorted, at, sum);
    }
    json_decref(sums);
    return sorted;
}
