#include "image/codec.h"
#include "image/font.h"
#include "image/label.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LABELS 2048
#define LABEL_BYTES 128

struct color {
    uint8_t r, g, b;
};

static const struct color ink = {12, 12, 16};

/* Sizes in pixels that suit the picture. */
struct style {
    int thickness; /* of a frame */
    int padding;   /* between a label's text and its edge */
    float unit;    /* of the font */
    float stroke;
    int label_height;
};

/* A detection that is drawn. Items are sorted by falling score. */
struct item {
    const struct dcl_image_box *box;
    struct dcl_rect frame; /* outer edge */
    struct color color;
    char text[LABEL_BYTES];
};

struct drawing {
    struct dcl_image *image;
    struct style style;
    struct item *items;
    size_t count;
    struct dcl_rect *frames, *labels; /* of the first label_count items */
    size_t label_count;
    struct dcl_mask mask; /* room for the largest label */
};

static struct style style_for(int width, int height)
{
    const float size = sqrtf((float)width * (float)height);
    struct style style;
    style.thickness = (int)fmaxf(roundf(size / 300), 2);
    /* Quarter steps keep stems on or half-way between pixels, where small text stays sharp. */
    style.unit = fmaxf(floorf(size / 900 * 4) / 4, 0.5f);
    style.stroke = 2.3f * style.unit + 0.25f;
    style.padding = (int)ceilf(style.stroke / 2 + DCL_FONT_DESCENDER * style.unit);
    style.label_height = 2 * style.padding + (int)roundf(DCL_FONT_CAPITAL * style.unit) + 1;
    return style;
}

static uint8_t encode_srgb(float linear)
{
    const float v = fminf(fmaxf(linear, 0), 1);
    const float s = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1 / 2.4f) - 0.055f;
    return (uint8_t)(255 * s + 0.5f);
}

/* One of 80 colours, alternating in lightness and, by eights, between strong and soft, with a step
 * in hue that sets neighbours far apart: the first twelve differ by at least 0.08 in Oklab and all
 * by 0.02. All are light enough for dark text. Oklch to sRGB after B. Ottosson, "A perceptual
 * color space for image processing" (2020). */
static struct color class_color(int class_index)
{
    const unsigned index = (unsigned)class_index % 80;
    const float hue = 6.2831853f * (0.4f + 0.275f * (float)index);
    const float l = index % 2 == 0 ? 0.82f : 0.72f;
    const float chroma = index / 8 % 2 == 0 ? 0.17f : 0.10f;
    const float a = chroma * cosf(hue), b = chroma * sinf(hue);
    float lms[3] = {l + 0.3963377774f * a + 0.2158037573f * b,
                    l - 0.1055613458f * a - 0.0638541728f * b,
                    l - 0.0894841775f * a - 1.2914855480f * b};
    for (int i = 0; i < 3; i++)
        lms[i] = lms[i] * lms[i] * lms[i];
    return (struct color){
        encode_srgb(4.0767416621f * lms[0] - 3.3077115913f * lms[1] + 0.2309699292f * lms[2]),
        encode_srgb(-1.2684380046f * lms[0] + 2.6097574011f * lms[1] - 0.3413193965f * lms[2]),
        encode_srgb(-0.0041960863f * lms[0] - 0.7034186147f * lms[1] + 1.7076147010f * lms[2])};
}

static void blend(uint8_t *pixel, struct color color, unsigned coverage)
{
    const uint8_t c[3] = {color.r, color.g, color.b};
    for (int i = 0; i < 3; i++)
        pixel[i] = (uint8_t)((c[i] * coverage + pixel[i] * (255 - coverage) + 127) / 255);
}

static int clamp_int(int value, int low, int high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

static void fill(struct dcl_image *image, struct dcl_rect rect, struct color color,
                 unsigned coverage)
{
    const int left = clamp_int(rect.left, 0, image->width);
    const int right = clamp_int(rect.right, 0, image->width);
    const int top = clamp_int(rect.top, 0, image->height);
    const int bottom = clamp_int(rect.bottom, 0, image->height);
    for (int y = top; y < bottom; y++) {
        uint8_t *row = image->rgb + 3 * (size_t)y * (size_t)image->width;
        for (int x = left; x < right; x++)
            blend(row + 3 * x, color, coverage);
    }
}

static struct dcl_rect grow(struct dcl_rect r, int by)
{
    return (struct dcl_rect){r.left - by, r.top - by, r.right + by, r.bottom + by};
}

/* The band of `thickness` pixels inside of `r`; each pixel once. */
static void fill_band(struct dcl_image *image, struct dcl_rect r, int thickness, struct color color,
                      unsigned coverage)
{
    const int inner_top = clamp_int(r.top + thickness, r.top, r.bottom);
    const int inner_bottom = clamp_int(r.bottom - thickness, inner_top, r.bottom);
    const int inner_left = clamp_int(r.left + thickness, r.left, r.right);
    const int inner_right = clamp_int(r.right - thickness, inner_left, r.right);
    fill(image, (struct dcl_rect){r.left, r.top, r.right, inner_top}, color, coverage);
    fill(image, (struct dcl_rect){r.left, inner_bottom, r.right, r.bottom}, color, coverage);
    fill(image, (struct dcl_rect){r.left, inner_top, inner_left, inner_bottom}, color, coverage);
    fill(image, (struct dcl_rect){inner_right, inner_top, r.right, inner_bottom}, color, coverage);
}

/* Frames of small objects are thinner, or they would hide what they mark. */
static int frame_thickness(const struct dcl_image_box *box, int thickness)
{
    const float side = fminf(box->x2 - box->x1, box->y2 - box->y1);
    return side >= (float)(8 * thickness) ? thickness : clamp_int((int)(side / 8), 1, thickness);
}

/* A coloured frame between two thin shadows, which set it off from any background. */
static void draw_frame(struct dcl_image *image, const struct item *item, int thickness)
{
    const int shadow = (thickness + 3) / 4;
    fill_band(image, grow(item->frame, shadow), shadow, ink, 110);
    fill_band(image, item->frame, thickness, item->color, 255);
    fill_band(image, grow(item->frame, -thickness), shadow, ink, 110);
}

static void draw_label(struct drawing *drawing, const struct item *item, struct dcl_rect at)
{
    const struct style *style = &drawing->style;
    struct dcl_mask *mask = &drawing->mask;
    struct dcl_image *image = drawing->image;
    mask->width = at.right - at.left;
    mask->height = at.bottom - at.top;
    memset(mask->coverage, 0, (size_t)mask->width * (size_t)mask->height);
    dcl_font_draw(mask, (float)style->padding, (float)(mask->height - 1 - style->padding),
                  item->text, style->unit, style->stroke);
    fill(image, at, item->color, 255);
    const int right = at.right < image->width ? at.right : image->width;
    const int bottom = at.bottom < image->height ? at.bottom : image->height;
    for (int y = at.top; y < bottom; y++) {
        const uint8_t *coverage = mask->coverage + (size_t)(y - at.top) * (size_t)mask->width;
        uint8_t *row = image->rgb + 3 * (size_t)y * (size_t)image->width;
        for (int x = at.left; x < right; x++)
            blend(row + 3 * x, ink, coverage[x - at.left]);
    }
}

/* Copy as many whole characters of the name as fit `bytes` with the end mark, then the score. */
static void write_text(char *text, const char *name, size_t bytes, float score)
{
    size_t used = 0;
    while (name[used]) {
        const size_t next = dcl_font_character_size(name + used);
        if (used + next > bytes)
            break;
        used += next;
    }
    const char *more = name[used] ? "..." : "";
    if (isnan(score))
        snprintf(text, LABEL_BYTES, "%.*s%s", (int)used, name, more);
    else
        snprintf(text, LABEL_BYTES, "%.*s%s %.2f", (int)used, name, more, (double)score);
}

static int label_width(const struct style *style, const char *text)
{
    return (int)ceilf(dcl_font_width(text, style->unit)) + 2 * style->padding + 1;
}

/* Shorten the name until the label fits the picture's width, or nothing of the name is left. */
static void compose_text(struct item *item, const struct style *style, int width)
{
    char number[32];
    snprintf(number, sizeof number, "class %d", item->box->class_index);
    const char *name = item->box->label ? item->box->label : number;
    size_t bytes = LABEL_BYTES / 2;
    write_text(item->text, name, bytes, item->box->score);
    while (bytes > 0 && label_width(style, item->text) > width)
        write_text(item->text, name, --bytes, item->box->score);
}

/* The outer edge of a box's frame; false when there is nothing to draw. */
static bool visible_frame(const struct dcl_image_box *box, int thickness, int width, int height,
                          struct dcl_rect *frame)
{
    if (!isfinite(box->x1) || !isfinite(box->y1) || !isfinite(box->x2) || !isfinite(box->y2))
        return false;
    if (box->x1 >= box->x2 || box->y1 >= box->y2)
        return false;
    if (box->x2 <= 0 || box->y2 <= 0 || box->x1 >= (float)width || box->y1 >= (float)height)
        return false;
    /* The frame lies half outside of the box; at the picture's edge it stays visible. */
    const float half = (float)frame_thickness(box, thickness) / 2;
    frame->left = (int)roundf(fmaxf(box->x1 - half, 0));
    frame->top = (int)roundf(fmaxf(box->y1 - half, 0));
    frame->right = (int)roundf(fminf(box->x2 + half, (float)width));
    frame->bottom = (int)roundf(fminf(box->y2 + half, (float)height));
    return frame->left < frame->right && frame->top < frame->bottom;
}

/* By falling score, NaN last, equal scores in the caller's order. */
static int compare_items(const void *pa, const void *pb)
{
    const struct item *a = pa, *b = pb;
    const float sa = isnan(a->box->score) ? -INFINITY : a->box->score;
    const float sb = isnan(b->box->score) ? -INFINITY : b->box->score;
    if (sa != sb)
        return sa > sb ? -1 : 1;
    return a->box < b->box ? -1 : a->box > b->box;
}

/* Keep the visible boxes, best first. */
static void select_items(struct drawing *drawing, const struct dcl_image_box *boxes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct item *item = &drawing->items[drawing->count];
        if (!visible_frame(&boxes[i], drawing->style.thickness, drawing->image->width,
                           drawing->image->height, &item->frame))
            continue;
        item->box = &boxes[i];
        item->color = class_color(boxes[i].class_index);
        drawing->count++;
    }
    qsort(drawing->items, drawing->count, sizeof *drawing->items, compare_items);
}

static void place_labels(struct drawing *drawing)
{
    drawing->label_count = drawing->count < MAX_LABELS ? drawing->count : MAX_LABELS;
    for (size_t i = 0; i < drawing->label_count; i++)
        drawing->frames[i] = drawing->items[i].frame;
    struct dcl_label_scene scene = {.width = drawing->image->width,
                                    .height = drawing->image->height,
                                    .frames = drawing->frames,
                                    .frame_count = drawing->label_count,
                                    .labels = drawing->labels};
    for (size_t i = 0; i < drawing->label_count; i++) {
        struct item *item = &drawing->items[i];
        compose_text(item, &drawing->style, scene.width);
        drawing->labels[i] =
            dcl_label_place(&scene, item->frame, label_width(&drawing->style, item->text),
                            drawing->style.label_height);
        scene.label_count++;
    }
}

/* Room for the largest label. */
static bool allocate_mask(struct drawing *drawing)
{
    int widest = 1;
    for (size_t i = 0; i < drawing->label_count; i++) {
        const int wide = drawing->labels[i].right - drawing->labels[i].left;
        widest = wide > widest ? wide : widest;
    }
    drawing->mask.coverage = malloc((size_t)widest * (size_t)drawing->style.label_height);
    return drawing->mask.coverage != NULL;
}

static void draw_all(struct drawing *drawing)
{
    for (size_t i = drawing->count; i-- > 0;)
        draw_frame(drawing->image, &drawing->items[i],
                   frame_thickness(drawing->items[i].box, drawing->style.thickness));
    for (size_t i = drawing->label_count; i-- > 0;)
        draw_label(drawing, &drawing->items[i], drawing->labels[i]);
}

enum detcl_status dcl_image_draw_boxes(struct dcl_image *image, const struct dcl_image_box *boxes,
                                       size_t count, char *why, size_t why_size)
{
    if (count == 0)
        return DETCL_OK;
    const size_t labels = count < MAX_LABELS ? count : MAX_LABELS;
    struct drawing drawing = {.image = image,
                              .style = style_for(image->width, image->height),
                              .items = calloc(count, sizeof *drawing.items),
                              .frames = calloc(labels, sizeof *drawing.frames),
                              .labels = calloc(labels, sizeof *drawing.labels)};
    enum detcl_status status = DETCL_ERROR_MEMORY;
    if (drawing.items && drawing.frames && drawing.labels) {
        select_items(&drawing, boxes, count);
        place_labels(&drawing);
        if (allocate_mask(&drawing)) {
            draw_all(&drawing);
            status = DETCL_OK;
        }
    }
    if (status != DETCL_OK && why && why_size > 0)
        snprintf(why, why_size, "no memory to draw %zu boxes", count);
    free(drawing.items);
    free(drawing.frames);
    free(drawing.labels);
    free(drawing.mask.coverage);
    return status;
}
