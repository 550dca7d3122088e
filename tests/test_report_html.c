/* The page, Markdown and CSV of documents: well formed, escaped, complete, whatever is absent. */
#include "report_support.h"

#include <ctype.h>

/* --- a strict reader of what the page is made of ----------------------------------------- */

#define MOST_OPEN 64

struct reader {
    const char *at;
    char open[MOST_OPEN][16];
    int depth;
    json_t *ids, *targets; /* id -> true; what href="#id" points at */
};

static const char *const empty_elements[] = {"meta", "wbr", NULL};

static bool listed(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

static void name_into(struct reader *r, char name[16])
{
    size_t n = 0;
    while ((isalnum((unsigned char)*r->at) || *r->at == '-') && n < 15)
        name[n++] = *r->at++;
    name[n] = 0;
    assert_int_not_equal(n, 0);
}

/* One attribute: its name and, if any, its value in double quotes. */
static void attribute(struct reader *r)
{
    char name[32] = "", value[4096] = "";
    size_t n = 0;
    while (!strchr(" =>/", *r->at) && n < sizeof name - 1)
        name[n++] = *r->at++;
    assert_int_not_equal(n, 0);
    if (*r->at != '=')
        return;
    assert_int_equal(*++r->at, '"');
    for (n = 0, r->at++; *r->at != '"'; r->at++) {
        assert_true(*r->at && *r->at != '<' && *r->at != '>');
        if (n < sizeof value - 1)
            value[n++] = *r->at;
    }
    r->at++;
    assert_true(strncmp(name, "on", 2) != 0);
    if (strcmp(name, "id") == 0) {
        assert_null(json_object_get(r->ids, value)); /* once a page */
        json_object_set_new(r->ids, value, json_true());
    }
    if (strcmp(name, "href") == 0) {
        assert_int_equal(*value, '#'); /* nothing from elsewhere */
        json_object_set_new(r->targets, value + 1, json_true());
    }
    assert_string_not_equal(name, "src");
    static const char *const numbers[] = {"x",  "y",      "x1",    "x2",     "y1",    "y2",
                                          "cx", "height", "width", "data-v", "style", NULL};
    if (listed(name, numbers) && (strstr(value, "nan") || strstr(value, "inf")))
        fail_msg("%s=\"%s\"", name, value);
}

static void tag(struct reader *r)
{
    char name[16];
    const bool closes = *r->at == '/';
    r->at += closes;
    name_into(r, name);
    bool ended = false;
    while (*r->at && *r->at != '>') {
        if (isspace((unsigned char)*r->at))
            r->at++;
        else if (*r->at == '/' && r->at[1] == '>')
            ended = *r->at++ == '/';
        else
            attribute(r);
    }
    assert_int_equal(*r->at++, '>');
    if (ended || listed(name, empty_elements))
        return;
    if (closes) {
        assert_true(r->depth > 0);
        if (strcmp(r->open[r->depth - 1], name) != 0)
            fail_msg("</%s> where <%s> is open", name, r->open[r->depth - 1]);
        r->depth--;
        return;
    }
    assert_true(r->depth < MOST_OPEN);
    strcpy(r->open[r->depth++], name);
    if (strcmp(name, "style") == 0 || strcmp(name, "script") == 0) {
        r->at = strstr(r->at, "</"); /* raw text */
        assert_non_null(r->at);
    }
}

/* Text: only the entities that the writer knows. */
static void text(struct reader *r)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&middot;"};
    bool good = *r->at != '&' && *r->at != '>';
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        good = good || strncmp(r->at, entities[i], strlen(entities[i])) == 0;
    if (!good)
        fail_msg("bare text: %.60s", r->at);
    r->at++;
}

static void assert_well_formed(const char *page)
{
    static const char doctype[] = "<!DOCTYPE html>\n";
    struct reader r = {.ids = json_object(), .targets = json_object()};
    assert_int_equal(strncmp(page, doctype, strlen(doctype)), 0);
    json_t *utf8 = json_string(page);
    assert_non_null(utf8);
    json_decref(utf8);
    r.at = page + strlen(doctype);
    while (*r.at) {
        if (*r.at == '<') {
            r.at++;
            tag(&r);
        } else {
            text(&r);
        }
    }
    assert_int_equal(r.depth, 0);
    const char *key;
    json_t *value;
    json_object_foreach(r.targets, key, value)
    {
        if (!json_object_get(r.ids, key))
            fail_msg("nothing has the id %s", key);
    }
    json_decref(r.ids);
    json_decref(r.targets);
}

/* --- rendering --------------------------------------------------------------------------- */

typedef void writer(FILE *out, json_t *const *documents, int n);

static char *rendered(writer *write, json_t *const *documents, int n)
{
    FILE *out = tmpfile();
    assert_non_null(out);
    write(out, documents, n);
    return sample_read_back(out);
}

/* Every row of the CSV has as many fields as the first, and none is NaN. */
static void assert_rectangular(const char *csv)
{
    int columns = 0, fields = 1;
    bool quoted = false;
    for (; *csv; csv++) {
        quoted = quoted != (*csv == '"');
        if (quoted)
            continue;
        assert_false(strncmp(csv, ",nan,", 5) == 0 || strncmp(csv, ",-nan,", 6) == 0);
        fields += *csv == ',';
        if (*csv != '\n')
            continue;
        columns = columns ? columns : fields;
        assert_int_equal(fields, columns);
        fields = 1;
    }
    assert_false(quoted);
}

/* Every row of a Markdown table has as many cells as the one above it. */
static void assert_tables(const char *markdown)
{
    int above = 0, cells = 0;
    bool row = false;
    json_t *utf8 = json_string(markdown);
    assert_non_null(utf8);
    json_decref(utf8);
    assert_null(strstr(markdown, " nan "));
    for (const char *at = markdown; *at; at++) {
        if (at == markdown || at[-1] == '\n') {
            row = *at == '|';
            cells = 0;
        }
        cells += row && *at == '|' && (at == markdown || at[-1] != '\\');
        if (*at != '\n')
            continue;
        if (row && above)
            assert_int_equal(cells, above);
        above = row ? cells : 0;
    }
}

static void assert_shown(json_t *const *documents, int n)
{
    char *page = rendered(dcl_report_html, documents, n);
    assert_well_formed(page);
    free(page);
    char *csv = rendered(dcl_report_csv, documents, n);
    assert_rectangular(csv);
    free(csv);
    char *markdown = rendered(dcl_report_markdown, documents, n);
    assert_tables(markdown);
    free(markdown);
}

static void assert_holds(const char *all, const char *words)
{
    if (!strstr(all, words))
        print_error("not there: %s\n", words);
    assert_non_null(strstr(all, words));
}

/* --- tests ------------------------------------------------------------------------------- */

static void the_sample_is_shown_whole(void **state)
{
    static const char *const words[] = {
        "A device",
        "conv2d/<wbr>a.<wbr>3x3",
        "412 MiB needed",
        "noisy",
        "throttled",
        "no operation Einsum",
        "tiny",
        "onnxruntime 1.0",
        "cannot be converted",
        "clblast",
        "not results of MLPerf",
        "p99",
    };
    (void)state;
    json_t *document = sample_load();
    assert_shown(&document, 1);
    char *page = rendered(dcl_report_html, &document, 1);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_holds(page, words[i]);
    assert_null(strstr(page, "interrupted"));
    assert_null(strstr(page, "http:"));
    assert_null(strstr(page, "https:"));
    free(page);
    json_decref(document);
}

static void several_documents_are_shown(void **state)
{
    json_t *documents[] = {sample_load(), sample_load(), sample_load()};
    (void)state;
    sample_set(documents[1], "runs.0.operations.0.event.median", "2.0");
    sample_set(documents[2], "runs.0.device.name", "\"Another\"");
    sample_set(documents[2], "complete", "false");
    assert_shown(documents, 3);
    char *page = rendered(dcl_report_html, documents, 3);
    assert_holds(page, "Side by side");
    assert_holds(page, "C: another device: Another, not A device");
    assert_holds(page, "interrupted");
    assert_holds(page, ">slower<");
    free(page);
    for (int i = 0; i < 3; i++)
        json_decref(documents[i]);
}

static void peers_join_the_run_of_their_device(void **state)
{
    json_t *documents[] = {sample_load(), sample_load()};
    (void)state;
    sample_set(documents[0], "runs.0.peers", NULL);
    static const char *const parts[] = {"limits", "operations", "networks"};
    for (int i = 0; i < 3; i++)
        json_object_del(sample_at(documents[1], "runs.0"), parts[i]);
    assert_shown(documents, 2);
    assert_shown(documents + 1, 1);
    char *page = rendered(dcl_report_html, documents, 2);
    assert_holds(page, "onnxruntime 1.0");
    assert_holds(page, "dashed: torchvision");
    assert_null(strstr(page, "Side by side"));
    assert_null(json_object_get(sample_at(documents[0], "runs.0"), "peers"));
    free(page);
    json_decref(documents[0]);
    json_decref(documents[1]);
}

static void nothing_measured_is_said(void **state)
{
    (void)state;
    json_t *document = sample_load();
    sample_set(document, "runs", "[]");
    assert_shown(&document, 1);
    char *page = rendered(dcl_report_html, &document, 1);
    assert_holds(page, "Nothing was measured.");
    free(page);
    json_decref(document);
}

/* Replace every string below `value` that the schema leaves free. */
static void poison(json_t *value, const char *text)
{
    static const char *const kept[] = {"schema", "unit", "bound_by", "weights", "case", NULL};
    const bool is_long = strlen(text) > 64;
    const char *key;
    json_t *inner;
    size_t i;
    json_object_foreach(value, key, inner)
    {
        const bool unique = strcmp(key, "name") == 0 && json_object_get(value, "op");
        const bool too_long = strcmp(key, "date") == 0 && is_long;
        if (json_is_string(inner) && !listed(key, kept) && !unique && !too_long)
            json_string_set(inner, text);
        poison(inner, text);
    }
    json_array_foreach(value, i, inner)
    {
        if (json_is_string(inner) && !is_long)
            json_string_set(inner, text);
        poison(inner, text);
    }
}

#define LONG                                                                                       \
    "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e-------\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e++++++++++"

static void hostile_texts_stay_text(void **state)
{
    static const char *const texts[] = {
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</title></style></svg>",
        "' onload='x",
        "&lt;&#x3c;&",
        "%s%n%d",
        "a|b`c`[d](javascript:e)\\",
        LONG LONG LONG LONG LONG LONG LONG LONG, /* cut at any byte of a character */
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char why[512] = "";
        json_t *documents[] = {sample_load(), sample_load()};
        json_array_remove(sample_at(documents[0], "runs.0.networks"), 1); /* names are unique */
        poison(documents[0], texts[i]);
        json_object_set_new(sample_at(documents[0], "runs.0.operations.0"), "name",
                            json_string(texts[i]));
        json_object_set_new(sample_at(documents[0], "runs.0.limits"), texts[i],
                            json_deep_copy(sample_at(documents[0], "runs.0.limits.copy")));
        if (!dcl_report_check(documents[0], why, sizeof why))
            print_error("%s\n", why);
        assert_string_equal(why, "");
        assert_shown(documents, 1);
        assert_shown(documents, 2);
        char *page = rendered(dcl_report_html, documents, 2);
        assert_null(strstr(page, "<script>alert"));
        assert_null(strstr(page, "<img"));
        free(page);
        json_decref(documents[0]);
        json_decref(documents[1]);
    }
}

/* Every document that differs from the sample by one thing less and still holds is shown. */
static int show_without_each(json_t *document, json_t *value)
{
    char why[512];
    int shown = 0;
    json_t *copy = json_copy(value), *inner;
    const char *key;
    size_t i;
    json_object_foreach(copy, key, inner)
    {
        json_object_del(value, key);
        for (int null = 0; null < 2; null++) {
            if (null)
                json_object_set_new(value, key, json_null());
            if (!dcl_report_check(document, why, sizeof why))
                continue;
            assert_shown(&document, 1);
            shown++;
        }
        json_object_set(value, key, inner);
        shown += show_without_each(document, inner);
    }
    json_array_foreach(copy, i, inner)
    {
        json_array_remove(value, i);
        if (dcl_report_check(document, why, sizeof why)) {
            assert_shown(&document, 1);
            shown++;
        }
        json_array_insert(value, i, inner);
        shown += show_without_each(document, inner);
    }
    json_decref(copy);
    return shown;
}

static void whatever_may_be_absent_is_shown_without(void **state)
{
    (void)state;
    json_t *document = sample_load(), *before = json_deep_copy(document);
    assert_true(show_without_each(document, document) > 200);
    assert_true(json_equal(document, before));
    json_decref(document);
    json_decref(before);
}

/* Numbers at the ends of their ranges. */
static void set_numbers(json_t *value, double v)
{
    const char *key;
    json_t *inner;
    size_t i;
    json_object_foreach(value, key, inner)
    {
        if (json_is_real(inner))
            json_object_set_new(value, key, json_real(v));
        else
            set_numbers(inner, v);
    }
    json_array_foreach(value, i, inner)
    {
        if (json_is_real(inner))
            json_array_set_new(value, i, json_real(v));
        else
            set_numbers(inner, v);
    }
}

static void extreme_numbers_are_shown(void **state)
{
    const double numbers[] = {0, 1e-300, 1, 1e6};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char why[512] = "";
        json_t *documents[] = {sample_load(), sample_load()};
        set_numbers(documents[1], numbers[i]);
        dcl_report_check(documents[1], why, sizeof why);
        assert_string_equal(why, "");
        assert_shown(documents + 1, 1);
        assert_shown(documents, 2);
        json_decref(documents[0]);
        json_decref(documents[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_is_shown_whole),
        cmocka_unit_test(several_documents_are_shown),
        cmocka_unit_test(peers_join_the_run_of_their_device),
        cmocka_unit_test(nothing_measured_is_said),
        cmocka_unit_test(hostile_texts_stay_text),
        cmocka_unit_test(whatever_may_be_absent_is_shown_without),
        cmocka_unit_test(extreme_numbers_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
