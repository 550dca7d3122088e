/* What the common exporters note in a model's metadata_props.
 *
 * Ultralytics (YOLOv8 and later; ultralytics/engine/exporter.py): author "Ultralytics", task,
 * stride, imgsz "[height, width]", names as a Python dict, args. YOLOv5 and YOLOv7 (export.py):
 * stride and names only. Deepness (QGIS): class_names, det_conf, det_iou_thresh as JSON. Several
 * smaller tools write class_names as a JSON list. */
#ifndef DCL_DETECT_METADATA_H
#define DCL_DETECT_METADATA_H

#include "detect/spec.h"
#include "graph/ir.h"

/* Fill the zeroed `layer` from g's metadata. A value that cannot be understood is skipped with a
 * warning in the log. `*task` gets what the model says it does ("detect", "segment" ...) or NULL.
 */
void dcl_metadata_read(const struct dcl_graph *g, struct dcl_arena *arena,
                       struct dcl_detect_spec *layer, const char **task);

#endif
