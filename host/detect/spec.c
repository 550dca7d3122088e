#include "detect/spec.h"

#include "detect/text.h"

#include <string.h>

const char *const dcl_head_names[] = {"ssd",      "retinanet", "yolov2",     "yolov3",
                                      "yolov5",   "yolov8",    "yolox",      "yunet",
                                      "distance", "corner",    "classifier", NULL};
const char *const dcl_resize_names[] = {"letterbox", "stretch", "pad-square", "crop", NULL};
const char *const dcl_score_activation_names[] = {"none", "sigmoid", "softmax", NULL};
const char *const dcl_format_names[] = {"xyxy", "yxyx", "cxcywh", "xywh", NULL};
const char *const dcl_channel_names[] = {"rgb", "bgr", NULL};
const char *const dcl_anchor_names[] = {"top-left", "center", NULL};

/* Where a setting lies in the struct, and what its sources call it. */
static const struct {
    const char *name, *option, *key;
    size_t offset, size;
} settings[DCL_SET_COUNT] = {
#define MEMBER(field)                                                                              \
    offsetof(struct dcl_detect_spec, field), sizeof((struct dcl_detect_spec *)0)->field
    [DCL_SET_SIZE] = {"size", "--size", "input.width and input.height", MEMBER(size)},
    [DCL_SET_CHANNELS] = {"channels", "--channels", "input.channels", MEMBER(bgr)},
    [DCL_SET_RESIZE] = {"resize", "--resize", "input.resize", MEMBER(resize)},
    [DCL_SET_ANCHOR] = {"anchor", "--anchor", "input.anchor", MEMBER(centred)},
    [DCL_SET_PAD] = {"pad", "--pad", "input.pad", MEMBER(pad)},
    [DCL_SET_MEAN] = {"mean", "--mean", "input.mean", MEMBER(mean)},
    [DCL_SET_SCALE] = {"scale", "--scale", "input.scale", MEMBER(scale)},
    [DCL_SET_HEAD] = {"head", "--head", "head.type", MEMBER(head)},
    [DCL_SET_OUTPUTS] = {"outputs", NULL, "head.outputs", MEMBER(outputs)},
    [DCL_SET_STRIDES] = {"strides", NULL, "head.strides", MEMBER(strides)},
    [DCL_SET_ANCHORS] = {"anchors", NULL, "head.anchors", MEMBER(anchors)},
    [DCL_SET_SIZES] = {"sizes", NULL, "head.sizes", MEMBER(sizes)},
    [DCL_SET_RATIOS] = {"ratios", NULL, "head.ratios", MEMBER(ratios)},
    [DCL_SET_SCALES] = {"scales", NULL, "head.scales", MEMBER(scales)},
    [DCL_SET_VARIANCES] = {"variances", NULL, "head.variances", MEMBER(variances)},
    [DCL_SET_PRIORS] = {"priors", NULL, "head.min_boxes or head.priors", MEMBER(priors)},
    [DCL_SET_FORMAT] = {"format", NULL, "head.format", MEMBER(format)},
    [DCL_SET_DECODED] = {"decoded", NULL, "head.decoded", MEMBER(decoded)},
    [DCL_SET_ACTIVATION] = {"activation", NULL, "head.activation", MEMBER(activation)},
    [DCL_SET_BACKGROUND] = {"background", NULL, "head.background", MEMBER(background)},
    [DCL_SET_NORMALISED] = {"normalised", NULL, "head.normalised", MEMBER(normalised)},
    [DCL_SET_BINS] = {"bins", NULL, "head.bins", MEMBER(bins)},
    [DCL_SET_OFFSET] = {"offset", NULL, "head.offset", MEMBER(offset)},
    [DCL_SET_MULTI_LABEL] = {"multi-label", NULL, "head.multi_label", MEMBER(multi_label)},
    [DCL_SET_AGNOSTIC] = {"class-agnostic", "--class-agnostic", "head.class_agnostic",
                          MEMBER(agnostic)},
    [DCL_SET_TOP] = {"top", NULL, "head.top", MEMBER(top)},
    [DCL_SET_SCORE] = {"score", "--score", "score", MEMBER(score)},
    [DCL_SET_IOU] = {"iou", "--iou", "iou", MEMBER(iou)},
    [DCL_SET_MAX] = {"max detections", "--max", "max", MEMBER(max_detections)},
    [DCL_SET_LABELS] = {"labels", "--labels", "labels", MEMBER(labels)},
#undef MEMBER
};

static const char *const source_names[] = {"nowhere",  "option", "sidecar",
                                           "metadata", "model",  "convention"};

int dcl_name_index(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

const char *dcl_name_list(const char *const *names, char *text, size_t size)
{
    struct dcl_text t = dcl_text_in(text, size);
    for (int i = 0; names[i]; i++)
        dcl_text_put(&t, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
    return text;
}

void dcl_spec_give(struct dcl_detect_spec *layer, enum dcl_setting setting)
{
    layer->from[setting] = DCL_FROM_MODEL;
}

static bool of_head(enum dcl_setting setting)
{
    return setting >= DCL_SET_OUTPUTS && setting <= DCL_SET_TOP;
}

void dcl_spec_merge(struct dcl_detect_spec *spec, const struct dcl_detect_spec *layer,
                    enum dcl_source source)
{
    const bool other_head = dcl_spec_has(spec, DCL_SET_HEAD) && dcl_spec_has(layer, DCL_SET_HEAD) &&
                            spec->head != layer->head;
    for (int i = 0; i < DCL_SET_COUNT; i++) {
        if (dcl_spec_has(spec, (enum dcl_setting)i) || !dcl_spec_has(layer, (enum dcl_setting)i) ||
            (other_head && of_head((enum dcl_setting)i)))
            continue;
        memcpy((char *)spec + settings[i].offset, (const char *)layer + settings[i].offset,
               settings[i].size);
        spec->from[i] = source;
    }
}

/* Whether the decided head cannot do without a setting of its own. */
static bool head_needs(const struct dcl_detect_spec *spec, enum dcl_setting setting)
{
    const enum dcl_head_type head = spec->head;
    const bool yolo = head == DCL_HEAD_YOLOV3 || head == DCL_HEAD_YOLOV5;
    const bool anchors = head == DCL_HEAD_YOLOV2 || (yolo && !spec->decoded);
    const bool retinanet = head == DCL_HEAD_RETINANET;
    switch (setting) {
    case DCL_SET_OUTPUTS:
        return true;
    case DCL_SET_STRIDES:
        return head == DCL_HEAD_YUNET || head == DCL_HEAD_DISTANCE || retinanet ||
               ((head == DCL_HEAD_YOLOX || yolo) && !spec->decoded);
    case DCL_SET_ANCHORS:
        return anchors;
    case DCL_SET_SIZES:
    case DCL_SET_RATIOS:
    case DCL_SET_SCALES:
        return retinanet;
    case DCL_SET_VARIANCES:
        return head == DCL_HEAD_SSD || retinanet;
    case DCL_SET_PRIORS:
        return head == DCL_HEAD_SSD;
    case DCL_SET_DECODED:
        return head == DCL_HEAD_YOLOX || yolo;
    case DCL_SET_FORMAT:
    case DCL_SET_NORMALISED:
        return head == DCL_HEAD_CORNER;
    case DCL_SET_ACTIVATION:
        return head != DCL_HEAD_YUNET;
    case DCL_SET_BACKGROUND:
        return head == DCL_HEAD_SSD || head == DCL_HEAD_CORNER || retinanet;
    case DCL_SET_BINS:
        return head == DCL_HEAD_DISTANCE;
    case DCL_SET_OFFSET:
        return head == DCL_HEAD_DISTANCE || retinanet;
    case DCL_SET_MULTI_LABEL:
    case DCL_SET_AGNOSTIC:
        return head != DCL_HEAD_CLASSIFIER;
    default:
        return head == DCL_HEAD_CLASSIFIER;
    }
}

/* Whether a setting tells anything about this detector. */
static bool matters(const struct dcl_detect_spec *s, enum dcl_setting setting)
{
    const enum dcl_resize mode = s->resize.mode;
    const bool fitted = dcl_spec_has(s, DCL_SET_RESIZE);
    if (of_head(setting))
        return head_needs(s, setting);
    if (setting == DCL_SET_ANCHOR)
        return fitted && mode == DCL_RESIZE_LETTERBOX;
    if (setting == DCL_SET_PAD)
        return fitted && (mode == DCL_RESIZE_LETTERBOX || mode == DCL_RESIZE_PAD_SQUARE);
    return setting != DCL_SET_IOU || s->head != DCL_HEAD_CLASSIFIER;
}

enum detcl_status dcl_spec_check(const struct dcl_detect_spec *spec, const char *model,
                                 struct dcl_error *e)
{
    char room[768];
    struct dcl_text t = dcl_text_in(room, sizeof room);
    for (int i = 0; i < DCL_SET_COUNT; i++) {
        if (dcl_spec_has(spec, (enum dcl_setting)i) || !matters(spec, (enum dcl_setting)i) ||
            i == DCL_SET_LABELS)
            continue;
        dcl_text_put(&t, "%s%s (", t.used ? ", " : "", settings[i].name);
        if (settings[i].option)
            dcl_text_put(&t, "option %s or ", settings[i].option);
        dcl_text_put(&t, "sidecar key %s)", settings[i].key);
    }
    if (!t.used)
        return DETCL_OK;
    return DCL_FAIL(e, DETCL_ERROR_MODEL, "%s: cannot decide, please give: %s", model, room);
}

/* --- summary ----------------------------------------------------------------------------- */

static void put_size(struct dcl_text *t, const struct dcl_input_size *s)
{
    if (s->multiple)
        dcl_text_put(t, "of the image, in multiples of %d, at most %d", s->multiple, s->max_side);
    else
        dcl_text_put(t, "%dx%d", s->width, s->height);
}

static void put_priors(struct dcl_text *t, const struct dcl_priors *p)
{
    if (p->count)
        dcl_text_put(t, "%lld boxes", (long long)p->count);
    else
        dcl_text_put(t, "of min_boxes on %d levels", p->n_levels);
    if (p->clip)
        dcl_text_put(t, ", clipped");
}

static void put_names(struct dcl_text *t, const struct dcl_output_names *names)
{
    for (int i = 0; i < names->n; i++)
        dcl_text_put(t, "%s%s", i ? ", " : "", names->v[i]);
}

static void put_labels(struct dcl_text *t, const struct dcl_labels *labels)
{
    dcl_text_put(t, "%d", labels->n);
    for (int i = 0; i < labels->n && i < 3; i++)
        dcl_text_put(t, "%s%s", i ? ", " : ": ", labels->names[i] ? labels->names[i] : "-");
    if (labels->n > 3)
        dcl_text_put(t, " ...");
}

static const char *yes_no(bool v)
{
    return v ? "yes" : "no";
}

static void put_input(struct dcl_text *t, const struct dcl_detect_spec *s, enum dcl_setting setting)
{
    switch (setting) {
    case DCL_SET_SIZE:
        put_size(t, &s->size);
        break;
    case DCL_SET_CHANNELS:
        dcl_text_put(t, "%s", dcl_channel_names[s->bgr]);
        break;
    case DCL_SET_RESIZE:
        dcl_text_put(t, "%s", dcl_resize_names[s->resize.mode]);
        if (s->resize.mode == DCL_RESIZE_CROP && s->resize.shorter)
            dcl_text_put(t, " of %d", s->resize.shorter);
        break;
    case DCL_SET_ANCHOR:
        dcl_text_put(t, "%s", dcl_anchor_names[s->centred]);
        break;
    case DCL_SET_PAD:
        dcl_text_put(t, "%d", s->pad);
        break;
    case DCL_SET_MEAN:
        dcl_text_floats(t, s->mean.v, 3, 6);
        break;
    case DCL_SET_SCALE:
        dcl_text_floats(t, s->scale.v, 3, 6);
        break;
    default:
        break;
    }
}

static void put_head(struct dcl_text *t, const struct dcl_detect_spec *s, enum dcl_setting setting)
{
    switch (setting) {
    case DCL_SET_OUTPUTS:
        put_names(t, &s->outputs);
        break;
    case DCL_SET_STRIDES:
        dcl_text_ints(t, s->strides.v, s->strides.n);
        break;
    case DCL_SET_ANCHORS:
        dcl_text_floats(t, s->anchors.v, s->anchors.n, 6);
        break;
    case DCL_SET_SIZES:
        dcl_text_floats(t, s->sizes.v, s->sizes.n, 6);
        break;
    case DCL_SET_RATIOS:
        dcl_text_floats(t, s->ratios.v, s->ratios.n, 6);
        break;
    case DCL_SET_SCALES:
        dcl_text_floats(t, s->scales.v, s->scales.n, 6);
        break;
    case DCL_SET_VARIANCES:
        dcl_text_floats(t, s->variances, 2, 6);
        break;
    case DCL_SET_PRIORS:
        put_priors(t, &s->priors);
        break;
    case DCL_SET_FORMAT:
        dcl_text_put(t, "%s", dcl_format_names[s->format]);
        break;
    case DCL_SET_DECODED:
        dcl_text_put(t, "%s", yes_no(s->decoded));
        break;
    case DCL_SET_ACTIVATION:
        dcl_text_put(t, "%s", dcl_score_activation_names[s->activation]);
        break;
    case DCL_SET_BACKGROUND:
        dcl_text_put(t, "%s", yes_no(s->background));
        break;
    case DCL_SET_NORMALISED:
        dcl_text_put(t, "%s", yes_no(s->normalised));
        break;
    case DCL_SET_BINS:
        dcl_text_put(t, "%d", s->bins);
        break;
    case DCL_SET_OFFSET:
        dcl_text_put(t, "%g", (double)s->offset);
        break;
    case DCL_SET_MULTI_LABEL:
        dcl_text_put(t, "%s", yes_no(s->multi_label));
        break;
    case DCL_SET_AGNOSTIC:
        dcl_text_put(t, "%s", yes_no(s->agnostic));
        break;
    case DCL_SET_TOP:
        dcl_text_put(t, "%d", s->top);
        break;
    default:
        break;
    }
}

static void put_rest(struct dcl_text *t, const struct dcl_detect_spec *s, enum dcl_setting setting)
{
    switch (setting) {
    case DCL_SET_HEAD:
        dcl_text_put(t, "%s", dcl_head_names[s->head]);
        break;
    case DCL_SET_SCORE:
        dcl_text_put(t, "%g", (double)s->score);
        break;
    case DCL_SET_IOU:
        dcl_text_put(t, "%g", (double)s->iou);
        break;
    case DCL_SET_MAX:
        dcl_text_put(t, "%d", s->max_detections);
        break;
    case DCL_SET_LABELS:
        put_labels(t, &s->labels);
        break;
    default:
        break;
    }
}

static void put_value(struct dcl_text *t, const struct dcl_detect_spec *s, enum dcl_setting setting)
{
    if (setting <= DCL_SET_SCALE)
        put_input(t, s, setting);
    else if (of_head(setting))
        put_head(t, s, setting);
    else
        put_rest(t, s, setting);
}

char *dcl_spec_summary(const struct dcl_detect_spec *spec, struct dcl_arena *arena)
{
    char room[8192];
    struct dcl_text t = dcl_text_in(room, sizeof room);
    for (int i = 0; i < DCL_SET_COUNT; i++) {
        if (!dcl_spec_has(spec, (enum dcl_setting)i) || !matters(spec, (enum dcl_setting)i))
            continue;
        dcl_text_put(&t, "%s ", settings[i].name);
        put_value(&t, spec, (enum dcl_setting)i);
        dcl_text_put(&t, " (%s)\n", source_names[spec->from[i]]);
    }
    return dcl_arena_text(arena, room);
}
