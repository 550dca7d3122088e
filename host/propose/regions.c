#include "propose/regions.h"

#include "propose/filter.h"
#include "propose/segment.h"

#define COLOUR_BINS 25
#define TEXTURE_BINS 10
#define DIRECTIONS 8

static int padded(int n)
{
    return (n + DCL_LANES - 1) / DCL_LANES * DCL_LANES;
}

/* The slope of direction d * 45 degrees, falling slopes being those of the opposite direction. */
static float slope(float dx, float dy, int d)
{
    static const float s = 0.70710678f;
    static const float x[DIRECTIONS] = {1, s, 0, -s, -1, -s, 0, s};
    static const float y[DIRECTIONS] = {0, s, 1, s, 0, -s, -1, -s};
    const float v = x[d] * dx + y[d] * dy;
    return v > 0 ? v : 0;
}

static uint8_t bin_of(float v, float bins, int last)
{
    const int bin = (int)(v * bins);
    return (uint8_t)(bin < 0 ? 0 : bin > last ? last : bin);
}

/* One channel's share of every pixel's bins. */
static void fill_channel(const float *plane, const float *dx, const float *dy, size_t n, int c,
                         struct dcl_bins *out)
{
    float most = 0;
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < DIRECTIONS; d++) {
            const float v = slope(dx[i], dy[i], d);
            most = v > most ? v : most;
        }
    const float scale = most > 0 ? TEXTURE_BINS / most : 0;
    const int channels = out->channels;
    for (size_t i = 0; i < n; i++) {
        uint8_t *bin = out->bin + i * (size_t)(9 * channels);
        bin[c] = bin_of(plane[i], COLOUR_BINS / 255.0f, COLOUR_BINS - 1);
        for (int d = 0; d < DIRECTIONS; d++)
            bin[channels + c * DIRECTIONS + d] =
                bin_of(slope(dx[i], dy[i], d), scale, TEXTURE_BINS - 1);
    }
}

int dcl_bins_create(struct dcl_arena *arena, const struct dcl_planes *planes, struct dcl_bins *out)
{
    const int width = planes->width, height = planes->height, channels = planes->channels;
    const size_t n = (size_t)width * (size_t)height;
    struct dcl_taps gaussian, derivative;
    *out = (struct dcl_bins){.channels = channels,
                             .colour_length = padded(channels * COLOUR_BINS),
                             .texture_length = padded(channels * DIRECTIONS * TEXTURE_BINS)};
    out->bin = dcl_arena_array(arena, n, (size_t)(9 * channels));
    float *dx = dcl_arena_array(arena, n, sizeof *dx), *dy = dcl_arena_array(arena, n, sizeof *dy);
    float *middle = dcl_arena_array(arena, n, sizeof *middle);
    float *row = dcl_arena_array(arena, (size_t)width + 2 * DCL_MAX_RADIUS, sizeof *row);
    if (!out->bin || !dx || !dy || !middle || !row)
        return 0;
    dcl_gaussian_taps(1, &gaussian);
    dcl_derivative_taps(1, &derivative);
    for (int c = 0; c < channels; c++) {
        dcl_filter(planes->plane[c], dx, width, height, &derivative, &gaussian, middle, row);
        dcl_filter(planes->plane[c], dy, width, height, &gaussian, &derivative, middle, row);
        fill_channel(planes->plane[c], dx, dy, n, c, out);
    }
    return 1;
}

static void measure(const int32_t *labels, int width, int height, struct dcl_regions *out)
{
    for (int i = 0; i < out->count; i++)
        out->region[i] = (struct dcl_region){0, width, height, 0, 0};
    for (int y = 0, i = 0; y < height; y++)
        for (int x = 0; x < width; x++, i++) {
            struct dcl_region *r = &out->region[labels[i]];
            r->size++;
            r->x1 = x < r->x1 ? x : r->x1;
            r->y1 = y < r->y1 ? y : r->y1;
            r->x2 = x >= r->x2 ? x + 1 : r->x2;
            r->y2 = y + 1;
        }
}

static void count_bins(const int32_t *labels, const struct dcl_bins *bins, struct dcl_regions *out)
{
    const int c = bins->channels;
    const size_t length = (size_t)(out->colour_length + out->texture_length);
    for (int64_t i = 0; i < out->pixels; i++) {
        uint32_t *colour = out->pixel_counts + (size_t)labels[i] * length;
        uint32_t *texture = colour + out->colour_length;
        const uint8_t *bin = bins->bin + (size_t)i * (size_t)(9 * c);
        for (int j = 0; j < c; j++)
            colour[j * COLOUR_BINS + bin[j]]++;
        for (int j = 0; j < c * DIRECTIONS; j++)
            texture[j * TEXTURE_BINS + bin[c + j]]++;
    }
}

/* Calls of `visit` for each two neighbouring pixels of different regions, the lower region first.
 */
static void each_contact(const int32_t *labels, int width, int height,
                         void (*visit)(void *user, int low, int high), void *user)
{
    for (int y = 0, i = 0; y < height; y++)
        for (int x = 0; x < width; x++, i++)
            for (int d = 0; d < DCL_DIRECTIONS; d++) {
                if (!dcl_has_neighbour(width, height, x, y, d))
                    continue;
                const int a = labels[i], b = labels[i + dcl_neighbour_offset(width, d)];
                if (a != b)
                    visit(user, a < b ? a : b, a < b ? b : a);
            }
}

/* Contacts sorted by their lower region: those of region r end at end[r]. */
struct contacts {
    size_t *end;
    int *high;
};

static void count_contact(void *user, int low, int high)
{
    struct contacts *c = user;
    (void)high;
    c->end[low + 1]++;
}

static void put_contact(void *user, int low, int high)
{
    struct contacts *c = user;
    c->high[c->end[low]++] = high;
}

/* Each pair once: `seen` holds the last lower region that a region was met from, plus one. */
static int unique_pairs(const struct contacts *c, int count, int *seen, int (*pair)[2])
{
    int n = 0;
    size_t i = 0;
    for (int low = 0; low < count; low++)
        for (; i < c->end[low]; i++)
            if (seen[c->high[i]] != low + 1) {
                seen[c->high[i]] = low + 1;
                pair[n][0] = low;
                pair[n++][1] = c->high[i];
            }
    return n;
}

static int find_pairs(struct dcl_arena *arena, const int32_t *labels, int width, int height,
                      struct dcl_regions *out)
{
    const size_t regions = (size_t)out->count;
    struct contacts c = {.end = dcl_arena_array(arena, regions + 1, sizeof *c.end)};
    int *seen = dcl_arena_array(arena, regions, sizeof *seen);
    if (!c.end || !seen)
        return 0;
    each_contact(labels, width, height, count_contact, &c);
    for (size_t i = 0; i < regions; i++)
        c.end[i + 1] += c.end[i];
    c.high = dcl_arena_array(arena, c.end[regions], sizeof *c.high);
    out->pair = dcl_arena_array(arena, c.end[regions], sizeof *out->pair);
    if (!c.high || !out->pair)
        return 0;
    each_contact(labels, width, height, put_contact, &c);
    out->pair_count = unique_pairs(&c, out->count, seen, out->pair);
    return 1;
}

int dcl_regions_create(struct dcl_arena *arena, const int32_t *labels, int count, int width,
                       int height, const struct dcl_bins *bins, struct dcl_regions *out)
{
    *out = (struct dcl_regions){.count = count,
                                .pixels = (int64_t)width * height,
                                .colour_length = bins->colour_length,
                                .texture_length = bins->texture_length,
                                .channels = bins->channels};
    const size_t length = (size_t)(out->colour_length + out->texture_length);
    out->region = dcl_arena_array(arena, (size_t)count, sizeof *out->region);
    out->pixel_counts = dcl_arena_array(arena, (size_t)count, length * sizeof *out->pixel_counts);
    if (!out->region || !out->pixel_counts)
        return 0;
    measure(labels, width, height, out);
    count_bins(labels, bins, out);
    return find_pairs(arena, labels, width, height, out);
}

void dcl_regions_histograms(const struct dcl_regions *r, float *out)
{
    const int length = r->colour_length + r->texture_length;
    for (int i = 0; i < r->count; i++) {
        const float colour = (float)r->region[i].size * (float)r->channels;
        const float texture = colour * DIRECTIONS;
        for (int j = 0; j < length; j++, out++) {
            const size_t at = (size_t)i * (size_t)length + (size_t)j;
            *out = (float)r->pixel_counts[at] / (j < r->colour_length ? colour : texture);
        }
    }
}
