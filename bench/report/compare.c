#include "report/compare.h"
#include "report/read.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Two runs of one build differ by this much on a calm machine. */
#define LEAST_NOISE 0.02

static void note(struct dcl_comparison *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct dcl_comparison *c, const char *format, ...)
{
    char(*more)[sizeof *c->notes] =
        realloc(c->notes, (size_t)(c->note_count + 1) * sizeof *c->notes);
    if (!more)
        return;
    c->notes = more;
    va_list args;
    va_start(args, format);
    vsnprintf(c->notes[c->note_count++], sizeof *c->notes, format, args);
    va_end(args);
}

/* --- which runs stand side by side ------------------------------------------------------- */

static bool same_text(const json_t *a, const json_t *b, const char *path)
{
    return strcmp(dcl_text_at(a, path), dcl_text_at(b, path)) == 0;
}

static bool same_device(const json_t *a, const json_t *b)
{
    return same_text(a, b, "device.name") && same_text(a, b, "device.platform") &&
           same_text(a, b, "device.type");
}

static bool has_cases(const json_t *run)
{
    return json_array_size(json_object_get(run, "operations")) +
               json_array_size(json_object_get(run, "networks")) >
           0;
}

static bool add_column(struct dcl_comparison_table *table, const json_t *document, int index,
                       const json_t *run)
{
    struct dcl_column *more =
        realloc(table->columns, (size_t)(table->n + 1) * sizeof *table->columns);
    if (!more)
        return false;
    table->columns = more;
    struct dcl_column *column = &more[table->n];
    *column = (struct dcl_column){.document = document, .run = run, .cases = dcl_cases_of(run)};
    if (index < 26)
        snprintf(column->letter, sizeof column->letter, "%c", 'A' + index);
    else
        snprintf(column->letter, sizeof column->letter, "%d", index + 1);
    table->n += column->cases != NULL;
    return column->cases != NULL;
}

static struct dcl_comparison_table *add_table(struct dcl_comparison *c)
{
    struct dcl_comparison_table *more = realloc(c->tables, (size_t)(c->n + 1) * sizeof *c->tables);
    if (!more)
        return NULL;
    c->tables = more;
    more[c->n] = (struct dcl_comparison_table){0};
    return &more[c->n++];
}

/* The table of the run: that of its device, else the first; a new one for runs of the document that
 * others are held against, unless it is alone. */
static struct dcl_comparison_table *table_of(struct dcl_comparison *c, const json_t *document,
                                             const json_t *run, bool alone)
{
    if (!c->n || (!alone && c->tables[0].columns[0].document == document))
        return add_table(c);
    for (int t = 0; t < c->n; t++)
        if (same_device(c->tables[t].columns[0].run, run))
            return &c->tables[t];
    return &c->tables[0];
}

static bool place_runs(struct dcl_comparison *c, json_t *const *documents, int n)
{
    for (int d = 0; d < n; d++) {
        size_t r;
        json_t *run;
        json_array_foreach(json_object_get(documents[d], "runs"), r, run)
        {
            if (!has_cases(run))
                continue;
            struct dcl_comparison_table *table = table_of(c, documents[d], run, n == 1);
            if (!table || !add_column(table, documents[d], d, run))
                return false;
        }
    }
    return true;
}

/* --- rows -------------------------------------------------------------------------------- */

static bool add_group(struct dcl_comparison_table *table, const char *group)
{
    for (int g = 0; g < table->group_count; g++)
        if (strcmp(table->groups[g], group) == 0)
            return true;
    const char **more =
        realloc(table->groups, (size_t)(table->group_count + 1) * sizeof *table->groups);
    if (!more)
        return false;
    table->groups = more;
    table->groups[table->group_count++] = group;
    return true;
}

static bool add_row(struct dcl_comparison_table *table, const struct dcl_case *first)
{
    struct dcl_row *row = &table->rows[table->row_count];
    *row = (struct dcl_row){.name = first->name,
                            .group = first->group,
                            .cells = calloc((size_t)table->n, sizeof *row->cells)};
    if (!row->cells)
        return false;
    table->row_count++;
    for (int k = 0; k < table->n; k++) {
        row->cells[k] = dcl_cases_find(table->columns[k].cases, first->name);
        if (row->cells[k] && !row->cells[k]->failed && isnan(row->cells[k]->event))
            row->wall = true;
    }
    return add_group(table, row->group);
}

static bool in_earlier_column(const struct dcl_comparison_table *table, int column,
                              const char *name)
{
    for (int k = 0; k < column; k++)
        if (dcl_cases_find(table->columns[k].cases, name))
            return true;
    return false;
}

static bool fill_rows(struct dcl_comparison_table *table)
{
    int most = 0;
    for (int k = 0; k < table->n; k++)
        most += table->columns[k].cases->n;
    table->rows = malloc((size_t)(most + 1) * sizeof *table->rows);
    if (!table->rows)
        return false;
    for (int k = 0; k < table->n; k++)
        for (int i = 0; i < table->columns[k].cases->n; i++) {
            const struct dcl_case *one = &table->columns[k].cases->list[i];
            if (!in_earlier_column(table, k, one->name) && !add_row(table, one))
                return false;
        }
    return true;
}

/* --- what makes them less comparable ----------------------------------------------------- */

static bool flag(const json_t *document, const char *key)
{
    return json_is_true(json_object_get(document, key));
}

static void compare_settings(struct dcl_comparison *c, const struct dcl_column *a,
                             const struct dcl_column *b)
{
    if (!same_device(a->run, b->run))
        note(c, "%s: another device: %.80s, not %.80s", b->letter,
             dcl_text_at(b->run, "device.name"), dcl_text_at(a->run, "device.name"));
    else if (!same_text(a->run, b->run, "device.driver"))
        note(c, "%s: another driver: %.80s, not %.80s", b->letter,
             dcl_text_at(b->run, "device.driver"), dcl_text_at(a->run, "device.driver"));
    if (!same_text(a->document, b->document, "library.name"))
        note(c, "%s: another library: %.80s, not %.80s", b->letter,
             dcl_text_at(b->document, "library.name"), dcl_text_at(a->document, "library.name"));
    if (flag(a->document, "quick") != flag(b->document, "quick"))
        note(c, "%s is from the full suite, %s from --quick: fewer cases and samples",
             flag(a->document, "quick") ? b->letter : a->letter,
             flag(a->document, "quick") ? a->letter : b->letter);
    const double threads = dcl_number_at(a->run, "threads"),
                 more = dcl_number_at(b->run, "threads");
    if (threads != more && !isnan(threads) && !isnan(more))
        note(c, "%s: %.0f threads, not %.0f", b->letter, more, threads);
}

/* False: the column shares no case with the first. */
static bool compare_cases(struct dcl_comparison *c, const struct dcl_comparison_table *table, int k)
{
    int both = 0, first = 0, other = 0;
    for (int r = 0; r < table->row_count; r++) {
        const bool a = table->rows[r].cells[0] != NULL, b = table->rows[r].cells[k] != NULL;
        both += a && b;
        first += a && !b;
        other += b && !a;
    }
    const char *base = table->columns[0].letter, *letter = table->columns[k].letter;
    if (first)
        note(c, "%d of the cases of %s are not in %s", first, base, letter);
    if (other)
        note(c, "%d of the cases of %s are not in %s", other, letter, base);
    return both > 0;
}

static bool fill_notes(struct dcl_comparison *c, char *why, size_t size)
{
    for (int t = 0; t < c->n; t++)
        for (int k = 0; k < c->tables[t].n; k++) {
            const struct dcl_comparison_table *table = &c->tables[t];
            const struct dcl_column *first = &table->columns[0], *column = &table->columns[k];
            if (!flag(column->document, "complete"))
                note(c, "%s: interrupted, holds what was measured up to then", column->letter);
            if (k == 0)
                continue;
            compare_settings(c, first, column);
            if (!compare_cases(c, table, k)) {
                snprintf(why, size, "%.120s and %.120s have no case in common",
                         dcl_text_at(first->document, "label"),
                         dcl_text_at(column->document, "label"));
                return false;
            }
        }
    return true;
}

struct dcl_comparison *dcl_comparison_create(json_t *const *documents, int n, char *why,
                                             size_t size)
{
    struct dcl_comparison *c = calloc(1, sizeof *c);
    snprintf(why, size, "out of memory");
    bool good = c && place_runs(c, documents, n);
    for (int t = 0; good && t < c->n; t++)
        good = fill_rows(&c->tables[t]);
    if (!good || !fill_notes(c, why, size))
        dcl_comparison_destroy(&c);
    return c;
}

static void destroy_table(struct dcl_comparison_table *table)
{
    for (int k = 0; k < table->n; k++)
        dcl_cases_destroy(&table->columns[k].cases);
    for (int r = 0; r < table->row_count; r++)
        free(table->rows[r].cells);
    free(table->columns);
    free(table->rows);
    free(table->groups);
}

void dcl_comparison_destroy(struct dcl_comparison **comparison)
{
    struct dcl_comparison *c = *comparison;
    if (!c)
        return;
    for (int t = 0; t < c->n; t++)
        destroy_table(&c->tables[t]);
    free(c->tables);
    free(c->notes);
    free(c);
    *comparison = NULL;
}

/* --- verdicts ---------------------------------------------------------------------------- */

struct dcl_judgement dcl_judge(const struct dcl_row *row, int column)
{
    const struct dcl_case *a = row->cells[0], *b = row->cells[column];
    struct dcl_judgement j = {.verdict = DCL_NOT_BOTH, .ratio = NAN, .noise = LEAST_NOISE};
    if (a && b && b->failed && !a->failed)
        j.verdict = DCL_NOW_FAILS;
    if (!a || !b || a->failed || b->failed)
        return j;
    const double before = row->wall ? a->wall : a->event, after = row->wall ? b->wall : b->event;
    if (!(before > 0 && after > 0))
        return j;
    j.ratio = after / before;
    j.noise = fmax(LEAST_NOISE,
                   row->wall ? a->wall_spread + b->wall_spread : a->event_spread + b->event_spread);
    j.verdict = j.ratio > 1 + j.noise         ? DCL_SLOWER
                : j.ratio * (1 + j.noise) < 1 ? DCL_FASTER
                                              : DCL_SAME;
    return j;
}

const char *dcl_verdict_name(enum dcl_verdict verdict)
{
    static const char *const names[] = {"same", "faster", "slower", "now fails", ""};
    return names[verdict];
}

double dcl_geometric_mean(const struct dcl_comparison_table *table, const char *group, int column,
                          int *count)
{
    double sum = 0;
    *count = 0;
    for (int r = 0; r < table->row_count; r++) {
        const double ratio = dcl_judge(&table->rows[r], column).ratio;
        if (isnan(ratio) || (group && strcmp(group, table->rows[r].group) != 0))
            continue;
        sum += log(ratio);
        ++*count;
    }
    return *count ? exp(sum / *count) : (double)NAN;
}
