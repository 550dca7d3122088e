#include "detect/sidecar.h"

#include "detect/file.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_PRIORS 1000000

struct reader {
    const char *file;
    struct dcl_arena *arena;
    struct dcl_error *error;
    struct dcl_detect_spec *layer;
};

/* One key of an object: how its value is read, and what it gives. */
struct key {
    const char *name;
    enum detcl_status (*read)(struct reader *r, const struct key *key, const json_t *value);
    size_t offset; /* of the member in the spec */
    double low, high;
    const char *const *choices;
    int setting; /* enum dcl_setting, or -1 */
};

#define AT(r, key, type) ((type *)(void *)((char *)(r)->layer + (key)->offset))
#define IN(field) offsetof(struct dcl_detect_spec, field)

#define WRONG(r, key, format, ...)                                                                 \
    DCL_FAIL((r)->error, DETCL_ERROR_MODEL, "%s: %s: " format, (r)->file, (key)->name,             \
             ##__VA_ARGS__)

static enum detcl_status no_memory(struct reader *r)
{
    return DCL_FAIL(r->error, DETCL_ERROR_MEMORY, "%s: out of memory", r->file);
}

/* --- values ------------------------------------------------------------------------------ */

static enum detcl_status number_of(struct reader *r, const struct key *key, const json_t *value,
                                   double *out)
{
    if (!json_is_number(value))
        return WRONG(r, key, "must be a number");
    *out = json_number_value(value);
    if (!(*out >= key->low && *out <= key->high))
        return WRONG(r, key, "%g is outside %g..%g", *out, key->low, key->high);
    return DETCL_OK;
}

static enum detcl_status whole_of(struct reader *r, const struct key *key, const json_t *value,
                                  int *out)
{
    double number;
    if (!json_is_integer(value))
        return WRONG(r, key, "must be a whole number");
    DCL_TRY(r->error, number_of(r, key, value, &number));
    *out = (int)number;
    return DETCL_OK;
}

static enum detcl_status read_whole(struct reader *r, const struct key *key, const json_t *value)
{
    return whole_of(r, key, value, AT(r, key, int));
}

static enum detcl_status read_float(struct reader *r, const struct key *key, const json_t *value)
{
    double number;
    DCL_TRY(r->error, number_of(r, key, value, &number));
    *AT(r, key, float) = (float)number;
    return DETCL_OK;
}

static enum detcl_status read_bool(struct reader *r, const struct key *key, const json_t *value)
{
    if (!json_is_boolean(value))
        return WRONG(r, key, "must be true or false");
    *AT(r, key, bool) = json_is_true(value);
    return DETCL_OK;
}

static enum detcl_status choice_of(struct reader *r, const struct key *key, const json_t *value,
                                   int *out)
{
    char list[256];
    *out = json_is_string(value) ? dcl_name_index(key->choices, json_string_value(value)) : -1;
    if (*out < 0)
        return WRONG(r, key, "must be %s", dcl_name_list(key->choices, list, sizeof list));
    return DETCL_OK;
}

static enum detcl_status read_choice(struct reader *r, const struct key *key, const json_t *value)
{
    int chosen;
    DCL_TRY(r->error, choice_of(r, key, value, &chosen));
    *AT(r, key, unsigned) = (unsigned)chosen;
    return DETCL_OK;
}

/* A choice of two that is kept as a flag. */
static enum detcl_status read_flag(struct reader *r, const struct key *key, const json_t *value)
{
    int chosen;
    DCL_TRY(r->error, choice_of(r, key, value, &chosen));
    *AT(r, key, bool) = chosen == 1;
    return DETCL_OK;
}

/* A list of low_count..high_count numbers. */
static enum detcl_status floats_of(struct reader *r, const struct key *key, const json_t *value,
                                   int low_count, int high_count, float *out, int *count)
{
    const size_t n = json_array_size(value);
    if (!json_is_array(value) || n < (size_t)low_count || n > (size_t)high_count)
        return WRONG(r, key, "must be a list of %d..%d numbers", low_count, high_count);
    for (size_t i = 0; i < n; i++) {
        double number;
        DCL_TRY(r->error, number_of(r, key, json_array_get(value, i), &number));
        out[i] = (float)number;
    }
    *count = (int)n;
    return DETCL_OK;
}

static enum detcl_status read_triple(struct reader *r, const struct key *key, const json_t *value)
{
    int n;
    return floats_of(r, key, value, 3, 3, AT(r, key, struct dcl_triple)->v, &n);
}

static enum detcl_status read_divisor(struct reader *r, const struct key *key, const json_t *value)
{
    DCL_TRY(r->error, read_triple(r, key, value));
    for (int i = 0; i < 3; i++)
        if (fabsf(r->layer->scale.v[i]) < 1e-6f)
            return WRONG(r, key, "must not be 0: the input is (pixel - mean) / scale");
    return DETCL_OK;
}

static enum detcl_status read_pair(struct reader *r, const struct key *key, const json_t *value)
{
    int n;
    return floats_of(r, key, value, 2, 2, AT(r, key, float), &n);
}

static enum detcl_status read_anchors(struct reader *r, const struct key *key, const json_t *value)
{
    struct dcl_anchors *anchors = &r->layer->anchors;
    const int most = (int)(sizeof anchors->v / sizeof *anchors->v);
    DCL_TRY(r->error, floats_of(r, key, value, 2, most, anchors->v, &anchors->n));
    if (anchors->n % 2)
        return WRONG(r, key, "must hold pairs of width and height");
    return DETCL_OK;
}

static enum detcl_status read_grid(struct reader *r, const struct key *key, const json_t *value)
{
    struct dcl_grid *grid = AT(r, key, struct dcl_grid);
    return floats_of(r, key, value, 1, DCL_MAX_GRID, grid->v, &grid->n);
}

static enum detcl_status read_strides(struct reader *r, const struct key *key, const json_t *value)
{
    const size_t n = json_array_size(value);
    if (!json_is_array(value) || n < 1 || n > DCL_MAX_STRIDES)
        return WRONG(r, key, "must be a list of 1..%d whole numbers", DCL_MAX_STRIDES);
    r->layer->strides.n = (int)n;
    for (size_t i = 0; i < n; i++)
        DCL_TRY(r->error, whole_of(r, key, json_array_get(value, i), &r->layer->strides.v[i]));
    return DETCL_OK;
}

static enum detcl_status read_min_boxes(struct reader *r, const struct key *key,
                                        const json_t *value)
{
    struct dcl_priors *p = &r->layer->priors;
    const size_t n = json_array_size(value);
    if (!json_is_array(value) || n < 1 || n > DCL_MAX_STRIDES)
        return WRONG(r, key, "must be a list of 1..%d lists, one a level", DCL_MAX_STRIDES);
    p->n_levels = (int)n;
    for (size_t i = 0; i < n; i++)
        DCL_TRY(r->error, floats_of(r, key, json_array_get(value, i), 1, DCL_MAX_MIN_BOXES,
                                    p->min_boxes[i], &p->n_min_boxes[i]));
    return DETCL_OK;
}

static enum detcl_status read_priors(struct reader *r, const struct key *key, const json_t *value)
{
    const size_t n = json_array_size(value);
    if (!json_is_array(value) || n < 1 || n > MAX_PRIORS)
        return WRONG(r, key, "must be a list of 1..%d boxes", MAX_PRIORS);
    float *boxes = dcl_arena_array(r->arena, n * 4, sizeof *boxes);
    if (!boxes)
        return no_memory(r);
    int four;
    for (size_t i = 0; i < n; i++)
        DCL_TRY(r->error, floats_of(r, key, json_array_get(value, i), 4, 4, boxes + 4 * i, &four));
    r->layer->priors.count = (int64_t)n;
    r->layer->priors.boxes = boxes;
    return DETCL_OK;
}

static enum detcl_status read_outputs(struct reader *r, const struct key *key, const json_t *value)
{
    struct dcl_output_names *names = &r->layer->outputs;
    const size_t n = json_array_size(value);
    if (!json_is_array(value) || n < 1 || n > DCL_MAX_HEAD_OUTPUTS)
        return WRONG(r, key, "must be a list of 1..%d output names", DCL_MAX_HEAD_OUTPUTS);
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(value, i));
        if (!name)
            return WRONG(r, key, "must hold names");
        names->v[i] = dcl_arena_text(r->arena, name);
        if (!names->v[i])
            return no_memory(r);
    }
    names->n = (int)n;
    return DETCL_OK;
}

static enum detcl_status read_labels(struct reader *r, const struct key *key, const json_t *value)
{
    const size_t n = json_array_size(value);
    if (!json_is_array(value) || n < 1 || n > DCL_MAX_LABELS)
        return WRONG(r, key, "must be a list of 1..%d names", DCL_MAX_LABELS);
    const char **names = dcl_arena_array(r->arena, n, sizeof *names);
    if (!names)
        return no_memory(r);
    for (size_t i = 0; i < n; i++) {
        const json_t *name = json_array_get(value, i);
        if (!json_is_string(name))
            return WRONG(r, key, "must hold names");
        names[i] = dcl_label_copy(json_string_value(name), json_string_length(name), r->arena);
        if (!names[i])
            return no_memory(r);
    }
    r->layer->labels = (struct dcl_labels){(int)n, names};
    return DETCL_OK;
}

/* A file beside the sidecar: a name that leads elsewhere is refused. */
static enum detcl_status read_labels_file(struct reader *r, const struct key *key,
                                          const json_t *value)
{
    const char *name = json_string_value(value);
    if (!name || !*name || strchr(name, '/') || strchr(name, '\\'))
        return WRONG(r, key, "must be the name of a file in the same folder");
    const char *slash = strrchr(r->file, '/');
    const size_t folder = slash ? (size_t)(slash - r->file) + 1 : 0;
    const size_t bytes = folder + strlen(name) + 1;
    char *path = dcl_arena_alloc(r->arena, bytes);
    if (!path)
        return no_memory(r);
    snprintf(path, bytes, "%.*s%s", (int)folder, r->file, name);
    return dcl_labels_read(path, r->arena, r->error, &r->layer->labels);
}

static enum detcl_status read_name(struct reader *r, const struct key *key, const json_t *value)
{
    return json_is_string(value) ? DETCL_OK : WRONG(r, key, "must be text");
}

/* --- objects ----------------------------------------------------------------------------- */

/* "width" of "input.width". */
static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static enum detcl_status read_object(struct reader *r, const struct key *keys, const char *where,
                                     const json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const struct key *key = keys;
        while (key->name && strcmp(last_part(key->name), name) != 0)
            key++;
        if (!key->name)
            return DCL_FAIL(r->error, DETCL_ERROR_MODEL, "%s: unknown key '%s%s%s'", r->file, where,
                            *where ? "." : "", name);
        DCL_TRY(r->error, key->read(r, key, value));
        if (key->setting >= 0)
            dcl_spec_give(r->layer, (enum dcl_setting)key->setting);
    }
    return DETCL_OK;
}

static const struct key input_keys[] = {
    {"input.width", read_whole, IN(size.width), 0, DCL_MAX_INPUT_SIDE, NULL, DCL_SET_SIZE},
    {"input.height", read_whole, IN(size.height), 0, DCL_MAX_INPUT_SIDE, NULL, DCL_SET_SIZE},
    {"input.multiple", read_whole, IN(size.multiple), 1, 1024, NULL, DCL_SET_SIZE},
    {"input.max_side", read_whole, IN(size.max_side), 1, DCL_MAX_INPUT_SIDE, NULL, DCL_SET_SIZE},
    {"input.channels", read_flag, IN(bgr), 0, 0, dcl_channel_names, DCL_SET_CHANNELS},
    {"input.resize", read_choice, IN(resize.mode), 0, 0, dcl_resize_names, DCL_SET_RESIZE},
    {"input.shorter", read_whole, IN(resize.shorter), 1, DCL_MAX_INPUT_SIDE, NULL, -1},
    {"input.anchor", read_flag, IN(centred), 0, 0, dcl_anchor_names, DCL_SET_ANCHOR},
    {"input.pad", read_whole, IN(pad), 0, 255, NULL, DCL_SET_PAD},
    {"input.mean", read_triple, IN(mean), -1e6, 1e6, NULL, DCL_SET_MEAN},
    {"input.scale", read_divisor, IN(scale), -1e6, 1e6, NULL, DCL_SET_SCALE},
    {NULL, NULL, 0, 0, 0, NULL, 0}};

static const struct key head_keys[] = {
    {"head.type", read_choice, IN(head), 0, 0, dcl_head_names, DCL_SET_HEAD},
    {"head.outputs", read_outputs, 0, 0, 0, NULL, DCL_SET_OUTPUTS},
    {"head.strides", read_strides, 0, 1, 4096, NULL, DCL_SET_STRIDES},
    {"head.anchors", read_anchors, 0, 1e-6, 1e6, NULL, DCL_SET_ANCHORS},
    {"head.sizes", read_grid, IN(sizes), 1e-6, 1e6, NULL, DCL_SET_SIZES},
    {"head.ratios", read_grid, IN(ratios), 1e-6, 1e6, NULL, DCL_SET_RATIOS},
    {"head.scales", read_grid, IN(scales), 1e-6, 1e6, NULL, DCL_SET_SCALES},
    {"head.variances", read_pair, IN(variances), 1e-6, 1e6, NULL, DCL_SET_VARIANCES},
    {"head.min_boxes", read_min_boxes, 0, 1e-6, 1e6, NULL, DCL_SET_PRIORS},
    {"head.priors", read_priors, 0, -1e6, 1e6, NULL, DCL_SET_PRIORS},
    {"head.clip", read_bool, IN(priors.clip), 0, 0, NULL, -1},
    {"head.format", read_choice, IN(format), 0, 0, dcl_format_names, DCL_SET_FORMAT},
    {"head.decoded", read_bool, IN(decoded), 0, 0, NULL, DCL_SET_DECODED},
    {"head.activation", read_choice, IN(activation), 0, 0, dcl_score_activation_names,
     DCL_SET_ACTIVATION},
    {"head.background", read_bool, IN(background), 0, 0, NULL, DCL_SET_BACKGROUND},
    {"head.normalised", read_bool, IN(normalised), 0, 0, NULL, DCL_SET_NORMALISED},
    {"head.bins", read_whole, IN(bins), 1, 64, NULL, DCL_SET_BINS},
    {"head.offset", read_float, IN(offset), 0, 1, NULL, DCL_SET_OFFSET},
    {"head.multi_label", read_bool, IN(multi_label), 0, 0, NULL, DCL_SET_MULTI_LABEL},
    {"head.class_agnostic", read_bool, IN(agnostic), 0, 0, NULL, DCL_SET_AGNOSTIC},
    {"head.top", read_whole, IN(top), 1, 1000, NULL, DCL_SET_TOP},
    {NULL, NULL, 0, 0, 0, NULL, 0}};

static enum detcl_status read_section(struct reader *r, const struct key *key, const json_t *value)
{
    if (!json_is_object(value))
        return WRONG(r, key, "must be an object");
    const bool head = strcmp(key->name, "head") == 0;
    return read_object(r, head ? head_keys : input_keys, key->name, value);
}

static const struct key top_keys[] = {
    {"name", read_name, 0, 0, 0, NULL, -1},
    {"input", read_section, 0, 0, 0, NULL, -1},
    {"head", read_section, 0, 0, 0, NULL, -1},
    {"score", read_float, IN(score), 0, 1, NULL, DCL_SET_SCORE},
    {"iou", read_float, IN(iou), 0, 1, NULL, DCL_SET_IOU},
    {"max", read_whole, IN(max_detections), 1, DCL_MAX_DETECTIONS, NULL, DCL_SET_MAX},
    {"labels", read_labels, 0, 0, 0, NULL, DCL_SET_LABELS},
    {"labels_file", read_labels_file, 0, 0, 0, NULL, DCL_SET_LABELS},
    {NULL, NULL, 0, 0, 0, NULL, 0}};

/* What no key alone can tell. */
static enum detcl_status check_whole(struct reader *r, const json_t *root)
{
    const struct dcl_detect_spec *s = r->layer;
    const char *wrong = NULL;
    if (dcl_spec_has(s, DCL_SET_SIZE) && (s->size.width == 0) != (s->size.height == 0))
        wrong = "input: width and height go together";
    else if (s->size.multiple && (s->size.width || !s->size.max_side))
        wrong = "input.multiple: needs max_side and width and height 0";
    else if (dcl_spec_has(s, DCL_SET_SIZE) && !s->size.width && !s->size.multiple)
        wrong = "input: a size of 0 needs multiple and max_side";
    else if (s->size.multiple && s->size.max_side < s->size.multiple)
        wrong = "input.max_side: smaller than input.multiple";
    else if (s->resize.shorter &&
             !(dcl_spec_has(s, DCL_SET_RESIZE) && s->resize.mode == DCL_RESIZE_CROP))
        wrong = "input.shorter: goes with the resize 'crop' only";
    else if (s->priors.count && s->priors.n_levels)
        wrong = "head: min_boxes and priors exclude each other";
    else if (s->priors.n_levels && s->strides.n != s->priors.n_levels)
        wrong = "head.min_boxes: needs as many strides as levels";
    else if (json_object_get(root, "labels") && json_object_get(root, "labels_file"))
        wrong = "labels and labels_file exclude each other";
    if (wrong)
        return DCL_FAIL(r->error, DETCL_ERROR_MODEL, "%s: %s", r->file, wrong);
    return DETCL_OK;
}

enum detcl_status dcl_sidecar_read(const char *path, struct dcl_arena *arena, struct dcl_error *e,
                                   struct dcl_detect_spec *layer)
{
    char *text;
    size_t size;
    DCL_TRY(e, dcl_text_read(path, arena, e, &text, &size));
    json_error_t why;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return DCL_FAIL(e, DETCL_ERROR_MODEL, "%s:%d:%d: %s", path, why.line, why.column, why.text);
    struct reader r = {path, arena, e, layer};
    enum detcl_status status = DETCL_OK;
    if (json_is_object(root))
        status = read_object(&r, top_keys, "", root);
    else
        status = DCL_FAIL(e, DETCL_ERROR_MODEL, "%s: must be one JSON object", path);
    if (status == DETCL_OK)
        status = check_whole(&r, root);
    json_decref(root);
    return status;
}

char *dcl_sidecar_name(const char *model, struct dcl_arena *arena)
{
    static const char end[] = ".onnx", sidecar[] = ".detcl.json";
    size_t stem = strlen(model);
    if (stem >= sizeof end - 1 && strcmp(model + stem - (sizeof end - 1), end) == 0)
        stem -= sizeof end - 1;
    char *name = dcl_arena_alloc(arena, stem + sizeof sidecar);
    if (name) {
        memcpy(name, model, stem);
        memcpy(name + stem, sidecar, sizeof sidecar);
    }
    return name;
}
