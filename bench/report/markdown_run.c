/* The report as Markdown: one run. */
#include "report/format.h"
#include "report/markdown.h"
#include "report/profile.h"
#include "report/read.h"
#include "report/series.h"

#include <math.h>

/* --- one run ----------------------------------------------------------------------------- */

static void put_flags(FILE *out, const json_t *flags)
{
    size_t i;
    json_t *flag;
    fputc(' ', out);
    json_array_foreach(flags, i, flag)
    {
        fputs(i ? ", " : "", out);
        dcl_md_put(out, json_string_value(flag));
    }
    fputs(" |\n", out);
}

/* The rest of the row of what failed: `cells` without a number, and why. */
static bool put_failure(FILE *out, const json_t *row, int cells)
{
    if (!dcl_failure(row))
        return false;
    fputs(" failed |", out);
    for (int i = 1; i < cells; i++)
        fputs(" |", out);
    dcl_md_cell(out, dcl_failure(row));
    fputc('\n', out);
    return true;
}

static void put_operations(FILE *out, const json_t *operations)
{
    size_t i;
    json_t *o;
    if (!json_array_size(operations))
        return;
    fputs("\n### Operations\n\n| operation | time | GB/s | GFLOP/s | limit | share | warm | wall | "
          "|\n"
          "|---|---:|---:|---:|---|---:|---:|---:|---|\n",
          out);
    json_array_foreach(operations, i, o)
    {
        fputc('|', out);
        dcl_md_cell(out, dcl_text_at(o, "name"));
        if (put_failure(out, o, 7))
            continue;
        fprintf(out, " %s | %s | %s | %s %s | %s | %s | %s |",
                dcl_ms(dcl_number_at(dcl_times(o), "median")).text,
                dcl_number(dcl_number_at(o, "gbs")).text,
                dcl_number(dcl_number_at(o, "gflops")).text, dcl_text_at(o, "bound_by"),
                dcl_ms(dcl_number_at(o, "bound_ms")).text,
                dcl_percent(dcl_number_at(o, "share")).text,
                dcl_ms(dcl_number_at(o, "warm.median")).text,
                dcl_ms(dcl_number_at(o, "wall.median")).text);
        put_flags(out, json_object_get(o, "flags"));
    }
}

static void put_networks(FILE *out, const json_t *networks)
{
    size_t i;
    json_t *n;
    if (!json_array_size(networks))
        return;
    fputs(
        "\n### Detectors, from image to boxes\n\nScenarios are named after MLPerf Inference's and "
        "are not results of MLPerf.\n\n| network | single stream p90 | p50 | multi stream p99 | "
        "images/s offline | cold start | second start | device memory | |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---|\n",
        out);
    json_array_foreach(networks, i, n)
    {
        fputc('|', out);
        dcl_md_cell(out, dcl_text_at(n, "name"));
        if (put_failure(out, n, 7))
            continue;
        const json_t *s = json_object_get(n, "scenarios");
        fprintf(out, " %s | %s | %s | %s | %s | %s | %s |",
                dcl_ms(dcl_number_at(s, "single_stream.time.p90")).text,
                dcl_ms(dcl_number_at(s, "single_stream.time.median")).text,
                dcl_ms(dcl_number_at(s, "multi_stream.time.p99")).text,
                dcl_number(dcl_number_at(s, "offline.images_per_second")).text,
                dcl_ms(dcl_number_at(n, "cold_start_ms")).text,
                dcl_ms(dcl_number_at(n, "second_start_ms")).text,
                dcl_bytes(dcl_number_at(n, "device_bytes")).text);
        put_flags(out, json_object_get(n, "flags"));
    }
}

/* "| ssd | conv2d | 12 | 1.5 ms | 40 % |" */
static void put_profile(FILE *out, const json_t *network)
{
    const json_t *profile = json_object_get(network, "profile");
    const double total = dcl_profile_total(profile);
    json_t *sums = dcl_profile_sums(profile), *sum;
    size_t i;
    json_array_foreach(sums, i, sum)
    {
        const double ms = dcl_number_at(sum, "ms");
        fputc('|', out);
        dcl_md_cell(out, i ? "" : dcl_text_at(network, "name"));
        dcl_md_cell(out, dcl_text_at(sum, "op"));
        fprintf(out, " %.0f | %s | %s |\n", dcl_number_at(sum, "nodes"), dcl_ms(ms).text,
                dcl_percent(total > 0 ? ms / total : NAN).text);
    }
    json_decref(sums);
}

static void put_profiles(FILE *out, const json_t *networks)
{
    size_t i;
    json_t *n;
    bool any = false;
    json_array_foreach(networks, i, n)
    {
        any = any || json_array_size(json_object_get(n, "profile"));
    }
    if (any)
        fputs("\n### Where their time goes\n\n| network | operation | nodes | time | share |\n"
              "|---|---|---:|---:|---:|\n",
              out);
    json_array_foreach(networks, i, n)
    {
        put_profile(out, n);
    }
}

/* --- scaling ----------------------------------------------------------------------------- */

/* The smallest x of any line above `after`, NaN when there is none. */
static double next_x(const struct dcl_series *s, double after)
{
    double next = NAN;
    for (int l = 0; l < s->n; l++)
        for (int i = 0; i < s->lines[l].n; i++)
            if (s->lines[l].x[i] > after && !(s->lines[l].x[i] >= next))
                next = s->lines[l].x[i];
    return next;
}

static double y_at(const struct dcl_line *line, double x)
{
    for (int i = 0; i < line->n; i++)
        if (line->x[i] == x)
            return line->y[i];
    return NAN;
}

static void put_series(FILE *out, const json_t *run, const char *op)
{
    struct dcl_series s;
    dcl_series_fill(&s, run, op);
    fputs("\n|", out);
    dcl_md_cell(out, op);
    for (int l = 0; l < s.n; l++) {
        fputc(' ', out);
        dcl_md_put(out, s.lines[l].name);
        fputs(s.lines[l].peer ? ", " : "", out);
        dcl_md_put(out, s.lines[l].peer ? s.lines[l].peer : "");
        fputs(" |", out);
    }
    fputc('\n', out);
    dcl_md_rule(out, s.n + 1);
    for (double x = next_x(&s, 0); !isnan(x); x = next_x(&s, x)) {
        fprintf(out, "| %.0f |", x);
        for (int l = 0; l < s.n; l++)
            fprintf(out, " %s |", dcl_ms(y_at(&s.lines[l], x)).text);
        fputc('\n', out);
    }
    dcl_series_free(&s);
}

static void put_scaling(FILE *out, const json_t *run)
{
    json_t *operations = dcl_series_operations(run), *value;
    const char *op;
    if (json_object_size(operations))
        fputs("\n### Time over the number of boxes\n", out);
    json_object_foreach(operations, op, value)
    {
        put_series(out, run, op);
    }
    json_decref(operations);
}

/* --- peers ------------------------------------------------------------------------------- */

static void put_peers(FILE *out, const json_t *run)
{
    const json_t *peers = json_object_get(run, "peers");
    size_t i;
    json_t *p;
    if (json_array_size(peers))
        fputs(
            "\n### Next to other libraries\n\nInterleaved in one run, the same inputs and threads. "
            "Below 1x detcl is faster.\n\n| case | peer | detcl | peer | detcl / peer | from | to "
            "| |\n"
            "|---|---|---:|---:|---:|---:|---:|---|\n",
            out);
    json_array_foreach(peers, i, p)
    {
        fputc('|', out);
        dcl_md_cell(out, dcl_text_at(p, "case"));
        fputc(' ', out);
        dcl_md_put(out, dcl_text_at(p, "peer"));
        dcl_md_cell(out, dcl_text_at(p, "version"));
        if (dcl_failure(p)) {
            fputs(" | failed | | | |", out);
            dcl_md_cell(out, dcl_failure(p));
        } else {
            fprintf(out, " %s | %s | %s | %s | %s |", dcl_ms(dcl_number_at(p, "detcl.median")).text,
                    dcl_ms(dcl_number_at(p, "time.median")).text,
                    dcl_ratio(dcl_number_at(p, "ratio")).text,
                    dcl_ratio(dcl_number_at(p, "ratio_least")).text,
                    dcl_ratio(dcl_number_at(p, "ratio_most")).text);
            dcl_md_cell(out, json_is_false(json_object_get(p, "agrees")) ? "answers differ" : "");
        }
        fputc('\n', out);
    }
    json_array_foreach(json_object_get(run, "absent_peers"), i, p)
    {
        fputs(i ? "- not here: " : "\n- not here: ", out);
        dcl_md_put(out, dcl_text_at(p, "peer"));
        fputs(": ", out);
        dcl_md_put(out, dcl_text_at(p, "why"));
        fputc('\n', out);
    }
}

void dcl_md_run(FILE *out, const struct dcl_shown_run *run)
{
    const json_t *networks = json_object_get(run->run, "networks");
    fputs("\n## ", out);
    dcl_md_put(out, run->title);
    fputc('\n', out);
    const double share = dcl_mean_share(run->run, NULL);
    if (!isnan(share))
        fprintf(out,
                "\nThe operations reach %s of what the measured limits allow (geometric mean).\n",
                dcl_percent(share).text);
    put_operations(out, json_object_get(run->run, "operations"));
    put_scaling(out, run->run);
    put_networks(out, networks);
    put_profiles(out, networks);
    put_peers(out, run->run);
}
