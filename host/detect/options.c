#include "detect/options.h"

#include <math.h>
#include <string.h>

void detcl_detector_params_init(struct detcl_detector_params *params)
{
    if (params)
        *params = (struct detcl_detector_params){.score = -1, .iou = -1, .pad = -1};
}

static enum detcl_status take_threshold(const char *name, float given, enum dcl_setting setting,
                                        float *out, struct dcl_detect_spec *layer,
                                        struct dcl_error *e)
{
    if (given < 0)
        return DETCL_OK;
    if (!(given <= 1))
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "%s: %g is outside 0..1", name, (double)given);
    *out = given;
    dcl_spec_give(layer, setting);
    return DETCL_OK;
}

/* `*index` is left alone when the option is not given. */
static enum detcl_status take_name(const char *name, const char *given, const char *const *names,
                                   enum dcl_setting setting, int *index,
                                   struct dcl_detect_spec *layer, struct dcl_error *e)
{
    if (!given)
        return DETCL_OK;
    char list[256];
    const int found = dcl_name_index(names, given);
    if (found < 0)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "%s: '%s' is not %s", name, given,
                        dcl_name_list(names, list, sizeof list));
    *index = found;
    dcl_spec_give(layer, setting);
    return DETCL_OK;
}

static enum detcl_status take_triple(const char *name, const float *given, enum dcl_setting setting,
                                     bool divisor, struct dcl_triple *out,
                                     struct dcl_detect_spec *layer, struct dcl_error *e)
{
    for (int i = 0; given && i < 3; i++) {
        if (!isfinite(given[i]) || (divisor && !isnormal(given[i])))
            return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "%s: %g is out of range", name,
                            (double)given[i]);
        out->v[i] = given[i];
        dcl_spec_give(layer, setting);
    }
    return DETCL_OK;
}

static enum detcl_status take_numbers(const struct detcl_detector_params *p,
                                      struct dcl_detect_spec *layer, struct dcl_error *e)
{
    if ((p->width != 0) != (p->height != 0) || p->width < 0 || p->height < 0 ||
        p->width > DCL_MAX_INPUT_SIDE || p->height > DCL_MAX_INPUT_SIDE)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "size: %dx%d is outside 1..%d", p->width,
                        p->height, DCL_MAX_INPUT_SIDE);
    if (p->width) {
        layer->size = (struct dcl_input_size){.width = p->width, .height = p->height};
        dcl_spec_give(layer, DCL_SET_SIZE);
    }
    if (p->max_detections < 0 || p->max_detections > DCL_MAX_DETECTIONS)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "max detections: %d is outside 1..%d",
                        p->max_detections, DCL_MAX_DETECTIONS);
    if (p->max_detections) {
        layer->max_detections = p->max_detections;
        dcl_spec_give(layer, DCL_SET_MAX);
    }
    if (p->class_agnostic) {
        layer->agnostic = true;
        dcl_spec_give(layer, DCL_SET_AGNOSTIC);
    }
    if (p->pad > 255)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "pad: %d is outside 0..255", p->pad);
    if (p->pad >= 0) {
        layer->pad = p->pad;
        dcl_spec_give(layer, DCL_SET_PAD);
    }
    DCL_TRY(e, take_threshold("score", p->score, DCL_SET_SCORE, &layer->score, layer, e));
    DCL_TRY(e, take_threshold("iou", p->iou, DCL_SET_IOU, &layer->iou, layer, e));
    DCL_TRY(e, take_triple("mean", p->mean, DCL_SET_MEAN, false, &layer->mean, layer, e));
    return take_triple("scale", p->scale, DCL_SET_SCALE, true, &layer->scale, layer, e);
}

enum detcl_status dcl_options_read(const struct detcl_detector_params *p, struct dcl_arena *arena,
                                   struct dcl_error *e, struct dcl_detect_spec *layer)
{
    int bgr = 0, mode = 0, centred = 0, head = 0;
    DCL_TRY(e, take_numbers(p, layer, e));
    DCL_TRY(
        e, take_name("channels", p->channels, dcl_channel_names, DCL_SET_CHANNELS, &bgr, layer, e));
    DCL_TRY(e, take_name("resize", p->resize, dcl_resize_names, DCL_SET_RESIZE, &mode, layer, e));
    DCL_TRY(e,
            take_name("anchor", p->anchor, dcl_anchor_names, DCL_SET_ANCHOR, &centred, layer, e));
    DCL_TRY(e, take_name("head", p->head, dcl_head_names, DCL_SET_HEAD, &head, layer, e));
    layer->bgr = bgr != 0;
    layer->resize.mode = (enum dcl_resize)mode;
    layer->centred = centred != 0;
    layer->head = (enum dcl_head_type)head;
    if (p->labels) {
        DCL_TRY(e, dcl_labels_read(p->labels, arena, e, &layer->labels));
        dcl_spec_give(layer, DCL_SET_LABELS);
    }
    return DETCL_OK;
}
