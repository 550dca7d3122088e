/* Rendered scenes with known boxes: textured objects, some of two parts that look different, some
 * partly hidden, on a background of two textures, with a gradient of light and noise of a sensor.
 * The same pixels everywhere: integer arithmetic but for basic operations on floats. */
#ifndef TESTS_SCENES_H
#define TESTS_SCENES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SCENES 20

enum { SCENE_WIDTH = 320, SCENE_HEIGHT = 240, SCENE_PIXELS = SCENE_WIDTH * SCENE_HEIGHT };
enum { SCENE_OBJECTS = 6 };

struct scene {
    uint8_t rgb[3 * SCENE_PIXELS];
    int8_t owner[SCENE_PIXELS]; /* the object that shows; -1: the background */
    float box[SCENE_OBJECTS][4];
    int count;
};

static inline uint32_t scene_hash(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t h = a * 0x9e3779b1u ^ b * 0x85ebca77u ^ c * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    return h ^ h >> 15;
}

/* The next of low..high. */
static inline int scene_draw(uint32_t *state, int low, int high)
{
    *state = scene_hash(*state, 1, 2);
    return low + (int)(*state % (uint32_t)(high - low + 1));
}

/* -1..1 between lattice points `period` apart. */
static inline float scene_noise(int x, int y, int period, uint32_t seed)
{
    const int i = x / period, j = y / period;
    const float u = (float)(x % period) / (float)period, v = (float)(y % period) / (float)period;
    float corner[4];
    for (int c = 0; c < 4; c++)
        corner[c] =
            (float)(scene_hash((uint32_t)(i + c % 2), (uint32_t)(j + c / 2), seed) & 0xffff) /
                32767.5f -
            1;
    return (corner[0] * (1 - u) + corner[1] * u) * (1 - v) +
           (corner[2] * (1 - u) + corner[3] * u) * v;
}

struct scene_paint {
    int colour[3], amplitude, kind, period;
    uint32_t seed;
};

static inline struct scene_paint scene_paint(uint32_t *state)
{
    struct scene_paint p = {.kind = scene_draw(state, 0, 5), .period = scene_draw(state, 4, 12)};
    for (int c = 0; c < 3; c++)
        p.colour[c] = scene_draw(state, 30, 225);
    p.amplitude = scene_draw(state, 8, 30);
    p.seed = *state;
    return p;
}

/* Flat, fine or coarse noise, stripes, diagonal stripes, checks: -1..1. */
static inline float scene_texture(const struct scene_paint *p, int x, int y)
{
    switch (p->kind) {
    case 0:
        return 0;
    case 1:
        return scene_noise(x, y, p->period, p->seed);
    case 2:
        return scene_noise(x, y, 3 * p->period, p->seed);
    case 3:
        return (float)(x / p->period % 2 * 2 - 1);
    case 4:
        return (float)((x + y) / p->period % 2 * 2 - 1);
    default:
        return (float)((x / p->period + y / p->period) % 2 * 2 - 1);
    }
}

static inline void scene_dab(struct scene *s, const struct scene_paint *p, int x, int y)
{
    const float t = scene_texture(p, x, y);
    const float light = 0.85f + 0.3f * (float)x / SCENE_WIDTH;
    for (int c = 0; c < 3; c++) {
        const uint32_t h = scene_hash((uint32_t)(y * SCENE_WIDTH + x), (uint32_t)c, p->seed);
        const int noise = (int)(h % 9) + (int)(h / 16 % 9) - 8;
        const float v = ((float)p->colour[c] + t * (float)p->amplitude) * light + (float)noise;
        s->rgb[3 * (y * SCENE_WIDTH + x) + c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

/* Rectangle, ellipse, triangle, or a head on a body, in a box: 0 outside, else 1 or the part. */
static inline int scene_shape(int shape, int x, int y, int width, int height)
{
    const float u = 2 * ((float)x + 0.5f) / (float)width - 1;
    const float v = 2 * ((float)y + 0.5f) / (float)height - 1;
    switch (shape) {
    case 0:
        return 1;
    case 1:
        return u * u + v * v <= 1;
    case 2:
        return (u < 0 ? -u : u) <= (v + 1) / 2;
    default:
        return v > -0.2f ? 2 : u * u * 4 + (v + 0.5f) * (v + 0.5f) * 4 <= 1;
    }
}

static inline void scene_object(struct scene *s, uint32_t *state, int index)
{
    const int shape = scene_draw(state, 0, 3);
    const int width = scene_draw(state, 24, 120), height = scene_draw(state, 24, 120);
    const int left = scene_draw(state, 0, SCENE_WIDTH - width);
    const int top = scene_draw(state, 0, SCENE_HEIGHT - height);
    const struct scene_paint paint[2] = {scene_paint(state), scene_paint(state)};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const int part = scene_shape(shape, x, y, width, height);
            if (part) {
                scene_dab(s, &paint[part - 1], left + x, top + y);
                s->owner[(top + y) * SCENE_WIDTH + left + x] = (int8_t)index;
            }
        }
}

/* The boxes of what shows of each object; less than 400 pixels do not count. */
static inline void scene_boxes(struct scene *s)
{
    s->count = 0;
    for (int i = 0; i < SCENE_OBJECTS; i++) {
        int shown = 0;
        float box[4] = {SCENE_WIDTH, SCENE_HEIGHT, 0, 0};
        for (int at = 0; at < SCENE_PIXELS; at++)
            if (s->owner[at] == i) {
                const float x = (float)(at % SCENE_WIDTH), y = (float)(at / SCENE_WIDTH);
                box[0] = x < box[0] ? x : box[0];
                box[1] = y < box[1] ? y : box[1];
                box[2] = x + 1 > box[2] ? x + 1 : box[2];
                box[3] = y + 1 > box[3] ? y + 1 : box[3];
                shown++;
            }
        if (shown >= 400)
            memcpy(s->box[s->count++], box, sizeof box);
    }
}

/* Scene `number` of 0..SCENES - 1, to be freed; NULL when memory ran out. */
static inline struct scene *scene_create(int number)
{
    struct scene *s = malloc(sizeof *s);
    uint32_t state = scene_hash((uint32_t)number, 77, 5);
    if (!s)
        return NULL;
    const struct scene_paint above = scene_paint(&state), below = scene_paint(&state);
    const int horizon = scene_draw(&state, SCENE_HEIGHT / 4, SCENE_HEIGHT * 3 / 4);
    for (int at = 0; at < SCENE_PIXELS; at++)
        scene_dab(s, at / SCENE_WIDTH < horizon ? &above : &below, at % SCENE_WIDTH,
                  at / SCENE_WIDTH);
    memset(s->owner, -1, sizeof s->owner);
    const int objects = scene_draw(&state, 3, SCENE_OBJECTS);
    for (int i = 0; i < objects; i++)
        scene_object(s, &state, i);
    scene_boxes(s);
    return s;
}

static inline float scene_iou(const float *a, const float *b)
{
    const float w = (a[2] < b[2] ? a[2] : b[2]) - (a[0] > b[0] ? a[0] : b[0]);
    const float h = (a[3] < b[3] ? a[3] : b[3]) - (a[1] > b[1] ? a[1] : b[1]);
    const float both = w > 0 && h > 0 ? w * h : 0;
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both);
}

/* How well lists of boxes find the objects. */
struct scene_score {
    int objects, at_50, at_70;
    double overlap; /* sum of the best of each object */
};

static inline void scene_score(const struct scene *s, const float *boxes, int count,
                               struct scene_score *score)
{
    for (int i = 0; i < s->count; i++) {
        float best = 0;
        for (int j = 0; j < count; j++) {
            const float v = scene_iou(s->box[i], boxes + 4 * j);
            best = v > best ? v : best;
        }
        score->objects++;
        score->at_50 += best >= 0.5f;
        score->at_70 += best >= 0.7f;
        score->overlap += (double)best;
    }
}

#endif
