#include "detect/heads.h"

#include <string.h>

struct dcl_value *dcl_head_output(const struct dcl_graph *bound, const char *name)
{
    for (int i = 0; i < bound->n_outputs; i++)
        if (strcmp(bound->outputs[i]->name, name) == 0)
            return bound->outputs[i];
    return NULL;
}

static int64_t last_extent(const struct dcl_value *v)
{
    return v->desc.rank ? v->desc.dims[v->desc.rank - 1] : 0;
}

/* Classes of a map 1 x A(5+C) x H x W. */
static int64_t map_classes(const struct dcl_value *v, const struct dcl_detect_spec *spec)
{
    const int levels = spec->head == DCL_HEAD_YOLOV2 ? 1 : spec->strides.n;
    const int anchors = levels ? spec->anchors.n / 2 / levels : 0;
    if (v->desc.rank != 4 || !anchors)
        return 0;
    const int64_t classes = DCL_DIM(v, 1) / anchors - 5;
    return classes ? classes : 1;
}

/* Anchors of a RetinaNet in each cell; 1 when the settings do not tell. */
static int64_t anchors_a_cell(const struct dcl_detect_spec *spec)
{
    const int levels = spec->strides.n ? spec->strides.n : 1;
    const int64_t n = (int64_t)(spec->sizes.n / levels) * spec->ratios.n * spec->scales.n;
    return n ? n : 1;
}

int dcl_head_classes(const struct dcl_graph *bound, const struct dcl_detect_spec *spec)
{
    const struct dcl_value *first = NULL, *last = NULL;
    if (spec->outputs.n) {
        first = dcl_head_output(bound, spec->outputs.v[0]);
        last = dcl_head_output(bound, spec->outputs.v[spec->outputs.n - 1]);
    }
    int64_t n = 0;
    if (!first || !last)
        return 0;
    switch (spec->head) {
    case DCL_HEAD_SSD:
    case DCL_HEAD_CORNER:
        n = last_extent(last) - (first == last ? 4 : 0) - (spec->background ? 1 : 0);
        break;
    case DCL_HEAD_RETINANET:
        n = last->desc.rank == 4 ? DCL_DIM(last, 1) / anchors_a_cell(spec) : last_extent(last);
        n -= spec->background ? 1 : 0;
        break;
    case DCL_HEAD_YOLOV2:
        n = map_classes(first, spec);
        break;
    case DCL_HEAD_YOLOV3:
    case DCL_HEAD_YOLOV5:
        n = spec->decoded ? last_extent(first) - 5 : map_classes(first, spec);
        break;
    case DCL_HEAD_YOLOX:
        n = last_extent(first) - 5;
        break;
    case DCL_HEAD_YOLOV8:
        n = first->desc.rank == 3 ? DCL_DIM(first, 1) - 4 : 0;
        break;
    case DCL_HEAD_YUNET:
        n = last_extent(first);
        break;
    case DCL_HEAD_DISTANCE:
        n = first == last ? last_extent(first) - 4 * spec->bins : DCL_DIM(first, 1);
        break;
    case DCL_HEAD_CLASSIFIER:
        n = dcl_count(first);
        break;
    case DCL_HEAD_COUNT:
        break;
    }
    return n > 0 && n <= DCL_MAX_LABELS ? (int)n : 0;
}
