/* iou_polygon: overlap of every rotated box or polygon of a with every one of b, or of each with
 * its counterpart. in: a [N, A, 5] (cx, cy, w, h, angle) or [N, A, P, 2] (x, y of P vertices), b
 * [N, B, 5] or [N, B, Q, 2], 3 to 16 vertices; or all without N. out: [N, A, B]; elementwise (B =
 * A) [N, A]. iou  intersection / union; 0 where the union is empty iof  intersection / area of a's;
 * 0 where that is empty A box with a width or height of 0 or less is empty. What has a NaN or a
 * coordinate beyond 1e15 gives NaN. The result is the same bits on every device; kernels/polygon.h
 * says how, and how exact it is. */
#include "detcl/rotated.h"
#include "ops/polygon.h"
#include "ops/typed.h"

#include <math.h>

static const char *const kinds[] = {"iou", "iof", NULL};

struct attrs {
    int kind, angle;
    int64_t elementwise;
};

static const struct dcl_attr_spec specs[] = {DCL_CHOICE(struct attrs, kind, "iou", kinds),
                                             DCL_CHOICE(struct attrs, angle, "degrees", dcl_angles),
                                             DCL_INT(struct attrs, elementwise, "0"),
                                             DCL_ATTRS_END};

static enum detcl_status shapes(const struct dcl_call *call, struct dcl_polygons *a,
                                struct dcl_polygons *b)
{
    const struct attrs *attrs = call->attrs;
    DCL_TRY(call->error, dcl_polygons(call, 0, a));
    DCL_TRY(call->error, dcl_polygons(call, 1, b));
    if (a->batched != b->batched || a->images != b->images)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the operands are not of the same images");
    if (attrs->elementwise && a->each != b->each)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "%lld against %lld, elementwise",
                             (long long)a->each, (long long)b->each);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    struct dcl_polygons a, b;
    DCL_TRY(call->error, shapes(call, &a, &b));
    struct detcl_desc *y = &call->out[0]->desc;
    *y = (struct detcl_desc){.dtype = DETCL_F32};
    if (a.batched)
        y->dims[y->rank++] = a.images;
    y->dims[y->rank++] = a.each;
    if (!attrs->elementwise)
        y->dims[y->rank++] = b.each;
    call->cpu_workspace =
        (size_t)(a.images * (a.each * dcl_polygon_floats(&a) + b.each * dcl_polygon_floats(&b))) *
        sizeof(float);
    return DETCL_OK;
}

static void prepare(const struct dcl_call *call, int i, const struct dcl_polygons *p, float *out)
{
    const struct attrs *attrs = call->attrs;
    for (int64_t k = 0; k < p->images * p->each; k++)
        dcl_polygon_prepare(p, call->in[i]->data, k, attrs->angle, out + k * dcl_polygon_floats(p));
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    const struct attrs *attrs = call->attrs;
    struct dcl_polygons a, b;
    DCL_TRY(call->error, shapes(call, &a, &b));
    float *all_a = call->workspace, *all_b = all_a + a.images * a.each * dcl_polygon_floats(&a);
    prepare(call, 0, &a, all_a);
    prepare(call, 1, &b, all_b);
    float *y = call->out[0]->data;
    for (int64_t i = 0; i < a.images * a.each; i++) {
        const float *first = all_a + i * dcl_polygon_floats(&a);
        const float own = dcl_polygon_area(first);
        const int64_t start = attrs->elementwise ? i : i / a.each * b.each;
        for (int64_t j = start; j < start + (attrs->elementwise ? 1 : b.each); j++) {
            const float *second = all_b + j * dcl_polygon_floats(&b);
            const float other = dcl_polygon_area(second);
            const float inter = dcl_polygon_intersection(first, a.vertices, second, b.vertices);
            const float whole = attrs->kind ? own : own + other - inter;
            *y++ = isnan(own) || isnan(other) ? NAN : dcl_polygon_ratio(inter, whole);
        }
    }
    return DETCL_OK;
}

static enum detcl_status record_cl(struct dcl_call *call, struct dcl_recorder *r)
{
    const struct attrs *attrs = call->attrs;
    struct dcl_polygons a, b;
    DCL_TRY(call->error, shapes(call, &a, &b));
    const struct dcl_value *first = dcl_polygon_record(r, &a, call->in[0], attrs->angle);
    const struct dcl_value *second = dcl_polygon_record(r, &b, call->in[1], attrs->angle);
    struct dcl_launch *l = dcl_launch(r, "polygon", "", "polygon_iou");
    dcl_arg_value(l, first);
    dcl_arg_value(l, second);
    dcl_arg_value(l, call->out[0]);
    dcl_arg_int(l, a.each);
    dcl_arg_int(l, b.each);
    dcl_arg_int(l, a.vertices);
    dcl_arg_int(l, b.vertices);
    dcl_arg_int(l, attrs->kind);
    dcl_arg_int(l, attrs->elementwise);
    const size_t rows = attrs->elementwise ? 1 : (size_t)a.each;
    return dcl_grid(l, 3, (size_t[]){(size_t)b.each, rows, (size_t)a.images}, NULL);
}

const struct dcl_op dcl_op_iou_polygon = {
    .name = "iou_polygon",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 2,
    .max_out = 1,
    .source = "detectron2 pairwise_iou_rotated; mmcv box_iou_rotated and box_iou_quadri",
    .limits = "3 to 16 vertices; coordinates up to 1e15",
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = record_cl,
};

enum detcl_status detcl_iou_polygon(struct detcl_context *ctx,
                                    const struct detcl_overlap_params *params,
                                    struct detcl_tensor *a, struct detcl_tensor *b,
                                    struct detcl_tensor *out, const struct detcl_sync *sync)
{
    DCL_NEED_PARAMS(ctx, params);
    const struct attrs attrs = {.kind = (int)params->kind,
                                .angle = (int)params->angle,
                                .elementwise = params->elementwise != 0};
    return DCL_CALL_OP(ctx, iou_polygon, &attrs, sync, DCL_TENSORS(a, b), DCL_TENSORS(out));
}

enum detcl_status detcl_iou_rotated(struct detcl_context *ctx,
                                    const struct detcl_overlap_params *params,
                                    struct detcl_tensor *a, struct detcl_tensor *b,
                                    struct detcl_tensor *out, const struct detcl_sync *sync)
{
    return detcl_iou_polygon(ctx, params, a, b, out, sync);
}
