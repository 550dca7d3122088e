/* The box kernels of decode.cl for processors with vectors: 16 boxes at a time. After
 * decode_vector.h. */
/* (a0, b0, a1, b1, ...) of the lower or upper halves. */
static float16 interleave(const float8 a, const float8 b)
{
    float16 v;
    v.even = a;
    v.odd = b;
    return v;
}

/* The first `there` of 16 boxes as planes. */
static void load_boxes(global const float *from, const int there, float16 *b)
{
    float last[64];
    float16 p[4];
    for (int k = 0; k < 64 && there < 16; k++)
        last[k] = from[min(k, 4 * there - 1)];
    for (int k = 0; k < 4; k++)
        p[k] = there < 16 ? vload16(k, last) : vload16(k, from);
    b[0] = (float16)(p[0].s048c, p[1].s048c, p[2].s048c, p[3].s048c);
    b[1] = (float16)(p[0].s159d, p[1].s159d, p[2].s159d, p[3].s159d);
    b[2] = (float16)(p[0].s26ae, p[1].s26ae, p[2].s26ae, p[3].s26ae);
    b[3] = (float16)(p[0].s37bf, p[1].s37bf, p[2].s37bf, p[3].s37bf);
}

/* And back. */
static void store_boxes(const float16 left, const float16 top, const float16 right,
                        const float16 bottom, const int there, global float *boxes)
{
    const float16 x[2] = {interleave(left.lo, right.lo), interleave(left.hi, right.hi)};
    const float16 y[2] = {interleave(top.lo, bottom.lo), interleave(top.hi, bottom.hi)};
    const float16 out[4] = {interleave(x[0].lo, y[0].lo), interleave(x[0].hi, y[0].hi),
                            interleave(x[1].lo, y[1].lo), interleave(x[1].hi, y[1].hi)};
    float v[64];
    for (int k = 0; k < 4; k++)
        if (there == 16)
            STORE16(out[k], boxes + 16 * k);
        else
            vstore16(out[k], k, v);
    for (int k = 0; k < 4 * there && there < 16; k++)
        boxes[k] = v[k];
}

/* decode_boxes_f32 for boxes that are only scaled (XYXY, XYWH, CXCYWH), a work-item 16 cells of an
 * anchor; the cells of a coordinate lie side by side. */
KERNEL void CHAINED(decode_boxes_columns_f32)(FIELD(box), TENSOR(float, boxes), const int anchors,
                                              const int cells, const int first, const int rows,
                                              const int code, const int swap, const float scale_x,
                                              const float scale_y PLACED)
{
    OPEN(boxes);
    const int spans = (cells + 15) / 16, span = ID(0), n = ID(1);
    if (span >= anchors * spans)
        return;
    const int begin = modulo(span, spans) * 16, there = min(16, cells - begin);
    const int i = span / spans * cells + begin;
    SEEK(box);
    float16 b[4];
    for (int k = 0; k < 4; k++) {
        global const float *from = box + (long)(swap ? k ^ 1 : k) * box_channel;
        float v[16];
        for (int j = 0; j < 16 && there < 16; j++)
            v[j] = j < there ? from[j] : 0;
        b[k] = (there < 16 ? vload16(0, v) : vload16(0, from)) * (k & 1 ? scale_y : scale_x);
    }
    const float16 left = code == CXCYWH ? b[0] - 0.5f * b[2] : b[0];
    const float16 top = code == CXCYWH ? b[1] - 0.5f * b[3] : b[1];
    const float16 right = code == CXCYWH ? b[0] + 0.5f * b[2] : code == XYWH ? b[0] + b[2] : b[2];
    const float16 bottom = code == CXCYWH ? b[1] + 0.5f * b[3] : code == XYWH ? b[1] + b[3] : b[3];
    store_boxes(left, top, right, bottom, there, boxes + 4 * ((long)n * rows + first + i));
}

/* decode_boxes_f32 for priors (PRIOR), a work-item 16 rows of four numbers each. */
KERNEL void CHAINED(decode_priors_rows_f32)(FIELD(box), TENSOR(const float, table),
                                            TENSOR(float, boxes), const int cells, const int first,
                                            const int rows, const int swap, const float scale_x,
                                            const float scale_y, const float parameter0,
                                            const float parameter1, const int corner_priors,
                                            const float max_log_size PLACED)
{
    OPEN(boxes);
    const int i = 16 * ID(0), n = ID(1);
    if (i >= cells)
        return;
    const int there = min(16, cells - i);
    box += box_at + box_offset + (long)n * box_image + 4 * (long)i;
    float16 b[4], prior[4], centre[2], size[2];
    load_boxes(box, there, b);
    load_boxes(table + table_at + 4 * (long)(first + i), there, prior);
    for (int k = 0; k < 2; k++) {
        const int from = k ^ swap;
        const float16 high = prior[2 + from], extent = corner_priors ? high - prior[from] : high;
        const float16 middle = corner_priors ? prior[from] + 0.5f * extent : prior[from];
        const float16 log_size = b[2 + from] * parameter1;
        centre[k] = (middle + b[from] * parameter0 * extent) * (k ? scale_y : scale_x);
        size[k] = extent * exp(log_size > max_log_size ? (float16)max_log_size : log_size) *
                  (k ? scale_y : scale_x);
    }
    store_boxes(centre[0] - 0.5f * size[0], centre[1] - 0.5f * size[1], centre[0] + 0.5f * size[0],
                centre[1] + 0.5f * size[1], there, boxes + 4 * ((long)n * rows + first + i));
}
