/* Detectors: image in, boxes out. A detector is one graph on the device: letterbox, network,
 * decoding, selection, suppression; a frame costs one upload and one read. */
#ifndef DETCL_DETECT_H
#define DETCL_DETECT_H

#include "detcl/graph.h"
#include "detcl/image.h"

#ifdef __cplusplus
extern "C" {
#endif

struct detcl_detector;

/* How a model is fed and read. What is left zero / NULL / negative as its comment says is decided,
 * in this order, by the sidecar, by the model's metadata, and by recognising the outputs' names and
 * shapes. */
struct detcl_detector_params {
    const char *model; /* ONNX file */
    const char
        *sidecar; /* JSON file; NULL: MODEL with .onnx replaced by .detcl.json, if that exists */
    const char *labels;   /* text file, one class name a line; NULL: as above, else "class N" */
    float score;          /* threshold in 0..1; negative: the model's own, else 0.25 */
    float iou;            /* NMS threshold in 0..1; negative: the model's own, else 0.45 */
    int class_agnostic;   /* not 0: boxes of different classes suppress each other too, so that a
                             place has one box; 0: decided as above, else class by class */
    int max_detections;   /* 0: 300; the best scores are kept */
    int width, height;    /* network input in pixels; 0: decided as above */
    const char *channels; /* "rgb" or "bgr" */
    const char *resize;   /* "letterbox", "stretch", "pad-square", "crop" */
    const char *anchor;   /* of a letterbox: "top-left" or "center" */
    const float *mean, *scale; /* 3 numbers each in the order of `channels`: input = (pixel - mean)
                                  / scale, pixels 0..255 */
    int pad;                   /* 0..255, gray of the padding; negative: decided as above */
    const char *head; /* "ssd", "retinanet", "yolov2", "yolov3", "yolov5", "yolov8", "yolox",
                         "yunet", "distance", "corner", "classifier" */
    int profile;      /* not 0: time each node */
};

/* All defaults. Start from this: some fields' "not given" is not zero. */
DETCL_API void detcl_detector_params_init(struct detcl_detector_params *params);

/* Load, decide, prepare. When something cannot be decided the error says what is missing and which
 * field (and command-line option) gives it: DETCL_ERROR_MODEL. A field out of its range:
 * DETCL_ERROR_ARGUMENT; a sidecar that is malformed: DETCL_ERROR_MODEL; a labels file:
 * DETCL_ERROR_INPUT. Other errors as detcl_graph_load_onnx. host/detect/README.md describes the
 * order and the sidecar's keys. */
DETCL_API enum detcl_status detcl_detector_create(struct detcl_context *ctx,
                                                  const struct detcl_detector_params *params,
                                                  struct detcl_detector **out);
DETCL_API void detcl_detector_destroy(struct detcl_detector **d);

/* A box in pixels of the original image, 0,0 = its top left corner, clipped to it; x2 >= x1, y2 >=
 * y1. */
struct detcl_detection {
    float box[4]; /* x1, y1, x2, y2 */
    float score;
    int class_id;
};

/* Enqueue one frame: one upload, the whole graph, no wait for its result. The pixels are copied
 * before it returns. The first frame larger than any before it, and the first of another size where
 * the network's input follows the image, prepare the graph anew. */
DETCL_API enum detcl_status detcl_detector_enqueue(struct detcl_detector *d,
                                                   const struct detcl_image *image);

/* Wait for the last enqueued frame and hand out its boxes, best score first: one read. `*list`
 * belongs to the detector and is valid until its next call. A classifier gives the whole image with
 * its best classes. DETCL_ERROR_ARGUMENT when no frame was enqueued. */
DETCL_API enum detcl_status detcl_detector_fetch(struct detcl_detector *d,
                                                 const struct detcl_detection **list, int *count);

/* The name of a class; "class N" when none is known, "unknown class" when the model has no such
 * class. Never NULL, valid as long as the detector. */
DETCL_API const char *detcl_detector_label(const struct detcl_detector *d, int class_id);

/* One line a decision, with its source: "channels bgr (sidecar)". Valid as long as the detector. */
DETCL_API const char *detcl_detector_summary(const struct detcl_detector *d);

/* The detector's graph, for profile, validation and stats; it stays the detector's. */
DETCL_API struct detcl_graph *detcl_detector_graph(struct detcl_detector *d);

#ifdef __cplusplus
}
#endif
#endif
