/* Rows of comma-separated values (RFC 4180). */
#include "report/cases.h"
#include "report/read.h"
#include "report/report.h"

#include <string.h>

/* One row: where its columns are looked up. */
struct record {
    const json_t *document, *run;
    const json_t *object; /* operation, network, peer, limit */
    const json_t *times;  /* TIME, or a scenario without one, or NULL */
    const char *kind, *name;
};

static const struct column {
    const char *name, *path;
    enum { OF_DOCUMENT, OF_RUN, OF_OBJECT, OF_TIMES } of;
} columns[] = {
    {"document", "label", OF_DOCUMENT},
    {"date", "date", OF_DOCUMENT},
    {"library", "library.name", OF_DOCUMENT},
    {"library_version", "library.version", OF_DOCUMENT},
    {"device", "device.name", OF_RUN},
    {"platform", "device.platform", OF_RUN},
    {"driver", "device.driver", OF_RUN},
    {"n", "n", OF_TIMES},
    {"median_ms", "median", OF_TIMES},
    {"p90_ms", "p90", OF_TIMES},
    {"p99_ms", "p99", OF_TIMES},
    {"least_ms", "least", OF_TIMES},
    {"most_ms", "most", OF_TIMES},
    {"spread", "spread", OF_TIMES},
    {"drift", "drift", OF_TIMES},
    {"images_per_second", "images_per_second", OF_TIMES},
    {"op", "op", OF_OBJECT},
    {"group", "group", OF_OBJECT},
    {"series", "series.name", OF_OBJECT},
    {"series_x", "series.x", OF_OBJECT},
    {"attributes", "attributes", OF_OBJECT},
    {"shapes", "shapes", OF_OBJECT},
    {"event_ms", "event.median", OF_OBJECT},
    {"wall_ms", "wall.median", OF_OBJECT},
    {"warm_ms", "warm.median", OF_OBJECT},
    {"flops", "flops", OF_OBJECT},
    {"bytes", "bytes", OF_OBJECT},
    {"gbs", "gbs", OF_OBJECT},
    {"gflops", "gflops", OF_OBJECT},
    {"bound_ms", "bound_ms", OF_OBJECT},
    {"bound_by", "bound_by", OF_OBJECT},
    {"share", "share", OF_OBJECT},
    {"launches", "launches", OF_OBJECT},
    {"device_bytes", "device_bytes", OF_OBJECT},
    {"peak_host_bytes", "peak_host_bytes", OF_OBJECT},
    {"cold_start_ms", "cold_start_ms", OF_OBJECT},
    {"second_start_ms", "second_start_ms", OF_OBJECT},
    {"boxes", "boxes", OF_OBJECT},
    {"error", "verified.error", OF_OBJECT},
    {"error_limit", "verified.limit", OF_OBJECT},
    {"peer", "peer", OF_OBJECT},
    {"peer_version", "version", OF_OBJECT},
    {"threads", "threads", OF_OBJECT},
    {"agrees", "agrees", OF_OBJECT},
    {"detcl_ms", "detcl.median", OF_OBJECT},
    {"ratio", "ratio", OF_OBJECT},
    {"ratio_least", "ratio_least", OF_OBJECT},
    {"ratio_most", "ratio_most", OF_OBJECT},
    {"value", "value", OF_OBJECT},
    {"unit", "unit", OF_OBJECT},
    {"failed", "failed", OF_OBJECT},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static void put_text(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void put_value(FILE *out, const json_t *value)
{
    if (json_is_number(value))
        fprintf(out, "%.9g", json_number_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "true" : "false", out);
    else if (json_is_string(value))
        put_text(out, json_string_value(value));
}

static void put_flags(FILE *out, const json_t *flags)
{
    char all[1280] = "";
    size_t i;
    json_t *flag;
    json_array_foreach(flags, i, flag)
    {
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i ? " " : "", json_string_value(flag));
    }
    put_text(out, all);
}

static void put_record(FILE *out, const struct record *r)
{
    const json_t *const of[] = {r->document, r->run, r->object, r->times};
    put_text(out, r->kind);
    fputc(',', out);
    put_text(out, r->name);
    for (size_t k = 0; k < COLUMNS; k++) {
        fputc(',', out);
        put_value(out, dcl_at(of[columns[k].of], columns[k].path));
    }
    fputc(',', out);
    put_flags(out, json_object_get(r->object, "flags"));
    fputs("\r\n", out);
}

static void put_network(FILE *out, struct record r)
{
    r.name = dcl_text_at(r.object, "name");
    const json_t *scenarios = json_object_get(r.object, "scenarios");
    if (!scenarios)
        put_record(out, &r);
    for (int s = 0; s < DCL_SCENARIOS; s++) {
        const json_t *of = json_object_get(scenarios, dcl_scenarios[s].key);
        const json_t *time = json_object_get(of, "time");
        r.kind = dcl_scenarios[s].key;
        r.times = time ? time : of;
        if (of)
            put_record(out, &r);
    }
}

static void put_run(FILE *out, const json_t *document, const json_t *run)
{
    struct record r = {.document = document, .run = run};
    const char *name;
    size_t i;
    json_t *object;
    r.kind = "limit";
    json_object_foreach(json_object_get(run, "limits"), name, object)
    {
        r.name = name;
        r.object = object;
        put_record(out, &r);
    }
    r.kind = "operation";
    json_array_foreach(json_object_get(run, "operations"), i, object)
    {
        r.name = dcl_text_at(object, "name");
        r.object = object;
        r.times = dcl_failure(object) ? NULL : dcl_times(object);
        put_record(out, &r);
    }
    json_array_foreach(json_object_get(run, "networks"), i, object)
        put_network(out, (struct record){document, run, object, NULL, "network", ""});
    r.kind = "peer";
    json_array_foreach(json_object_get(run, "peers"), i, object)
    {
        r.name = dcl_text_at(object, "case");
        r.object = object;
        r.times = json_object_get(object, "time");
        put_record(out, &r);
    }
}

void dcl_report_csv(FILE *out, json_t *const *documents, int n)
{
    fputs("kind,case", out);
    for (size_t k = 0; k < COLUMNS; k++)
        fprintf(out, ",%s", columns[k].name);
    fputs(",flags\r\n", out);
    for (int d = 0; d < n; d++) {
        size_t r;
        json_t *run;
        json_array_foreach(json_object_get(documents[d], "runs"), r, run)
            put_run(out, documents[d], run);
    }
}
