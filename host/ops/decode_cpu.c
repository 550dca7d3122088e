/* The twin of kernels/decode.cl: tiles of cells, a loop a step, so that the loops vectorise. */
#include "core/simd.h"
#include "core/transpose.h"
#include "ops/decode.h"
#include "ops/exact.h"
#include "ops/exponential.h"

#include <math.h>
#include <string.h>

#define TILE 64

/* Cells p .. p + n - 1 of anchor a of a level in image n; `row` counts over all levels. */
struct place {
    const struct dcl_level *l;
    int64_t image, a, p, row;
    int64_t n; /* at most TILE */
};

static const float *start_of(const struct dcl_field *f, const struct place *at)
{
    return (const float *)f->value->data + f->offset + at->image * f->image + at->a * f->anchor +
           at->p * f->cell;
}

static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

/* --- boxes ------------------------------------------------------------------------------- */

static inline void centre_size(float cx, float cy, float w, float h, float *box)
{
    box[0] = cx - 0.5f * w;
    box[1] = cy - 0.5f * h;
    box[2] = cx + 0.5f * w;
    box[3] = cy + 0.5f * h;
}

/* The tile's mean bin numbers of a side whose distribution starts at x. */
DCL_VECTORISED static void expected_bins(const struct dcl_field *f, const float *x, int64_t bins,
                                         int64_t n, float *mean)
{
    float top[TILE], sum[TILE];
    for (int64_t i = 0; i < n; i++) {
        top[i] = -INFINITY;
        sum[i] = mean[i] = 0;
    }
    for (int64_t k = 0; k < bins; k++)
        for (int64_t i = 0; i < n; i++)
            top[i] = larger(x[k * f->channel + i * f->cell], top[i]);
    for (int64_t k = 0; k < bins; k++)
        for (int64_t i = 0; i < n; i++) {
            const float e = dcl_exact_exp(x[k * f->channel + i * f->cell] - top[i]);
            sum[i] += e;
            mean[i] += (float)k * e;
        }
    for (int64_t i = 0; i < n; i++)
        mean[i] /= sum[i];
}

/* The four numbers of each box, in planes. */
static void load_boxes(const struct dcl_decode *d, const struct place *at, float b[4][TILE])
{
    const struct dcl_field *f = &at->l->box;
    const float *x = start_of(f, at);
    for (int k = 0; k < 4; k++) {
        const int64_t from = d->swap ? k ^ 1 : k;
        if (d->code == DCL_BOX_DFL)
            expected_bins(f, x + from * d->bins * f->channel, d->bins, at->n, b[k]);
        else
            for (int64_t i = 0; i < at->n; i++)
                b[k][i] = x[from * f->channel + i * f->cell];
    }
}

/* XYXY, CXCYWH, XYWH. */
DCL_VECTORISED static void scale_boxes(const struct dcl_decode *d, float b[4][TILE], int64_t n,
                                       float *restrict box)
{
    const float sx = d->scale_x, sy = d->scale_y;
    if (d->code == DCL_BOX_CXCYWH) {
        for (int64_t i = 0; i < n; i++)
            centre_size(b[0][i] * sx, b[1][i] * sy, b[2][i] * sx, b[3][i] * sy, box + 4 * i);
        return;
    }
    const bool size = d->code == DCL_BOX_XYWH;
    for (int64_t i = 0; i < n; i++) {
        box[4 * i] = b[0][i] * sx;
        box[4 * i + 1] = b[1][i] * sy;
        box[4 * i + 2] = (size ? b[0][i] + b[2][i] : b[2][i]) * sx;
        box[4 * i + 3] = (size ? b[1][i] + b[3][i] : b[3][i]) * sy;
    }
}

/* Priors as centres and sizes, in planes. */
static void load_priors(const struct dcl_decode *d, const float *table, int64_t n,
                        float prior[4][TILE])
{
    for (int k = 0; k < 4; k++)
        for (int64_t i = 0; i < n; i++)
            prior[k][i] = table[4 * i + (d->swap ? k ^ 1 : k)];
    for (int k = 0; k < 2 && d->corner_priors; k++)
        for (int64_t i = 0; i < n; i++) {
            prior[2 + k][i] -= prior[k][i];
            prior[k][i] += 0.5f * prior[2 + k][i];
        }
}

DCL_VECTORISED static void prior_boxes(const struct dcl_decode *d, float b[4][TILE],
                                       float prior[4][TILE], int64_t n, float *restrict box)
{
    const float v0 = d->parameter[0], v1 = d->parameter[1], limit = d->max_log_size;
    const float sx = d->scale_x, sy = d->scale_y;
    for (int64_t i = 0; i < n; i++) {
        const float log_w = b[2][i] * v1, log_h = b[3][i] * v1;
        const float w = prior[2][i] * dcl_exact_exp(log_w > limit ? limit : log_w);
        const float h = prior[3][i] * dcl_exact_exp(log_h > limit ? limit : log_h);
        centre_size((prior[0][i] + b[0][i] * v0 * prior[2][i]) * sx,
                    (prior[1][i] + b[1][i] * v0 * prior[3][i]) * sy, w * sx, h * sy, box + 4 * i);
    }
}

/* The column and the row of each cell. */
static void load_cells(const struct place *at, float x[TILE], float y[TILE])
{
    for (int64_t i = 0; i < at->n; i++) {
        x[i] = (float)((at->p + i) % at->l->columns);
        y[i] = (float)((at->p + i) / at->l->columns);
    }
}

/* Codes whose boxes hang on a grid's cells. */
DCL_VECTORISED static void grid_boxes(const struct dcl_decode *d, const struct place *at,
                                      float b[4][TILE], float *restrict box)
{
    const struct dcl_level *l = at->l;
    const float *anchor = l->anchor + 2 * at->a, sx = l->stride_x, sy = l->stride_y;
    const float reach = l->scale_xy, shift = 0.5f * (l->scale_xy - 1.0f), unit = l->unit;
    const float start = d->parameter[0];
    const bool square = d->code == DCL_BOX_CELL_SQUARE || d->code == DCL_BOX_SIGMOID_SQUARE;
    float x[TILE], y[TILE];
    load_cells(at, x, y);
    if (d->code == DCL_BOX_EXP) {
        for (int64_t i = 0; i < at->n; i++)
            centre_size((x[i] + b[0][i]) * sx, (y[i] + b[1][i]) * sy, dcl_exact_exp(b[2][i]) * sx,
                        dcl_exact_exp(b[3][i]) * sy, box + 4 * i);
    } else if (d->code == DCL_BOX_SIGMOID_EXP || d->code == DCL_BOX_SIGMOID_SQUARE) {
        for (int64_t i = 0; i < at->n; i++) {
            const float w = 2.0f * dcl_exact_sigmoid(b[2][i]),
                        h = 2.0f * dcl_exact_sigmoid(b[3][i]);
            centre_size((x[i] + reach * dcl_exact_sigmoid(b[0][i]) - shift) * sx,
                        (y[i] + reach * dcl_exact_sigmoid(b[1][i]) - shift) * sy,
                        (square ? w * w : dcl_exact_exp(b[2][i])) * anchor[0],
                        (square ? h * h : dcl_exact_exp(b[3][i])) * anchor[1], box + 4 * i);
        }
    } else if (d->code == DCL_BOX_CELL_SIZE || d->code == DCL_BOX_CELL_SQUARE) {
        for (int64_t i = 0; i < at->n; i++)
            centre_size((x[i] + b[0][i]) * sx, (y[i] + b[1][i]) * sy,
                        (square ? b[2][i] * b[2][i] : b[2][i]) * d->scale_x,
                        (square ? b[3][i] * b[3][i] : b[3][i]) * d->scale_y, box + 4 * i);
    } else {
        for (int64_t i = 0; i < at->n; i++) {
            const float cx = (x[i] + start) * sx, cy = (y[i] + start) * sy;
            box[4 * i] = cx - b[0][i] * unit;
            box[4 * i + 1] = cy - b[1][i] * unit;
            box[4 * i + 2] = cx + b[2][i] * unit;
            box[4 * i + 3] = cy + b[3][i] * unit;
        }
    }
}

static void decode_boxes(const struct dcl_decode *d, const struct place *at, float *box)
{
    float b[4][TILE];
    load_boxes(d, at, b);
    if (d->code == DCL_BOX_PRIOR) {
        float prior[4][TILE];
        load_priors(d, (const float *)d->priors->data + 4 * at->row, at->n, prior);
        prior_boxes(d, b, prior, at->n, box);
    } else if (d->code <= DCL_BOX_XYWH) {
        scale_boxes(d, b, at->n, box);
    } else {
        grid_boxes(d, at, b, box);
    }
}

/* --- scores ------------------------------------------------------------------------------ */

/* scores [n, classes] as the head has them. */
static void load_scores(const struct dcl_field *f, const float *x, int64_t n, int64_t classes,
                        float *scores)
{
    if (f->cell == 1) {
        dcl_transpose(x, f->channel, classes, n, scores, classes);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < classes; c++)
            scores[i * classes + c] = x[i * f->cell + c * f->channel];
}

DCL_VECTORISED static void sigmoids(float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = dcl_sigmoid(x[i]);
}

/* Between the bits of a float and an integer of the same order. */
static inline int32_t reordered(int32_t bits)
{
    return bits < 0 ? bits ^ INT32_MAX : bits;
}

/* The largest of a row; NaN counts as the largest or not at all. Reduced in integers, as compilers
 * vectorise it. */
static inline float largest(const float *x, int64_t n)
{
    int32_t most = INT32_MIN, bits;
    float top;
    for (int64_t i = 0; i < n; i++) {
        memcpy(&bits, x + i, sizeof bits);
        bits = reordered(bits);
        most = most > bits ? most : bits;
    }
    most = reordered(most);
    memcpy(&top, &most, sizeof top);
    return top;
}

/* The sum of a row, in sixteen parts. */
static inline float sum_of(const float *x, int64_t n)
{
    float part[16] = {0}, rest = 0;
    int64_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 16; k++)
            part[k] += x[i + k];
    for (; i < n; i++)
        rest += x[i];
    for (int k = 0; k < 8; k++)
        part[k] += part[k + 8];
    for (int k = 0; k < 4; k++)
        part[k] += part[k + 4];
    return (part[0] + part[2]) + (part[1] + part[3]) + rest;
}

/* scores = e^(x - the largest of its row), and `sums` has the sum of each row. Rows of x are `step`
 * apart; x may be scores. */
DCL_VECTORISED static void exponentials(const float *x, int64_t step, int64_t n, int64_t classes,
                                        float *scores, float *sums)
{
    for (int64_t i = 0; i < n; i++) {
        const float top = largest(x + i * step, classes);
        for (int64_t c = 0; c < classes; c++)
            scores[i * classes + c] = x[i * step + c] - top;
    }
    for (int64_t i = 0; i < n * classes; i++)
        scores[i] = dcl_exp_below(scores[i]);
    for (int64_t i = 0; i < n; i++)
        sums[i] = sum_of(scores + i * classes, classes);
}

DCL_VECTORISED static void multiply(float *scores, int64_t n, int64_t classes, const float *factors)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < classes; c++)
            scores[i * classes + c] *= factors[i];
}

DCL_VECTORISED static void roots(float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = sqrtf(x[i]);
}

static void decode_scores(const struct dcl_decode *d, const struct place *at, float *scores)
{
    const struct dcl_field *object = &at->l->object;
    const int64_t n = at->n, classes = d->classes;
    float factors[TILE], sums[TILE];
    const struct dcl_field *f = &at->l->cls;
    const float *x = start_of(f, at);
    const bool softmax = d->cls_code == DCL_SCORE_SOFTMAX, direct = softmax && f->channel == 1;
    if (!direct)
        load_scores(f, x, n, classes, scores);
    for (int64_t i = 0; i < n; i++)
        factors[i] = object->value ? start_of(object, at)[i * object->cell] : 1;
    if (object->value && d->object_code == DCL_SCORE_SIGMOID)
        sigmoids(factors, n);
    if (d->cls_code == DCL_SCORE_SIGMOID)
        sigmoids(scores, n * classes);
    if (softmax) {
        exponentials(direct ? x : scores, direct ? f->cell : classes, n, classes, scores, sums);
        for (int64_t i = 0; i < n; i++)
            factors[i] /= sums[i];
    }
    if (object->value || softmax)
        multiply(scores, n, classes, factors);
    if (d->root)
        roots(scores, n * classes);
}

/* --- all of it --------------------------------------------------------------------------- */

static void decode_points(const struct dcl_decode *d, const struct place *at, float *points)
{
    const struct dcl_field *f = &at->l->points;
    const float *x = start_of(f, at);
    float column[TILE], line[TILE];
    load_cells(at, column, line);
    for (int64_t i = 0; i < at->n; i++)
        for (int64_t k = 0; k < d->points; k++)
            points[i * d->points + k] =
                ((k & 1 ? line : column)[i] + x[i * f->cell + k * f->channel]) *
                (k & 1 ? at->l->stride_y : at->l->stride_x);
}

static void decode_anchor(const struct dcl_call *call, const struct dcl_decode *d, struct place *at)
{
    const int64_t rows = dcl_decode_rows(d), cells = at->l->cells;
    for (at->p = 0; at->p < cells; at->p += at->n, at->row += at->n) {
        const int64_t row = at->image * rows + at->row;
        at->n = cells - at->p < TILE ? cells - at->p : TILE;
        decode_boxes(d, at, (float *)call->out[0]->data + 4 * row);
        decode_scores(d, at, (float *)call->out[1]->data + d->classes * row);
        if (dcl_has_out(call, 2))
            decode_points(d, at, (float *)call->out[2]->data + d->points * row);
    }
}

void dcl_decode_cpu(const struct dcl_call *call, const struct dcl_decode *d)
{
    for (int64_t n = 0; n < d->images; n++) {
        struct place at = {.image = n};
        for (int i = 0; i < d->n_levels; i++) {
            at.l = &d->level[i];
            for (at.a = 0; at.a < at.l->anchors; at.a++)
                decode_anchor(call, d, &at);
        }
    }
}
