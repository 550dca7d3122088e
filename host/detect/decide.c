#include "detect/decide.h"

#include "detect/heads.h"
#include "detect/metadata.h"
#include "detect/network.h"
#include "detect/options.h"
#include "detect/recognise.h"
#include "detect/sidecar.h"

#include <string.h>
#include <unistd.h>

static enum detcl_status add_sidecar(const struct detcl_detector_params *params,
                                     struct dcl_arena *arena, struct dcl_error *e,
                                     struct dcl_detect_spec *spec)
{
    const char *path = params->sidecar ? params->sidecar : dcl_sidecar_name(params->model, arena);
    if (!path)
        return DCL_FAIL(e, DETCL_ERROR_MEMORY, "%s: out of memory", params->model);
    if (!params->sidecar && access(path, F_OK) != 0)
        return DETCL_OK;
    struct dcl_detect_spec layer = {0};
    DCL_TRY(e, dcl_sidecar_read(path, arena, e, &layer));
    dcl_spec_merge(spec, &layer, DCL_FROM_SIDECAR);
    return DETCL_OK;
}

static void add_fixed_size(const struct dcl_value *input, struct dcl_detect_spec *spec)
{
    if (DCL_DIM(input, 2) < 1 || DCL_DIM(input, 3) < 1 || DCL_DIM(input, 2) > DCL_MAX_INPUT_SIDE ||
        DCL_DIM(input, 3) > DCL_MAX_INPUT_SIDE)
        return;
    struct dcl_detect_spec layer = {0};
    layer.size =
        (struct dcl_input_size){.width = (int)DCL_DIM(input, 3), .height = (int)DCL_DIM(input, 2)};
    dcl_spec_give(&layer, DCL_SET_SIZE);
    dcl_spec_merge(spec, &layer, DCL_FROM_MODEL);
}

static enum detcl_status check_size(const struct dcl_value *input, const char *model,
                                    const struct dcl_detect_spec *spec, struct dcl_error *e)
{
    const int64_t height = DCL_DIM(input, 2), width = DCL_DIM(input, 3);
    if (!dcl_spec_has(spec, DCL_SET_SIZE) ||
        ((width < 0 || width == spec->size.width) && (height < 0 || height == spec->size.height)))
        return DETCL_OK;
    if (spec->size.multiple)
        return DCL_FAIL(e, DETCL_ERROR_MODEL,
                        "%s: the input is fixed at %lldx%lld and cannot follow the image", model,
                        (long long)width, (long long)height);
    return DCL_FAIL(e, DETCL_ERROR_MODEL, "%s: the input is fixed at %lldx%lld, not %dx%d", model,
                    (long long)width, (long long)height, spec->size.width, spec->size.height);
}

static void recognise(const struct dcl_network *net, struct dcl_detect_spec *spec)
{
    const bool told = spec->from[DCL_SET_LABELS] == DCL_FROM_METADATA;
    struct dcl_detect_spec head = {0}, details = {0};
    dcl_recognise(net, told ? spec->labels.n : 0, &head);
    dcl_spec_merge(spec, &head, DCL_FROM_MODEL);
    if (!dcl_spec_has(spec, DCL_SET_HEAD))
        return;
    dcl_recognise_details(net, spec, &details);
    dcl_spec_merge(spec, &details, DCL_FROM_MODEL);
}

/* Recognised names live in the bound copy: take the network's own, and see that each is there. */
static enum detcl_status keep_names(const struct dcl_graph *network, const char *model,
                                    struct dcl_error *e, struct dcl_detect_spec *spec)
{
    for (int i = 0; i < spec->outputs.n; i++) {
        const char *found = NULL;
        for (int k = 0; k < network->n_outputs && !found; k++)
            if (strcmp(network->outputs[k]->name, spec->outputs.v[i]) == 0)
                found = network->outputs[k]->name;
        if (!found)
            return DCL_FAIL(e, DETCL_ERROR_MODEL, "%s: the network has no output '%s'", model,
                            spec->outputs.v[i]);
        spec->outputs.v[i] = found;
    }
    return DETCL_OK;
}

/* COCO is what networks with 80 classes and no names are trained on. */
static void add_labels(int classes, struct dcl_detect_spec *spec)
{
    struct dcl_detect_spec layer = {0};
    if (classes != dcl_labels_coco.n)
        return;
    layer.labels = dcl_labels_coco;
    dcl_spec_give(&layer, DCL_SET_LABELS);
    dcl_spec_merge(spec, &layer, DCL_FROM_CONVENTION);
}

static enum detcl_status decide_head(const struct dcl_graph *network, const char *model,
                                     const char *task, struct dcl_error *e,
                                     struct dcl_detect_spec *spec, int *classes)
{
    int width = DCL_PROBE_SIDE, height = DCL_PROBE_SIDE;
    if (dcl_spec_has(spec, DCL_SET_SIZE))
        dcl_detect_input_size(spec, width, height, &width, &height);
    struct dcl_graph bound;
    DCL_TRY(e, dcl_network_bind(network, width, height, &bound));
    const struct dcl_network net = {&bound, width, height};
    recognise(&net, spec);
    dcl_spec_add_conventions(spec);
    enum detcl_status status;
    if (dcl_spec_has(spec, DCL_SET_HEAD))
        status = keep_names(network, model, e, spec);
    else
        status = dcl_unrecognised(&net, model, task, e);
    if (status == DETCL_OK)
        *classes = dcl_head_classes(&bound, spec);
    dcl_graph_free(&bound);
    return status;
}

enum detcl_status dcl_detect_decide(const struct dcl_graph *network,
                                    const struct detcl_detector_params *params,
                                    struct dcl_arena *arena, struct dcl_error *e,
                                    struct dcl_detect_spec *spec, int *classes)
{
    const struct dcl_value *input;
    const char *task;
    struct dcl_detect_spec options = {0}, metadata = {0};
    DCL_TRY(e, dcl_network_input(network, params->model, &input));
    DCL_TRY(e, dcl_options_read(params, arena, e, &options));
    dcl_spec_merge(spec, &options, DCL_FROM_OPTION);
    DCL_TRY(e, add_sidecar(params, arena, e, spec));
    dcl_metadata_read(network, arena, &metadata, &task);
    dcl_spec_merge(spec, &metadata, DCL_FROM_METADATA);
    add_fixed_size(input, spec);
    DCL_TRY(e, check_size(input, params->model, spec, e));
    DCL_TRY(e, decide_head(network, params->model, task, e, spec, classes));
    add_labels(*classes, spec);
    return dcl_spec_check(spec, params->model, e);
}

static int round_up(double v, int multiple)
{
    const int whole = (int)(v + 0.999999);
    return (whole + multiple - 1) / multiple * multiple;
}

void dcl_detect_input_size(const struct dcl_detect_spec *spec, int image_width, int image_height,
                           int *width, int *height)
{
    const struct dcl_input_size *s = &spec->size;
    if (!s->multiple) {
        *width = s->width;
        *height = s->height;
        return;
    }
    const int longer = image_width > image_height ? image_width : image_height;
    const double r = longer > s->max_side ? (double)s->max_side / longer : 1;
    *width = round_up(image_width * r, s->multiple);
    *height = round_up(image_height * r, s->multiple);
}
