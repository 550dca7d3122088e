/* Inputs: the same bytes on every machine. */
#include "harness/suite.h"
#include "ops/frame.h"

#include <math.h>
#include <string.h>

const char *const dcl_bench_distribution_names[] = {"uniform", "clustered", "all_overlapping",
                                                    "none_overlapping", "equal_scores"};

#define OBJECTS 50

struct random {
    uint64_t state;
};

/* xorshift64*, 0..1. */
static double next(struct random *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return (double)((r->state * 0x2545f4914f6cdd1dull) >> 11) * 0x1p-53;
}

static double normal(struct random *r)
{
    const double radius = sqrt(-2 * log(1 - next(r)));
    return radius * cos(6.283185307179586 * next(r));
}

struct candidate {
    double box[4], score;
};

static void place(struct candidate *c, double x, double y, double w, double h)
{
    c->box[0] = x;
    c->box[1] = y;
    c->box[2] = x + w;
    c->box[3] = y + h;
}

static void place_clustered(struct random *r, double objects[OBJECTS][4], struct candidate *c)
{
    const double *o = objects[(int)(next(r) * OBJECTS)];
    const double dx = 0.25 * normal(r), dy = 0.25 * normal(r);
    const double w = o[2] * exp(0.25 * normal(r)), h = o[3] * exp(0.25 * normal(r));
    place(c, o[0] + dx * o[2] - w / 2, o[1] + dy * o[3] - h / 2, w, h);
    c->score = exp(-4 * (dx * dx + dy * dy)) * next(r);
}

static void place_one(enum dcl_bench_distribution kind, struct random *r,
                      double objects[OBJECTS][4], int64_t i, int64_t n, struct candidate *c)
{
    const int64_t side = (int64_t)ceil(sqrt((double)n));
    c->score = next(r);
    switch (kind) {
    case DCL_BENCH_CLUSTERED:
        place_clustered(r, objects, c);
        break;
    case DCL_BENCH_ALL_OVERLAPPING:
        place(c, 500 + next(r), 500 + next(r), 100 + next(r), 100 + next(r));
        break;
    case DCL_BENCH_NONE_OVERLAPPING:
        place(c, 12.0 * (double)(i % side), 12.0 * (double)(i / side), 10, 10);
        break;
    case DCL_BENCH_EQUAL_SCORES:
        c->score = 0.5;
        /* fall through */
    default:
        place(c, 900 * next(r), 900 * next(r), 10 + 90 * next(r), 10 + 90 * next(r));
    }
}

/* Boxes and scores come from one stream, so that they belong together. */
static void fill_candidates(const struct dcl_bench_case *c, int64_t n, float *boxes, float *scores,
                            uint64_t seed)
{
    struct random r = {UINT64_C(0x9e3779b97f4a7c15) + seed};
    double objects[OBJECTS][4];
    for (int i = 0; i < OBJECTS; i++) {
        objects[i][0] = 50 + 900 * next(&r);
        objects[i][1] = 50 + 900 * next(&r);
        objects[i][2] = exp(2.5 + 3 * next(&r));
        objects[i][3] = exp(2.5 + 3 * next(&r));
    }
    for (int64_t i = 0; i < n; i++) {
        struct candidate one;
        place_one(c->distribution, &r, objects, i, n, &one);
        for (int k = 0; boxes && k < 4; k++)
            boxes[4 * i + k] = (float)one.box[k];
        if (scores)
            scores[i] = (float)one.score;
    }
}

static void fill_rois(struct random *r, float pixels, int64_t n, float *to)
{
    for (int64_t i = 0; i < n; i++, to += 4) {
        to[0] = (float)(next(r) * ((double)pixels - 420));
        to[1] = (float)(next(r) * ((double)pixels - 420));
        to[2] = to[0] + (float)(20 + 380 * next(r));
        to[3] = to[1] + (float)(20 + 380 * next(r));
    }
}

static void fill_frame(struct random *r, uint8_t *to)
{
    const struct dcl_fit fit = {.resize = DCL_RESIZE_LETTERBOX, .width = 640, .height = 640};
    struct dcl_frame_header header;
    struct dcl_error ignored = {0};
    dcl_frame_fit(&fit, 1280, 720, 3 * 1280, DCL_PIXEL_RGB, &header, &ignored);
    memcpy(to, &header, sizeof header);
    for (int i = 0; i < 3 * 1280 * 720; i++)
        to[DCL_FRAME_HEADER_BYTES + i] = (uint8_t)(256 * next(r));
}

static void fill_uniform(struct random *r, const struct dcl_bench_input *in, void *data)
{
    const int64_t n = detcl_desc_count(&in->desc);
    const double lo = in->lo < in->hi ? (double)in->lo : -1.0;
    const double hi = in->lo < in->hi ? (double)in->hi : 1.0;
    for (int64_t i = 0; i < n; i++) {
        const double v = lo + (hi - lo) * next(r);
        if (in->desc.dtype == DETCL_F32)
            ((float *)data)[i] = (float)v;
        else if (in->desc.dtype == DETCL_I32)
            ((int32_t *)data)[i] = (int32_t)floor(v);
        else if (in->desc.dtype == DETCL_I64)
            ((int64_t *)data)[i] = (int64_t)floor(v);
        else
            ((uint8_t *)data)[i] = (uint8_t)floor(v);
    }
}

void dcl_bench_fill(const struct dcl_bench_case *c, int index, void *data)
{
    const struct dcl_bench_input *in = &c->in[index];
    const int64_t n = detcl_desc_count(&in->desc);
    struct random r = {UINT64_C(0xd1b54a32d192ed03) + (uint64_t)index};
    switch (in->fill) {
    case DCL_BENCH_BOXES:
        fill_candidates(c, n / 4, data, NULL, c->n_in > 1 && index == 1 ? 1 : 0);
        break;
    case DCL_BENCH_SCORES:
        fill_candidates(c, n, NULL, data, 0);
        break;
    case DCL_BENCH_CLASSES:
        for (int64_t i = 0; i < n; i++)
            ((int32_t *)data)[i] = (int32_t)(next(&r) * (double)in->hi);
        break;
    case DCL_BENCH_ROIS:
        fill_rois(&r, in->hi, n / 4, data);
        break;
    case DCL_BENCH_FRAME:
        fill_frame(&r, data);
        break;
    case DCL_BENCH_SCALES:
        for (int64_t i = 0; i < n; i++)
            ((float *)data)[i] = i + 2 < n ? 1.0f : in->lo;
        break;
    case DCL_BENCH_UNIFORM:
        fill_uniform(&r, in, data);
        break;
    }
}
