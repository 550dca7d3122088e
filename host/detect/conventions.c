/* What networks of a family usually want, from the families' own inference code. The weakest
 * source: it decides only what nothing else did. */
#include "detect/spec.h"

static const struct dcl_strides levels_8_16_32 = {3, {8, 16, 32}};

#define GIVE(field, value, setting)                                                                \
    (layer->field = (value), dcl_spec_give(layer, DCL_SET_##setting))

static void thresholds(struct dcl_detect_spec *layer, float score, float iou)
{
    GIVE(score, score, SCORE);
    GIVE(iou, iou, IOU);
}

static void feed(struct dcl_detect_spec *layer, bool bgr, bool centred, int pad, float scale)
{
    GIVE(bgr, bgr, CHANNELS);
    GIVE(resize.mode, DCL_RESIZE_LETTERBOX, RESIZE);
    GIVE(centred, centred, ANCHOR);
    GIVE(pad, pad, PAD);
    GIVE(mean, ((struct dcl_triple){{0, 0, 0}}), MEAN);
    GIVE(scale, ((struct dcl_triple){{scale, scale, scale}}), SCALE);
}

/* YOLOv5 and what follows it: RGB in 0..1, gray bars on both sides (ultralytics, LetterBox). */
static void ultralytics(struct dcl_detect_spec *layer, bool decoded)
{
    const enum dcl_activation activation = decoded ? DCL_SCORES_FINAL : DCL_SCORES_SIGMOID;
    feed(layer, false, true, 114, 255);
    thresholds(layer, 0.25f, 0.45f);
    GIVE(strides, levels_8_16_32, STRIDES);
    GIVE(decoded, decoded, DECODED);
    GIVE(activation, activation, ACTIVATION);
}

/* YOLOX (demo/ONNXRuntime): BGR in 0..255, top left, gray below or to the right. */
static void yolox(struct dcl_detect_spec *layer)
{
    feed(layer, true, false, 114, 1);
    thresholds(layer, 0.25f, 0.45f);
    GIVE(strides, levels_8_16_32, STRIDES);
    GIVE(decoded, false, DECODED);
    GIVE(activation, DCL_SCORES_FINAL, ACTIVATION);
}

/* YuNet (OpenCV's FaceDetectorYN): BGR in 0..255, black, as large as the image. */
static void yunet(struct dcl_detect_spec *layer)
{
    static const char *const face[] = {"face"};
    feed(layer, true, false, 0, 1);
    thresholds(layer, 0.6f, 0.3f);
    GIVE(strides, levels_8_16_32, STRIDES);
    GIVE(labels, ((struct dcl_labels){1, face}), LABELS);
    GIVE(size, ((struct dcl_input_size){.multiple = 32, .max_side = 1280}), SIZE);
}

/* SSD (Liu et al. 2016, section 2.2): variances 0.1 and 0.2, class 0 is the background. */
static void ssd(struct dcl_detect_spec *layer)
{
    thresholds(layer, 0.25f, 0.45f);
    layer->variances[0] = 0.1f;
    layer->variances[1] = 0.2f;
    dcl_spec_give(layer, DCL_SET_VARIANCES);
    GIVE(background, true, BACKGROUND);
}

/* RetinaNet (Lin et al. 2017, section 4): levels P3 to P7, anchors of 4 strides times 1, 2^(1/3)
 * and 2^(2/3) in three ratios, around the cells' corners. */
static void retinanet(struct dcl_detect_spec *layer, const struct dcl_detect_spec *spec)
{
    static const struct dcl_strides pyramid = {5, {8, 16, 32, 64, 128}};
    static const struct dcl_grid ratios = {3, {0.5f, 1, 2}},
                                 scales = {3, {1, 1.2599210f, 1.5874011f}};
    const struct dcl_strides strides =
        dcl_spec_has(spec, DCL_SET_STRIDES) ? spec->strides : pyramid;
    thresholds(layer, 0.25f, 0.5f);
    GIVE(strides, strides, STRIDES);
    layer->sizes.n = strides.n;
    for (int i = 0; i < strides.n; i++)
        layer->sizes.v[i] = 4 * (float)strides.v[i];
    dcl_spec_give(layer, DCL_SET_SIZES);
    GIVE(ratios, ratios, RATIOS);
    GIVE(scales, scales, SCALES);
    layer->variances[0] = layer->variances[1] = 1;
    dcl_spec_give(layer, DCL_SET_VARIANCES);
    GIVE(activation, DCL_SCORES_SIGMOID, ACTIVATION);
    GIVE(background, false, BACKGROUND);
    GIVE(offset, 0, OFFSET);
}

static void classifier(struct dcl_detect_spec *layer)
{
    thresholds(layer, 0, 1);
    GIVE(top, 5, TOP);
    GIVE(activation, DCL_SCORES_SOFTMAX, ACTIVATION);
}

static void of_head(struct dcl_detect_spec *layer, const struct dcl_detect_spec *spec)
{
    switch (spec->head) {
    case DCL_HEAD_SSD:
        ssd(layer);
        break;
    case DCL_HEAD_RETINANET:
        retinanet(layer, spec);
        break;
    case DCL_HEAD_YOLOV3:
    case DCL_HEAD_YOLOV5:
    case DCL_HEAD_YOLOV8:
        ultralytics(layer, !dcl_spec_has(spec, DCL_SET_DECODED) || spec->decoded);
        break;
    case DCL_HEAD_YOLOX:
        yolox(layer);
        break;
    case DCL_HEAD_YUNET:
        yunet(layer);
        break;
    case DCL_HEAD_CLASSIFIER:
        classifier(layer);
        break;
    case DCL_HEAD_YOLOV2:
        thresholds(layer, 0.25f, 0.45f);
        GIVE(activation, DCL_SCORES_SOFTMAX, ACTIVATION);
        break;
    case DCL_HEAD_CORNER:
        thresholds(layer, 0.25f, 0.45f);
        GIVE(format, DCL_FORMAT_XYXY, FORMAT);
        break;
    case DCL_HEAD_DISTANCE:
        thresholds(layer, 0.25f, 0.45f);
        GIVE(bins, 1, BINS);
        GIVE(offset, 0.5f, OFFSET);
        break;
    case DCL_HEAD_COUNT:
        break;
    }
}

void dcl_spec_add_conventions(struct dcl_detect_spec *spec)
{
    if (!dcl_spec_has(spec, DCL_SET_HEAD))
        return;
    struct dcl_detect_spec conventions = {0}, *layer = &conventions;
    of_head(layer, spec);
    /* YOLO's own code reports a box once, SSD's once for each class. */
    const bool once = (spec->head >= DCL_HEAD_YOLOV2 && spec->head <= DCL_HEAD_YUNET);
    GIVE(multi_label, !once, MULTI_LABEL);
    GIVE(agnostic, false, AGNOSTIC);
    GIVE(max_detections, 300, MAX);
    dcl_spec_merge(spec, layer, DCL_FROM_CONVENTION);
}
