/* Decoding of detection heads: what the decode_* ops share. Each op says where a head's numbers lie
 * (fields of levels) and how they are coded; this file turns that into
 *   out[0] boxes  [N, M, 4] float32: x1, y1, x2, y2 in network-input pixels, neither clipped nor
 *                 ordered (an exponential that overflows gives an infinite box, which select drops)
 *   out[1] scores [N, M, C] float32: row-major by anchor, so that select scans one flat array
 *   out[2] points [N, M, P] float32, where the head has keypoints: x, y pairs in input pixels
 * on the twin and as launches. Rows are the levels in order, then anchors, then cells row by row.
 */
#ifndef DCL_OPS_DECODE_H
#define DCL_OPS_DECODE_H

#include "ops/record.h"

#define DCL_MAX_LEVELS 8

/* How four (or 4 * bins) numbers b give a box. (col, row) is the cell, s the stride. */
enum dcl_box_code {
    DCL_BOX_XYXY,           /* corners times scale */
    DCL_BOX_CXCYWH,         /* centre and size times scale */
    DCL_BOX_XYWH,           /* corner and size times scale */
    DCL_BOX_PRIOR,          /* c = prior.c + b.xy * v0 * prior.wh, wh = prior.wh * exp(b.wh * v1),
                               then times scale */
    DCL_BOX_EXP,            /* c = (cell + b.xy) * s, wh = exp(b.wh) * s */
    DCL_BOX_SIGMOID_EXP,    /* c = (cell + g sigmoid(b.xy) - (g - 1) / 2) * s, wh = anchor *
                               exp(b.wh); g = the level's scale_xy */
    DCL_BOX_SIGMOID_SQUARE, /* the same centre, wh = anchor * (2 sigmoid(b.wh))^2 */
    DCL_BOX_CELL_SIZE,      /* c = (cell + b.xy) * s, wh = b.wh * scale */
    DCL_BOX_CELL_SQUARE,    /* c = (cell + b.xy) * s, wh = b.wh^2 * scale */
    DCL_BOX_DISTANCE,       /* left, top, right, bottom times unit, from (cell + offset) * s */
    DCL_BOX_DFL             /* the same, each side the mean of a softmax over `bins` bins */
};

enum dcl_score_code { DCL_SCORE_PLAIN, DCL_SCORE_SIGMOID, DCL_SCORE_SOFTMAX };

/* The names of the codes above, for attributes. */
extern const char *const dcl_score_codes[];

/* Element (image n, anchor a, cell p, channel k) lies at offset + n * image + a * anchor + p * cell
 * + k * channel of `value`. */
struct dcl_field {
    const struct dcl_value *value; /* NULL: not there */
    int64_t offset, image, anchor, cell, channel;
};

struct dcl_level {
    struct dcl_field box, cls, object, points;
    int64_t anchors, cells, columns; /* columns: cells in a row of the map */
    float stride_x, stride_y;
    float unit;                   /* DISTANCE, DFL: pixels of a distance of 1 */
    float scale_xy;               /* SIGMOID_*: reach of the centre, in cells */
    float anchor[DCL_MAX_FLOATS]; /* SIGMOID_*: width, height of each anchor in pixels */
};

struct dcl_decode {
    enum dcl_box_code code;
    int n_levels;
    struct dcl_level level[DCL_MAX_LEVELS];
    int64_t images, classes, points;
    enum dcl_score_code cls_code, object_code;
    bool root;              /* score = sqrt(cls * object) instead of cls * object */
    bool swap;              /* the head's (and the priors') order is y, x */
    bool corner_priors;     /* priors are x1, y1, x2, y2, else centre and size */
    float max_log_size;     /* PRIOR: b.wh * v1 is clipped to this */
    float scale_x, scale_y; /* XYXY .. PRIOR, CELL_* */
    float parameter[2];     /* PRIOR: v0, v1; DISTANCE, DFL: offset */
    int64_t bins;
    const struct dcl_value *priors; /* PRIOR: M * 4 numbers */
};

/* M: the rows of all levels. */
int64_t dcl_decode_rows(const struct dcl_decode *d);

/* Set the outputs' desc. Fails when an output that the head needs is absent. */
enum detcl_status dcl_decode_shape(struct dcl_call *call, const struct dcl_decode *d);

/* The twin. */
void dcl_decode_cpu(const struct dcl_call *call, const struct dcl_decode *d);

/* The launches. */
enum detcl_status dcl_decode_record(const struct dcl_call *call, const struct dcl_decode *d,
                                    struct dcl_recorder *r);

/* The arguments of FIELD in kernels/field.h. */
void dcl_arg_field(struct dcl_launch *l, const struct dcl_field *f);

/* --- helpers for the ops' infer ----------------------------------------------------------- */

/* Levels over a height x width input, one level a stride; `*d` gets columns,
 * cells and strides with `anchors` anchors a cell. Fails when a stride does not divide the size. */
enum detcl_status dcl_decode_grid(const struct dcl_call *call, const struct dcl_ints *strides,
                                  int64_t height, int64_t width, int64_t anchors,
                                  struct dcl_decode *d);

/* A field in rows: value [N, M, E], row `first` on, channel `channel` on. */
struct dcl_field dcl_rows_field(const struct dcl_value *v, int64_t first, int64_t channel);

/* A field in a map: value [N, A * E, H, W], channel `channel` of each anchor's E on. */
struct dcl_field dcl_map_field(const struct dcl_value *v, int64_t per_anchor, int64_t channel);

#endif
