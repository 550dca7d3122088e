#include "detect/metadata.h"

#include "detect/literal.h"

#include <string.h>

static const char *find(const struct dcl_graph *g, const char *key)
{
    for (int i = 0; i < g->n_metadata; i++)
        if (strcmp(g->metadata[i].key, key) == 0)
            return g->metadata[i].value;
    return NULL;
}

static void note(const struct dcl_graph *g, struct dcl_detect_spec *layer, const char *key,
                 enum dcl_setting setting, bool understood)
{
    if (understood)
        dcl_spec_give(layer, setting);
    else
        dcl_log(g->error, DETCL_LOG_WARNING, "the model's metadata '%s' is not understood", key);
}

static void read_names(const struct dcl_graph *g, struct dcl_arena *arena,
                       struct dcl_detect_spec *layer)
{
    static const char *const keys[] = {"names", "class_names"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *text = find(g, keys[i]);
        if (text && !dcl_spec_has(layer, DCL_SET_LABELS))
            note(g, layer, keys[i], DCL_SET_LABELS, dcl_literal_names(text, arena, &layer->labels));
    }
}

static void read_size(const struct dcl_graph *g, struct dcl_detect_spec *layer)
{
    const char *text = find(g, "imgsz");
    if (!text)
        return;
    int height, width;
    const bool understood = dcl_literal_pair(text, &height, &width) && height > 0 && width > 0;
    if (understood)
        layer->size = (struct dcl_input_size){.width = width, .height = height};
    note(g, layer, "imgsz", DCL_SET_SIZE, understood);
}

static void read_threshold(const struct dcl_graph *g, struct dcl_detect_spec *layer,
                           const char *key, enum dcl_setting setting, float *out)
{
    const char *text = find(g, key);
    double v = 0;
    if (!text)
        return;
    const bool understood = dcl_literal_number(text, &v) && v >= 0 && v <= 1;
    *out = (float)v;
    note(g, layer, key, setting, understood);
}

/* How the YOLOv5 family feeds its networks (ultralytics/data/augment.py, LetterBox): RGB in 0..1,
 * gray bars on both sides; its classifiers cut out the centre. */
static void feed_as_ultralytics(struct dcl_detect_spec *layer, bool classify)
{
    layer->bgr = false;
    layer->mean = (struct dcl_triple){{0, 0, 0}};
    layer->scale = (struct dcl_triple){{255, 255, 255}};
    layer->centred = true;
    layer->pad = 114;
    layer->resize.mode = classify ? DCL_RESIZE_CROP : DCL_RESIZE_LETTERBOX;
    static const enum dcl_setting given[] = {DCL_SET_CHANNELS, DCL_SET_MEAN,   DCL_SET_SCALE,
                                             DCL_SET_RESIZE,   DCL_SET_ANCHOR, DCL_SET_PAD};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        dcl_spec_give(layer, given[i]);
}

void dcl_metadata_read(const struct dcl_graph *g, struct dcl_arena *arena,
                       struct dcl_detect_spec *layer, const char **task)
{
    *task = find(g, "task");
    read_names(g, arena, layer);
    read_size(g, layer);
    read_threshold(g, layer, "det_conf", DCL_SET_SCORE, &layer->score);
    read_threshold(g, layer, "det_iou_thresh", DCL_SET_IOU, &layer->iou);
    const char *author = find(g, "author");
    if (find(g, "stride") && find(g, "names")) {
        const bool classify = *task && strcmp(*task, "classify") == 0;
        feed_as_ultralytics(layer, classify);
        if (classify && author && strcmp(author, "Ultralytics") == 0) {
            layer->head = DCL_HEAD_CLASSIFIER;
            layer->activation = DCL_SCORES_FINAL;
            dcl_spec_give(layer, DCL_SET_HEAD);
            dcl_spec_give(layer, DCL_SET_ACTIVATION);
        }
    }
}
