/* decode_yolov1: the fully connected output of YOLOv1 (Redmon et al. 2016, section 2).
 * in: [N, S * S * (B * 5 + C)], or any shape of as many numbers an image, for S = `side` cells a
 * side and B = `boxes` boxes a cell; numbers as they come, without an activation.
 *   layout=cell     cell by cell: B x (x, y, w, h, confidence), then C classes (the paper's tensor)
 *   layout=grouped  S * S * C classes, S * S * B confidences, S * S * B x (x, y, w, h), each cell
 * by cell (Darknet's detection layer) x, y count from the cell's corner in cells; w, h are of the
 * whole image, and with square=1 the network gives their square roots (section 2.2). score =
 * confidence * class. out: see ops/decode.h, rows box number by box number, each of S * S cells row
 * by row. */
#include "detcl/proposals.h"
#include "ops/decode.h"
#include "ops/typed.h"

static const char *const layouts[] = {"cell", "grouped", NULL};

struct attrs {
    int64_t height, width, side, boxes, square;
    int layout;
};

static const struct dcl_attr_spec specs[] = {DCL_INT(struct attrs, height, NULL),
                                             DCL_INT(struct attrs, width, NULL),
                                             DCL_INT(struct attrs, side, "7"),
                                             DCL_INT(struct attrs, boxes, "2"),
                                             DCL_INT(struct attrs, square, "1"),
                                             DCL_CHOICE(struct attrs, layout, "cell", layouts),
                                             DCL_ATTRS_END};

#define MOST 1024 /* cells a side, boxes a cell */

static struct dcl_decode describe(const struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    const struct dcl_value *x = call->in[0];
    const int64_t cells = a->side * a->side, boxes = a->boxes;
    int64_t numbers = 1;
    for (int i = 1; i < x->desc.rank; i++)
        numbers *= DCL_DIM(x, i);
    const int64_t each = numbers / cells, classes = each - 5 * boxes;
    struct dcl_decode d = {.code = a->square ? DCL_BOX_CELL_SQUARE : DCL_BOX_CELL_SIZE,
                           .n_levels = 1,
                           .images = DCL_DIM(x, 0),
                           .classes = classes,
                           .scale_x = (float)a->width,
                           .scale_y = (float)a->height};
    struct dcl_level *l = &d.level[0];
    *l = (struct dcl_level){.anchors = boxes,
                            .cells = cells,
                            .columns = a->side,
                            .stride_x = (float)a->width / (float)a->side,
                            .stride_y = (float)a->height / (float)a->side};
    const struct dcl_field part = {.value = x, .image = numbers, .channel = 1};
    l->box = l->cls = l->object = part;
    if (a->layout) {
        l->cls.cell = classes;
        l->object.offset = cells * classes;
        l->object.cell = boxes;
        l->object.anchor = 1;
        l->box.offset = cells * (classes + boxes);
        l->box.cell = 4 * boxes;
        l->box.anchor = 4;
    } else {
        l->cls.cell = l->object.cell = l->box.cell = each;
        l->cls.offset = 5 * boxes;
        l->object.offset = 4;
        l->object.anchor = l->box.anchor = 5;
    }
    if (classes == 0) { /* the confidence stands for the one class */
        d.classes = 1;
        l->cls = l->object;
        l->object.value = NULL;
    }
    return d;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *a = call->attrs;
    DCL_TRY(call->error, dcl_need_dtype(call, 0, DCL_F32));
    if (a->side < 1 || a->side > MOST || a->boxes < 1 || a->boxes > MOST || a->height < 1 ||
        a->width < 1 || a->height > INT32_MAX || a->width > INT32_MAX)
        return DCL_CALL_FAIL(
            call, DETCL_ERROR_ARGUMENT, "%lld cells a side of %lld boxes on %lld x %lld pixels",
            (long long)a->side, (long long)a->boxes, (long long)a->width, (long long)a->height);
    const struct dcl_value *x = call->in[0];
    const int64_t cells = a->side * a->side;
    int64_t numbers = 1;
    for (int i = 1; i < x->desc.rank; i++)
        numbers *= DCL_DIM(x, i);
    if (x->desc.rank < 2 || numbers % cells || numbers / cells < 5 * a->boxes)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld numbers an image are not %lld cells of %lld boxes and classes",
                             (long long)numbers, (long long)cells, (long long)a->boxes);
    const struct dcl_decode d = describe(call);
    return dcl_decode_shape(call, &d);
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct dcl_decode d = describe(call);
    dcl_decode_cpu(call, &d);
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct dcl_decode d = describe(call);
    return dcl_decode_record(call, &d, r);
}

const struct dcl_op dcl_op_decode_yolov1 = {
    .name = "decode_yolov1",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 1,
    .max_in = 1,
    .max_out = 2,
    .tolerance = 1e-5f,
    .source = "Redmon et al. 2016 (YOLO), section 2; Darknet's detection layer",
    .limits = "square grids",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_decode_yolov1(struct detcl_context *ctx,
                                      const struct detcl_decode_yolov1_params *params,
                                      struct detcl_tensor *x, struct detcl_tensor *boxes,
                                      struct detcl_tensor *scores, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.height = params->height,
                                .width = params->width,
                                .side = params->side ? params->side : 7,
                                .boxes = params->boxes ? params->boxes : 2,
                                .square = !params->linear,
                                .layout = params->grouped != 0};
    return DCL_CALL_OP(ctx, decode_yolov1, &attrs, sync, DCL_TENSORS(x),
                       DCL_TENSORS(boxes, scores));
}
