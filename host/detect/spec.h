/* How a detector is fed and read, setting by setting, with the source of each. Every source (the
 * caller's options, the sidecar, the model's metadata, its inputs and outputs, the family's
 * convention) fills a spec of its own; dcl_spec_merge lays them over one another, better source
 * first. */
#ifndef DCL_DETECT_SPEC_H
#define DCL_DETECT_SPEC_H

#include "core/arena.h"
#include "core/error.h"
#include "detect/labels.h"
#include "ops/frame.h"

#include <stdbool.h>

/* Where a setting came from, best source first. */
enum dcl_source {
    DCL_FROM_NOWHERE,
    DCL_FROM_OPTION,
    DCL_FROM_SIDECAR,
    DCL_FROM_METADATA,
    DCL_FROM_MODEL,     /* recognised: the model's inputs, outputs and nodes */
    DCL_FROM_CONVENTION /* what networks with this head usually want */
};

enum dcl_head_type {
    DCL_HEAD_SSD,        /* offsets from prior boxes, one score a class */
    DCL_HEAD_RETINANET,  /* deltas to a grid of anchors on each level of a pyramid */
    DCL_HEAD_YOLOV2,     /* anchors in cells, softmax over the classes */
    DCL_HEAD_YOLOV3,     /* anchors in pixels, exp of the sizes */
    DCL_HEAD_YOLOV5,     /* anchors in pixels, (2 sigmoid)^2 of the sizes */
    DCL_HEAD_YOLOV8,     /* decoded boxes and class scores, no objectness */
    DCL_HEAD_YOLOX,      /* anchor-free: cell offset, exp of the size, objectness */
    DCL_HEAD_YUNET,      /* as YOLOX, one tensor a kind and level */
    DCL_HEAD_DISTANCE,   /* distances from a point to the four sides (FCOS) */
    DCL_HEAD_CORNER,     /* decoded boxes and one score a class */
    DCL_HEAD_CLASSIFIER, /* one score a class for the whole image */
    DCL_HEAD_COUNT
};

/* What four numbers of a decoded box are: corners or centre or corner and size. */
enum dcl_box_format { DCL_FORMAT_XYXY, DCL_FORMAT_YXYX, DCL_FORMAT_CXCYWH, DCL_FORMAT_XYWH };

/* What the scores that leave the network still lack. */
enum dcl_activation { DCL_SCORES_FINAL, DCL_SCORES_SIGMOID, DCL_SCORES_SOFTMAX };

#define DCL_MAX_INPUT_SIDE 16384 /* of a network, in pixels */
#define DCL_MAX_DETECTIONS 1000000
#define DCL_MAX_STRIDES 8
#define DCL_MAX_HEAD_OUTPUTS 32
#define DCL_MAX_MIN_BOXES 8
#define DCL_MAX_GRID 16

/* Network input in pixels. multiple > 0: as large as the image, rounded up to that multiple, the
 * longer side at most max_side; width and height are 0 then. */
struct dcl_input_size {
    int width, height;
    int multiple, max_side;
};

/* How the image is brought to that size. */
struct dcl_fitting {
    enum dcl_resize mode;
    int shorter; /* DCL_RESIZE_CROP: pixels of the image's shorter side before the centre is cut
                    out; 0: the shorter side of the input */
};

struct dcl_triple {
    float v[3];
};

struct dcl_output_names {
    int n;
    const char *v[DCL_MAX_HEAD_OUTPUTS];
};

/* Prior boxes of an SSD head: explicit ones (count x 4: cx, cy, w, h in 0..1), or squares of
 * min_boxes pixels around each cell's centre, level after level. */
struct dcl_priors {
    int64_t count;
    const float *boxes;
    int n_levels;
    int n_min_boxes[DCL_MAX_STRIDES];
    float min_boxes[DCL_MAX_STRIDES][DCL_MAX_MIN_BOXES];
    bool clip; /* to 0..1 */
};

/* Anchor width and height by turns; level after level, the same number on each. */
struct dcl_anchors {
    int n; /* numbers, not pairs */
    float v[36];
};

/* Sizes, ratios or scales of a grid of anchors. */
struct dcl_grid {
    int n;
    float v[DCL_MAX_GRID];
};

struct dcl_strides {
    int n;
    int v[DCL_MAX_STRIDES];
};

/* One entry a setting. Those from DCL_SET_OUTPUTS to DCL_SET_TOP belong to the head. */
enum dcl_setting {
    DCL_SET_SIZE,
    DCL_SET_CHANNELS,
    DCL_SET_RESIZE,
    DCL_SET_ANCHOR,
    DCL_SET_PAD,
    DCL_SET_MEAN,
    DCL_SET_SCALE,
    DCL_SET_HEAD,
    DCL_SET_OUTPUTS,
    DCL_SET_STRIDES,
    DCL_SET_ANCHORS,
    DCL_SET_SIZES,
    DCL_SET_RATIOS,
    DCL_SET_SCALES,
    DCL_SET_VARIANCES,
    DCL_SET_PRIORS,
    DCL_SET_FORMAT,
    DCL_SET_DECODED,
    DCL_SET_ACTIVATION,
    DCL_SET_BACKGROUND,
    DCL_SET_NORMALISED,
    DCL_SET_BINS,
    DCL_SET_OFFSET,
    DCL_SET_MULTI_LABEL,
    DCL_SET_AGNOSTIC,
    DCL_SET_TOP,
    DCL_SET_SCORE,
    DCL_SET_IOU,
    DCL_SET_MAX,
    DCL_SET_LABELS,
    DCL_SET_COUNT
};

struct dcl_detect_spec {
    enum dcl_source from[DCL_SET_COUNT]; /* DCL_FROM_NOWHERE: not given */
    struct dcl_input_size size;
    bool bgr;
    struct dcl_fitting resize;
    bool centred; /* padding on both sides instead of right and bottom */
    int pad;      /* 0..255 */
    struct dcl_triple mean,
        scale; /* input = (pixel - mean) / scale, in the input's channel order */
    enum dcl_head_type head;
    struct dcl_output_names outputs; /* in the order that the head's builder documents */
    struct dcl_strides strides;      /* of the levels, in pixels */
    struct dcl_anchors anchors;
    struct dcl_grid sizes;  /* RetinaNet: the same number for each level, in pixels */
    struct dcl_grid ratios; /* height / width; every size comes with each */
    struct dcl_grid scales; /* and times each of these */
    float variances[2];     /* SSD, RetinaNet: of the centre and of the size */
    struct dcl_priors priors;
    enum dcl_box_format format; /* corner head */
    bool decoded;               /* the network already gives boxes in pixels */
    enum dcl_activation activation;
    bool background;  /* class 0 is the background and no detection */
    bool normalised;  /* coordinates are in 0..1 of the network's input instead of pixels */
    int bins;         /* distance head as one tensor: numbers a side; maps tell by themselves */
    float offset;     /* of the point or the anchor in its cell, 0 or 0.5 */
    bool multi_label; /* a box counts with each class over the threshold, not with its best only */
    bool agnostic;    /* boxes of different classes suppress each other too */
    int top;          /* classifier: how many classes are reported */
    float score, iou;
    int max_detections;
    struct dcl_labels labels;
};

/* Say that `layer` has the setting (its source is known when it is merged). */
void dcl_spec_give(struct dcl_detect_spec *layer, enum dcl_setting setting);

static inline bool dcl_spec_has(const struct dcl_detect_spec *spec, enum dcl_setting setting)
{
    return spec->from[setting] != DCL_FROM_NOWHERE;
}

/* Take from `layer` what `spec` does not have yet. A layer that speaks of another head than the one
 * already decided says nothing about the head's details. */
void dcl_spec_merge(struct dcl_detect_spec *spec, const struct dcl_detect_spec *layer,
                    enum dcl_source source);

/* Fill in what networks with the decided head usually want. Nothing when no head is decided. */
void dcl_spec_add_conventions(struct dcl_detect_spec *spec);

/* Fail with DETCL_ERROR_MODEL when something needed is still not decided, naming all of it with the
 * option and the sidecar key that give it. `model` is the file's name. */
enum detcl_status dcl_spec_check(const struct dcl_detect_spec *spec, const char *model,
                                 struct dcl_error *e);

/* One line a setting: name, value, source. Allocated in `arena`; NULL = out of memory. */
char *dcl_spec_summary(const struct dcl_detect_spec *spec, struct dcl_arena *arena);

/* The names used in options, sidecars and texts, NULL-terminated. */
extern const char *const dcl_head_names[];
extern const char *const dcl_resize_names[];
extern const char *const dcl_score_activation_names[];
extern const char *const dcl_format_names[];
extern const char *const dcl_channel_names[]; /* index = bgr */
extern const char *const dcl_anchor_names[];  /* index = centred */

/* The index of `name` in such a list, or -1. */
int dcl_name_index(const char *const *names, const char *name);

/* The same list as "a, b or c" for messages. */
const char *dcl_name_list(const char *const *names, char *text, size_t size);

#endif
