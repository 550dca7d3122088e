#include "device/tuning.h"

#include "core/hash.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "detcl-tuning 1"
#define MOST_ENTRIES 100000
#define HEAD_SIZE 512
#define FIELDS 5

/* --- the table ----------------------------------------------------------------------------- */

/* The entry in use of a key comes before those in quarantine. */
static int compare(const struct dcl_tuning_entry *e, const char *key, const char *barred)
{
    const int order = strcmp(e->key, key);
    if (order)
        return order;
    return strcmp(e->why ? e->choice : "", barred ? barred : "");
}

/* Where the entry is, or belongs. `barred`: the choice in quarantine, NULL for the one in use. */
static int place(const struct dcl_tuning *t, const char *key, const char *barred)
{
    int low = 0, high = t->n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (compare(&t->entries[middle], key, barred) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct dcl_tuning_entry *find(const struct dcl_tuning *t, const char *key,
                                     const char *barred)
{
    const int at = place(t, key, barred);
    return at < t->n && compare(&t->entries[at], key, barred) == 0 ? &t->entries[at] : NULL;
}

static void free_entry(struct dcl_tuning_entry *e)
{
    free(e->key);
    free(e->choice);
    free(e->why);
}

static void drop(struct dcl_tuning *t, struct dcl_tuning_entry *e)
{
    if (!e)
        return;
    const size_t after = (size_t)(t->entries + t->n - e - 1);
    free_entry(e);
    memmove(e, e + 1, after * sizeof *e);
    t->n--;
}

void dcl_tuning_free(struct dcl_tuning *t)
{
    for (int i = 0; i < t->n; i++)
        free_entry(&t->entries[i]);
    free(t->entries);
    *t = (struct dcl_tuning){0};
}

const char *dcl_tuning_find(const struct dcl_tuning *t, const char *key)
{
    const struct dcl_tuning_entry *e = find(t, key, NULL);
    return e ? e->choice : NULL;
}

const char *dcl_tuning_why(const struct dcl_tuning *t, const char *key, const char *choice)
{
    const struct dcl_tuning_entry *e = find(t, key, choice);
    return e ? e->why : NULL;
}

/* What can stand in a field: not empty, not too long, no control characters. */
static bool is_field(const char *text, size_t size)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (iscntrl((unsigned char)text[i]))
            return false;
    return n > 0 && n < size;
}

/* Insert or replace; takes over `e`, also on failure. */
static bool enter(struct dcl_tuning *t, struct dcl_tuning_entry *e)
{
    const char *barred = e->why ? e->choice : NULL;
    struct dcl_tuning_entry *old = e->key && e->choice ? find(t, e->key, barred) : NULL;
    if (old) {
        free_entry(old);
        *old = *e;
        return true;
    }
    bool good = e->key && e->choice && t->n < MOST_ENTRIES;
    if (good && t->n == t->capacity) {
        const int capacity = t->capacity ? 2 * t->capacity : 64;
        void *larger = realloc(t->entries, (size_t)capacity * sizeof *t->entries);
        good = larger;
        if (larger) {
            t->entries = larger;
            t->capacity = capacity;
        }
    }
    if (!good) {
        free_entry(e);
        return false;
    }
    const int at = place(t, e->key, barred);
    memmove(&t->entries[at + 1], &t->entries[at], (size_t)(t->n - at) * sizeof *e);
    t->entries[at] = *e;
    t->n++;
    return true;
}

bool dcl_tuning_use(struct dcl_tuning *t, const char *key, const char *choice, uint64_t ns,
                    uint64_t model_ns)
{
    if (!is_field(key, DCL_TUNING_KEY) || !is_field(choice, DCL_TUNING_CHOICE))
        return false;
    struct dcl_tuning_entry e = {
        .key = strdup(key), .choice = strdup(choice), .ns = ns, .model_ns = model_ns};
    if (!enter(t, &e))
        return false;
    drop(t, find(t, key, choice));
    return true;
}

bool dcl_tuning_bar(struct dcl_tuning *t, const char *key, const char *choice, const char *why)
{
    if (!is_field(key, DCL_TUNING_KEY) || !is_field(choice, DCL_TUNING_CHOICE))
        return false;
    char plain[DCL_TUNING_WHY];
    snprintf(plain, sizeof plain, "%s", *why ? why : "unknown");
    for (char *c = plain; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = ' ';
    struct dcl_tuning_entry e = {
        .key = strdup(key), .choice = strdup(choice), .why = strdup(plain)};
    if (!e.why) {
        free_entry(&e);
        return false;
    }
    if (!enter(t, &e))
        return false;
    const char *used = dcl_tuning_find(t, key);
    if (used && strcmp(used, choice) == 0)
        drop(t, find(t, key, NULL));
    return true;
}

bool dcl_tuning_merge(struct dcl_tuning *t, const struct dcl_tuning *from)
{
    bool good = true;
    for (int i = 0; i < from->n; i++) {
        const struct dcl_tuning_entry *e = &from->entries[i];
        good &= e->why ? dcl_tuning_bar(t, e->key, e->choice, e->why)
                       : dcl_tuning_use(t, e->key, e->choice, e->ns, e->model_ns);
    }
    return good;
}

/* --- as text --------------------------------------------------------------------------------- */

/* The lines that tell devices apart. Names with control characters would break them. */
static void put_head(const struct detcl_device_info *d, char head[HEAD_SIZE])
{
    snprintf(head, HEAD_SIZE,
             FORMAT "\ndevice\t%s\nplatform\t%s\ndriver\t%s\nunits\t%d\nprofile\t%s\n", d->name,
             d->platform, d->driver, d->compute_units, d->profile);
}

void dcl_tuning_name(const struct detcl_device_info *device, char name[DCL_TUNING_FILE])
{
    char head[HEAD_SIZE];
    put_head(device, head);
    const struct dcl_hash128 h = dcl_hash128_add(dcl_hash128_start(), head, strlen(head));
    snprintf(name, DCL_TUNING_FILE, "device_%016" PRIx64 "%016" PRIx64, h.high, h.low);
}

static bool take_number(const char *text, uint64_t *value)
{
    const size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 18 || text[n])
        return false;
    *value = strtoull(text, NULL, 10);
    return true;
}

/* One line without its end, which is cut into fields in place. */
static bool take_line(struct dcl_tuning *t, char *line)
{
    char *fields[FIELDS], *rest = line;
    int n = 0;
    while (rest && n < FIELDS) {
        char *tab = strchr(rest, '\t');
        fields[n++] = rest;
        rest = tab ? tab + 1 : NULL;
        if (tab)
            *tab = 0;
    }
    if (rest)
        return false;
    uint64_t ns, model_ns;
    if (n == 5 && strcmp(fields[0], "use") == 0)
        return take_number(fields[3], &ns) && take_number(fields[4], &model_ns) &&
               dcl_tuning_use(t, fields[1], fields[2], ns, model_ns);
    return n == 4 && strcmp(fields[0], "bad") == 0 &&
           dcl_tuning_bar(t, fields[1], fields[2], fields[3]);
}

/* The lines of `text`, which ends at `end`; returns how many were damaged. */
static int take_lines(struct dcl_tuning *t, const char *text, const char *end, int *lines)
{
    int damaged = 0;
    while (text < end) {
        char line[DCL_TUNING_KEY + DCL_TUNING_CHOICE + DCL_TUNING_WHY + 64];
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const size_t n = (size_t)((stop ? stop : end) - text);
        const bool fits = stop && n < sizeof line && !memchr(text, 0, n);
        if (fits) {
            memcpy(line, text, n);
            line[n] = 0;
        }
        damaged += !fits || !take_line(t, line);
        ++*lines;
        text += n + 1;
    }
    return damaged;
}

bool dcl_tuning_parse(struct dcl_tuning *t, const char *text, size_t size,
                      const struct detcl_device_info *device, const char *from,
                      struct dcl_error *error)
{
    char head[HEAD_SIZE];
    put_head(device, head);
    const size_t n = strlen(head);
    if (size < n || memcmp(text, head, n) != 0) {
        dcl_log(error, DETCL_LOG_WARNING,
                "%s is not used: it is no tuning of this device and driver in format '%s'", from,
                FORMAT);
        return false;
    }
    int lines = 0;
    const int damaged = take_lines(t, text + n, text + size, &lines);
    if (damaged)
        dcl_log(error, DETCL_LOG_WARNING, "%s: %d of %d lines are damaged and left out", from,
                damaged, lines);
    return true;
}

static void put_entry(FILE *out, const struct dcl_tuning_entry *e)
{
    if (e->why)
        fprintf(out, "bad\t%s\t%s\t%s\n", e->key, e->choice, e->why);
    else
        fprintf(out, "use\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\n", e->key, e->choice, e->ns,
                e->model_ns);
}

char *dcl_tuning_text(const struct dcl_tuning *t, const struct detcl_device_info *device)
{
    char *text = NULL, head[HEAD_SIZE];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    put_head(device, head);
    fputs(head, out);
    for (int i = 0; i < t->n; i++)
        put_entry(out, &t->entries[i]);
    const bool bad = ferror(out);
    if (fclose(out) != 0 || bad) {
        free(text);
        return NULL;
    }
    return text;
}
