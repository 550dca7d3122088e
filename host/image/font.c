#include "image/font.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Space between the last stroke of a character and the first of the next, in units. */
#define SPACING 6
#define CURVE_STEPS 8

/* Outlines in the commands of SVG, y upwards: M move, L line, Q quadratic curve. A line to its own
 * start is a dot. `width` is the distance between the centres of the outermost strokes. */
struct glyph {
    int width;
    const char *path;
};

static const struct glyph glyphs[] = {
    [' ' - ' '] = {2, ""},
    ['!' - ' '] = {0, "M0 16L0 6M0 0L0 0"},
    ['"' - ' '] = {4, "M0 16L0 11M4 16L4 11"},
    ['#' - ' '] = {11, "M2 0L4 16M7 0L9 16M0 5L10 5M1 11L11 11"},
    ['$' - ' '] = {8, "M8 11Q8 14 4 14Q0 14 0 11Q0 8 4 8Q8 8 8 5Q8 2 4 2Q0 2 0 5M4 17L4 -1"},
    ['%' - ' '] = {12, "M2 16Q0 16 0 13Q0 10 2 10Q4 10 4 13Q4 16 2 16M10 6Q8 6 8 3Q8 0 10 0"
                       "Q12 0 12 3Q12 6 10 6M11 16L1 0"},
    ['&' - ' '] = {10, "M10 0L2 11Q1 16 4 16Q7 16 7 13Q7 11 4 9Q0 7 0 4Q0 0 4 0Q9 0 10 7"},
    ['\'' - ' '] = {0, "M0 16L0 11"},
    ['(' - ' '] = {4, "M4 18Q0 14 0 7Q0 0 4 -4"},
    [')' - ' '] = {4, "M0 18Q4 14 4 7Q4 0 0 -4"},
    ['*' - ' '] = {8, "M4 16L4 8M0 14L8 10M8 14L0 10"},
    ['+' - ' '] = {8, "M0 6L8 6M4 2L4 10"},
    [',' - ' '] = {1, "M1 0L0 -3"},
    ['-' - ' '] = {6, "M0 6L6 6"},
    ['.' - ' '] = {0, "M0 0L0 0"},
    ['/' - ' '] = {6, "M0 -2L6 18"},
    ['0' - ' '] = {8, "M4 16Q0 16 0 12L0 4Q0 0 4 0Q8 0 8 4L8 12Q8 16 4 16"},
    ['1' - ' '] = {4, "M0 13L4 16L4 0"},
    ['2' - ' '] = {8, "M0 12Q0 16 4 16Q8 16 8 12Q8 10 6 8L0 0L8 0"},
    ['3' - ' '] = {8, "M0 13Q0 16 4 16Q8 16 8 12Q8 8 4 8L3 8M4 8Q8 8 8 4Q8 0 4 0Q0 0 0 3"},
    ['4' - ' '] = {9, "M6 0L6 16L0 4L9 4"},
    ['5' - ' '] = {8, "M8 16L1 16L0 9Q2 10 4 10Q8 10 8 5Q8 0 4 0Q0 0 0 3"},
    ['6' - ' '] = {8, "M8 14Q7 16 4 16Q0 16 0 11L0 5Q0 0 4 0Q8 0 8 5Q8 10 4 10Q0 10 0 5"},
    ['7' - ' '] = {8, "M0 16L8 16L3 0"},
    ['8' - ' '] = {8, "M4 8Q0 8 0 12Q0 16 4 16Q8 16 8 12Q8 8 4 8Q0 8 0 4Q0 0 4 0Q8 0 8 4Q8 8 4 8"},
    ['9' - ' '] = {8, "M0 2Q1 0 4 0Q8 0 8 5L8 11Q8 16 4 16Q0 16 0 11Q0 6 4 6Q8 6 8 11"},
    [':' - ' '] = {0, "M0 10L0 10M0 2L0 2"},
    [';' - ' '] = {1, "M1 10L1 10M1 2L0 -2"},
    ['<' - ' '] = {8, "M8 11L0 6L8 1"},
    ['=' - ' '] = {8, "M0 8L8 8M0 4L8 4"},
    ['>' - ' '] = {8, "M0 11L8 6L0 1"},
    ['?' - ' '] = {8, "M0 13Q0 16 4 16Q8 16 8 12Q8 10 6 8Q4 7 4 5M4 0L4 0"},
    ['@' - ' '] = {14, "M10 10Q9 11 7 11Q4 11 4 7Q4 3 7 3Q9 3 10 6L10 11L10 5Q10 3 12 3"
                       "Q14 3 14 8Q14 16 7 16Q0 16 0 7Q0 -2 7 -2L11 -1"},
    ['A' - ' '] = {10, "M0 0L5 16L10 0M2 5L8 5"},
    ['B' - ' '] = {9, "M0 0L0 16L5 16Q8 16 8 12Q8 8 5 8L0 8M5 8Q9 8 9 4Q9 0 5 0L0 0"},
    ['C' - ' '] = {9, "M9 13Q8 16 5 16Q0 16 0 11L0 5Q0 0 5 0Q8 0 9 3"},
    ['D' - ' '] = {10, "M0 0L0 16L4 16Q10 16 10 10L10 6Q10 0 4 0L0 0"},
    ['E' - ' '] = {8, "M8 16L0 16L0 0L8 0M0 8L7 8"},
    ['F' - ' '] = {8, "M8 16L0 16L0 0M0 8L7 8"},
    ['G' - ' '] = {10, "M9 14Q8 16 5 16Q0 16 0 11L0 5Q0 0 5 0Q10 0 10 5L10 8L6 8"},
    ['H' - ' '] = {10, "M0 0L0 16M10 0L10 16M0 8L10 8"},
    ['I' - ' '] = {0, "M0 0L0 16"},
    ['J' - ' '] = {6, "M6 16L6 4Q6 0 3 0Q0 0 0 3"},
    ['K' - ' '] = {9, "M0 0L0 16M9 16L0 6M3 9L9 0"},
    ['L' - ' '] = {8, "M0 16L0 0L8 0"},
    ['M' - ' '] = {12, "M0 0L0 16L6 6L12 16L12 0"},
    ['N' - ' '] = {10, "M0 0L0 16L10 0L10 16"},
    ['O' - ' '] = {10, "M5 16Q0 16 0 11L0 5Q0 0 5 0Q10 0 10 5L10 11Q10 16 5 16"},
    ['P' - ' '] = {9, "M0 0L0 16L5 16Q9 16 9 12Q9 7 5 7L0 7"},
    ['Q' - ' '] = {10, "M5 16Q0 16 0 11L0 5Q0 0 5 0Q10 0 10 5L10 11Q10 16 5 16M6 4L10 -1"},
    ['R' - ' '] = {9, "M0 0L0 16L5 16Q9 16 9 12Q9 7 5 7L0 7M5 7L9 0"},
    ['S' - ' '] = {9, "M9 13Q8 16 5 16Q0 16 0 12Q0 9 4 8Q9 8 9 4Q9 0 5 0Q1 0 0 3"},
    ['T' - ' '] = {8, "M0 16L8 16M4 16L4 0"},
    ['U' - ' '] = {10, "M0 16L0 5Q0 0 5 0Q10 0 10 5L10 16"},
    ['V' - ' '] = {10, "M0 16L5 0L10 16"},
    ['W' - ' '] = {16, "M0 16L4 0L8 14L12 0L16 16"},
    ['X' - ' '] = {9, "M0 0L9 16M0 16L9 0"},
    ['Y' - ' '] = {8, "M0 16L4 8L8 16M4 8L4 0"},
    ['Z' - ' '] = {9, "M0 16L9 16L0 0L9 0"},
    ['[' - ' '] = {4, "M4 18L0 18L0 -4L4 -4"},
    ['\\' - ' '] = {6, "M0 18L6 -2"},
    [']' - ' '] = {4, "M0 18L4 18L4 -4L0 -4"},
    ['^' - ' '] = {8, "M0 11L4 16L8 11"},
    ['_' - ' '] = {8, "M0 -2L8 -2"},
    ['`' - ' '] = {3, "M0 17L3 14"},
    ['a' - ' '] = {8, "M0 10Q1 12 4 12Q8 12 8 8L8 0M8 7L4 7Q0 7 0 3Q0 0 3 0Q7 0 8 4"},
    ['b' - ' '] = {8, "M0 16L0 0M0 8Q0 12 4 12Q8 12 8 8L8 4Q8 0 4 0Q0 0 0 4"},
    ['c' - ' '] = {8, "M8 9Q7 12 4 12Q0 12 0 8L0 4Q0 0 4 0Q7 0 8 3"},
    ['d' - ' '] = {8, "M8 16L8 0M8 8Q8 12 4 12Q0 12 0 8L0 4Q0 0 4 0Q8 0 8 4"},
    ['e' - ' '] = {8, "M0 6L8 6L8 8Q8 12 4 12Q0 12 0 8L0 4Q0 0 4 0Q7 0 8 2"},
    ['f' - ' '] = {6, "M6 16L5 16Q2 16 2 13L2 0M0 12L6 12"},
    ['g' - ' '] = {8, "M8 12L8 -1Q8 -5 4 -5Q1 -5 0 -3M8 8Q8 12 4 12Q0 12 0 8L0 4Q0 0 4 0Q8 0 8 4"},
    ['h' - ' '] = {8, "M0 16L0 0M0 8Q0 12 4 12Q8 12 8 8L8 0"},
    ['i' - ' '] = {0, "M0 12L0 0M0 17L0 17"},
    ['j' - ' '] = {3, "M3 12L3 -2Q3 -5 0 -5M3 17L3 17"},
    ['k' - ' '] = {7, "M0 16L0 0M7 12L0 5M3 8L7 0"},
    ['l' - ' '] = {3, "M0 16L0 3Q0 0 3 0"},
    ['m' - ' '] = {12, "M0 12L0 0M0 8Q0 12 3 12Q6 12 6 8L6 0M6 8Q6 12 9 12Q12 12 12 8L12 0"},
    ['n' - ' '] = {8, "M0 12L0 0M0 8Q0 12 4 12Q8 12 8 8L8 0"},
    ['o' - ' '] = {8, "M4 12Q0 12 0 8L0 4Q0 0 4 0Q8 0 8 4L8 8Q8 12 4 12"},
    ['p' - ' '] = {8, "M0 12L0 -5M0 8Q0 12 4 12Q8 12 8 8L8 4Q8 0 4 0Q0 0 0 4"},
    ['q' - ' '] = {8, "M8 12L8 -5M8 8Q8 12 4 12Q0 12 0 8L0 4Q0 0 4 0Q8 0 8 4"},
    ['r' - ' '] = {5, "M0 12L0 0M0 7Q0 12 5 12"},
    ['s' - ' '] = {8, "M8 10Q7 12 4 12Q0 12 0 9Q0 7 4 6Q8 5 8 3Q8 0 4 0Q1 0 0 2"},
    ['t' - ' '] = {6, "M2 16L2 3Q2 0 5 0L6 0M0 12L6 12"},
    ['u' - ' '] = {8, "M0 12L0 4Q0 0 4 0Q8 0 8 4M8 12L8 0"},
    ['v' - ' '] = {8, "M0 12L4 0L8 12"},
    ['w' - ' '] = {12, "M0 12L3 0L6 10L9 0L12 12"},
    ['x' - ' '] = {8, "M0 0L8 12M0 12L8 0"},
    ['y' - ' '] = {8, "M8 12L3 -3Q2 -5 0 -5M0 12L4 0"},
    ['z' - ' '] = {8, "M0 12L8 12L0 0L8 0"},
    ['{' - ' '] = {4, "M4 18Q2 18 2 15L2 10Q2 7 0 7Q2 7 2 4L2 -1Q2 -4 4 -4"},
    ['|' - ' '] = {0, "M0 18L0 -4"},
    ['}' - ' '] = {4, "M0 18Q2 18 2 15L2 10Q2 7 4 7Q2 7 2 4L2 -1Q2 -4 0 -4"},
    ['~' - ' '] = {9, "M0 5Q1 8 3 7L6 5Q8 4 9 7"},
};

static const struct glyph unknown = {8, "M0 0L0 16L8 16L8 0L0 0"};

struct point {
    float x, y;
};

/* From design units to the mask. */
struct pen {
    struct dcl_mask *mask;
    float x, baseline, unit, radius;
};

size_t dcl_font_character_size(const char *text)
{
    const unsigned char first = (unsigned char)text[0];
    size_t size = 1;
    if (first >= 0xf0 && first < 0xf8)
        size = 4;
    else if (first >= 0xe0)
        size = 3;
    else if (first >= 0xc0)
        size = 2;
    for (size_t i = 1; i < size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
    return size;
}

static const struct glyph *glyph_for(char c)
{
    return c >= ' ' && c <= '~' ? &glyphs[c - ' '] : &unknown;
}

/* Steps are whole pixels, so that stems of every character fall on the pixel grid alike. */
static float advance(const struct glyph *glyph, float unit)
{
    return roundf((float)(glyph->width + SPACING) * unit);
}

float dcl_font_width(const char *text, float unit)
{
    float width = 0;
    for (; *text; text += dcl_font_character_size(text))
        width += advance(glyph_for(*text), unit);
    return fmaxf(width - (float)SPACING * unit, 0);
}

static float distance_to_segment(struct point p, struct point a, struct point b)
{
    const float dx = b.x - a.x, dy = b.y - a.y;
    const float length2 = dx * dx + dy * dy;
    float t = length2 > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2 : 0;
    t = fminf(fmaxf(t, 0), 1);
    return hypotf(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/* The first and last whole pixel within reach of [low, high]; false when none is in the mask. */
static bool pixel_range(float low, float high, float reach, int size, int *first, int *last)
{
    const float from = fmaxf(floorf(low - reach), 0);
    const float to = fminf(ceilf(high + reach), (float)(size - 1));
    if (!(from <= to))
        return false;
    *first = (int)from;
    *last = (int)to;
    return true;
}

/* A line with round ends. A pixel keeps the larger coverage where strokes meet, so that joints do
 * not darken. */
static void stroke_segment(const struct pen *pen, struct point a, struct point b)
{
    const float reach = pen->radius + 0.5f;
    int left, right, top, bottom;
    if (!pixel_range(fminf(a.x, b.x), fmaxf(a.x, b.x), reach, pen->mask->width, &left, &right) ||
        !pixel_range(fminf(a.y, b.y), fmaxf(a.y, b.y), reach, pen->mask->height, &top, &bottom))
        return;
    for (int y = top; y <= bottom; y++) {
        uint8_t *row = pen->mask->coverage + (size_t)y * (size_t)pen->mask->width;
        for (int x = left; x <= right; x++) {
            const struct point p = {(float)x, (float)y};
            const float inside = fminf(fmaxf(reach - distance_to_segment(p, a, b), 0), 1);
            const uint8_t coverage = (uint8_t)(255 * inside + 0.5f);
            if (coverage > row[x])
                row[x] = coverage;
        }
    }
}

static void stroke_curve(const struct pen *pen, struct point a, struct point control,
                         struct point b)
{
    struct point from = a;
    for (int i = 1; i <= CURVE_STEPS; i++) {
        const float t = (float)i / CURVE_STEPS, s = 1 - t;
        const struct point to = {s * s * a.x + 2 * s * t * control.x + t * t * b.x,
                                 s * s * a.y + 2 * s * t * control.y + t * t * b.y};
        stroke_segment(pen, from, to);
        from = to;
    }
}

static struct point read_point(const struct pen *pen, const char **path)
{
    char *end;
    const float x = (float)strtol(*path, &end, 10);
    const float y = (float)strtol(end, &end, 10);
    *path = end;
    return (struct point){pen->x + x * pen->unit, pen->baseline - y * pen->unit};
}

static void draw_glyph(const struct pen *pen, const char *path)
{
    struct point at = {0, 0};
    while (*path) {
        const char command = *path++;
        struct point to = read_point(pen, &path);
        if (command == 'Q') {
            const struct point control = to;
            to = read_point(pen, &path);
            stroke_curve(pen, at, control, to);
        } else if (command == 'L') {
            stroke_segment(pen, at, to);
        }
        at = to;
    }
}

void dcl_font_draw(struct dcl_mask *mask, float x, float baseline, const char *text, float unit,
                   float stroke)
{
    struct pen pen = {mask, x, baseline, unit, stroke / 2};
    for (; *text; text += dcl_font_character_size(text)) {
        const struct glyph *glyph = glyph_for(*text);
        draw_glyph(&pen, glyph->path);
        pen.x += advance(glyph, unit);
    }
}
