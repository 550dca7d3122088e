/* detections: the end of a detector: kept candidates as rows that one read brings home.
 * in: frame [capacity] or [N, capacity] (ops/frame.h); boxes [N, M, 4] in network pixels; select's
 * scores, classes, anchors [N, K] and count [N]; nms' keep [N, K] (positions in select's list, best
 * first) and kept [N]. out: [N, 1 + max_output, 6] float32: row 0 = number of detections, number of
 * candidates, zeros; then x1, y1, x2, y2 (image pixels, clipped to the image), score, class. Rows
 * past the last are zero. */
#include "ops/frame.h"
#include "ops/record.h"

#include <math.h>
#include <string.h>

enum { FRAME, BOXES, SCORES, CLASSES, ANCHORS, COUNT, KEEP, KEPT, INPUTS };

struct attrs {
    int64_t max_output;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, max_output, "300"),
                                             DCL_ATTRS_END};

static enum detcl_status check_shapes(const struct dcl_call *call)
{
    const struct detcl_desc *frame = &call->in[FRAME]->desc;
    const int64_t n = frame->rank == 2 ? frame->dims[0] : 1;
    const int64_t k = DCL_DIM(call->in[SCORES], 1);
    bool fits = frame->dims[frame->rank - 1] >= DCL_FRAME_HEADER_BYTES &&
                DCL_DIM(call->in[BOXES], 0) == n && DCL_DIM(call->in[BOXES], 2) == 4;
    for (int i = SCORES; i < INPUTS; i++) {
        const bool list = i != COUNT && i != KEPT;
        fits = fits && DCL_DIM(call->in[i], 0) == n && (!list || DCL_DIM(call->in[i], 1) == k);
    }
    if (!fits)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operands' shapes do not go together");
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    static const int ranks[INPUTS] = {0, 3, 2, 2, 2, 1, 2, 1};
    for (int i = 0; i < INPUTS; i++) {
        const bool real = i == BOXES || i == SCORES;
        DCL_TRY(call->error, dcl_need_dtype(call, i,
                                            i == FRAME ? DCL_U8
                                            : real     ? DCL_F32
                                                       : DCL_I32));
        if (i != FRAME)
            DCL_TRY(call->error, dcl_need_rank(call, i, ranks[i]));
    }
    const struct detcl_desc *frame = &call->in[FRAME]->desc;
    if (frame->rank < 1 || frame->rank > 2 || a->max_output < 1 || a->max_output > 1 << 24)
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT,
                             "frames have rank 1 or 2 and max_output is 1 to 2^24");
    DCL_TRY(call->error, check_shapes(call));
    call->out[0]->desc = (struct detcl_desc){
        .dtype = DETCL_F32, .rank = 3, .dims = {DCL_DIM(call->in[BOXES], 0), 1 + a->max_output, 6}};
    return DETCL_OK;
}

static float mapped(float v, int pad, float scale, int extent)
{
    return fminf(fmaxf((v - (float)pad) * scale, 0.0f), (float)extent);
}

static void write_image(const struct dcl_call *call, int64_t n, float *out)
{
    const struct attrs *a = call->attrs;
    const struct detcl_desc *frame = &call->in[FRAME]->desc;
    const int64_t capacity = frame->dims[frame->rank - 1];
    const int64_t k = DCL_DIM(call->in[SCORES], 1), m = DCL_DIM(call->in[BOXES], 1);
    const int32_t *classes = call->in[CLASSES]->data, *anchors = call->in[ANCHORS]->data;
    const int32_t *keep = (const int32_t *)call->in[KEEP]->data + n * k;
    struct dcl_frame_header h;
    memcpy(&h, (const uint8_t *)call->in[FRAME]->data + n * capacity, sizeof h);
    int64_t total = ((const int32_t *)call->in[KEPT]->data)[n];
    total = !dcl_frame_valid(&h, capacity) ? 0 : total < a->max_output ? total : a->max_output;
    out[0] = (float)total;
    out[1] = (float)((const int32_t *)call->in[COUNT]->data)[n];
    for (int64_t i = 0; i < total; i++) {
        const int64_t at = n * k + keep[i];
        const float *box = (const float *)call->in[BOXES]->data + (n * m + anchors[at]) * 4;
        float *row = out + (1 + i) * 6;
        row[0] = mapped(box[0], h.pad_x, h.scale_x, h.width);
        row[1] = mapped(box[1], h.pad_y, h.scale_y, h.height);
        row[2] = mapped(box[2], h.pad_x, h.scale_x, h.width);
        row[3] = mapped(box[3], h.pad_y, h.scale_y, h.height);
        row[4] = ((const float *)call->in[SCORES]->data)[at];
        row[5] = (float)classes[at];
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const int64_t rows = DCL_DIM(call->out[0], 1);
    float *out = call->out[0]->data;
    memset(out, 0, (size_t)dcl_count(call->out[0]) * sizeof *out);
    for (int64_t n = 0; n < DCL_DIM(call->out[0], 0); n++)
        write_image(call, n, out + n * rows * 6);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct detcl_desc *frame = &call->in[FRAME]->desc;
    const int64_t rows = DCL_DIM(call->out[0], 1);
    struct dcl_launch *l = dcl_launch(r, "detections", "", "detections");
    for (int i = 0; i < INPUTS; i++)
        dcl_arg_value(l, call->in[i]);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, frame->dims[frame->rank - 1]);
    dcl_arg_int(l, DCL_DIM(call->in[BOXES], 1));
    dcl_arg_int(l, DCL_DIM(call->in[SCORES], 1));
    dcl_arg_int(l, rows);
    return dcl_grid(l, 2, (size_t[]){(size_t)rows, (size_t)DCL_DIM(call->out[0], 0)}, NULL);
}

const struct dcl_op dcl_op_detections = {
    .name = "detections",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = INPUTS,
    .max_in = INPUTS,
    .max_out = 1,
    .source = "the rows that detcl_detector_fetch reads",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};
