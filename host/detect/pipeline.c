#include "detect/pipeline.h"

#include "detect/heads.h"
#include "detect/text.h"

struct dcl_fit dcl_pipeline_fit(const struct dcl_detect_spec *spec, int width, int height)
{
    const int shorter = width < height ? width : height;
    return (struct dcl_fit){.resize = spec->resize.mode,
                            .width = width,
                            .height = height,
                            .resize_to = spec->resize.shorter ? spec->resize.shorter : shorter,
                            .center = spec->centred};
}

static enum detcl_status no_memory(struct dcl_graph *g)
{
    return DCL_FAIL(g->error, DETCL_ERROR_MEMORY, "out of memory while building the detector");
}

static enum detcl_status add_letterbox(struct dcl_graph *g, const struct dcl_detect_spec *spec,
                                       int width, int height)
{
    static const char *const modes[] = {"letterbox", "stretch", "pad_square", "crop"};
    struct dcl_value *image = g->inputs[0], *frame = dcl_graph_value(g, "frame");
    if (!frame)
        return no_memory(g);
    frame->desc = (struct detcl_desc){DETCL_U8, 1, {-1}};
    g->inputs[0] = frame;
    char room[512];
    struct dcl_text t = dcl_text_in(room, sizeof room);
    const struct dcl_fit fit = dcl_pipeline_fit(spec, width, height);
    dcl_text_put(&t, "height=%d width=%d channels=%s resize=%s anchor=%s resize_to=%d pad=%d mean=",
                 height, width, dcl_channel_names[spec->bgr], modes[fit.resize],
                 fit.center ? "center" : "top_left", fit.resize_to, spec->pad);
    dcl_text_floats(&t, spec->mean.v, 3, 9);
    dcl_text_put(&t, " scale=");
    dcl_text_floats(&t, spec->scale.v, 3, 9);
    DCL_TRY(g->error,
            dcl_graph_node(g, "letterbox", "letterbox", room, &frame, 1, &image, 1, NULL));
    dcl_graph_move_last(g, 0);
    return DETCL_OK;
}

/* Values named after their ops, `n` of them. */
static bool new_values(struct dcl_graph *g, const char *const *names, int n,
                       struct dcl_value **values)
{
    for (int i = 0; i < n; i++)
        if (!(values[i] = dcl_graph_value(g, names[i])))
            return false;
    return true;
}

/* How many boxes are kept at most. */
static int most(const struct dcl_detect_spec *spec)
{
    const bool fewer = spec->head == DCL_HEAD_CLASSIFIER && spec->top < spec->max_detections;
    return fewer ? spec->top : spec->max_detections;
}

/* Candidates: their scores, classes, anchors and count. */
static enum detcl_status add_select(struct dcl_graph *g, const struct dcl_detect_spec *spec,
                                    struct dcl_value *const head[2], struct dcl_value *list[4])
{
    static const char *const names[] = {"scores", "classes", "anchors", "count"};
    if (!new_values(g, names, 4, list))
        return no_memory(g);
    char room[128];
    struct dcl_text t = dcl_text_in(room, sizeof room);
    dcl_text_put(&t, "score_threshold=%.9g mode=%s background=%d", (double)spec->score,
                 spec->multi_label ? "multi_label" : "best_class", spec->background ? 0 : -1);
    return dcl_graph_node(g, "select", "select", room, head, 2, list, 4, NULL);
}

static enum detcl_status add_nms(struct dcl_graph *g, const struct dcl_detect_spec *spec,
                                 struct dcl_value *boxes, struct dcl_value *const list[4],
                                 struct dcl_value *kept[2])
{
    static const char *const names[] = {"keep", "kept"};
    if (!new_values(g, names, 2, kept))
        return no_memory(g);
    struct dcl_value *const in[] = {boxes, list[0], list[1], list[2], list[3]};
    char room[128];
    struct dcl_text t = dcl_text_in(room, sizeof room);
    dcl_text_put(&t, "iou_threshold=%.9g max_output=%d class_agnostic=%d", (double)spec->iou,
                 most(spec), spec->agnostic);
    return dcl_graph_node(g, "nms", "nms", room, in, 5, kept, 2, NULL);
}

static enum detcl_status add_detections(struct dcl_graph *g, const struct dcl_detect_spec *spec,
                                        struct dcl_value *boxes, struct dcl_value *const list[4],
                                        struct dcl_value *const kept[2])
{
    struct dcl_value *out = dcl_graph_value(g, "detections");
    if (!out)
        return no_memory(g);
    struct dcl_value *const in[] = {g->inputs[0], boxes,   list[0], list[1],
                                    list[2],      list[3], kept[0], kept[1]};
    char room[64];
    struct dcl_text t = dcl_text_in(room, sizeof room);
    dcl_text_put(&t, "max_output=%d", most(spec));
    DCL_TRY(g->error, dcl_graph_node(g, "detections", "detections", room, in, 8, &out, 1, NULL));
    g->n_outputs = 0;
    return dcl_graph_add_output(g, out);
}

enum detcl_status dcl_pipeline_attach(struct dcl_graph *bound, const struct dcl_detect_spec *spec)
{
    const struct dcl_value *image = bound->inputs[0];
    const int height = (int)DCL_DIM(image, 2), width = (int)DCL_DIM(image, 3);
    struct dcl_value *head[2], *list[4], *kept[2];
    DCL_TRY(bound->error, add_letterbox(bound, spec, width, height));
    DCL_TRY(bound->error, dcl_head_attach(bound, spec, width, height, &head[0], &head[1]));
    DCL_TRY(bound->error, add_select(bound, spec, head, list));
    DCL_TRY(bound->error, add_nms(bound, spec, head[0], list, kept));
    DCL_TRY(bound->error, add_detections(bound, spec, head[0], list, kept));
    dcl_graph_prune(bound);
    return DETCL_OK;
}

int dcl_pipeline_rows(const struct dcl_detect_spec *spec)
{
    return 1 + most(spec);
}
