/* Recognition of detection heads by the names and shapes of a network's outputs and by the nodes
 * that make them. */
#ifndef DCL_DETECT_RECOGNISE_H
#define DCL_DETECT_RECOGNISE_H

#include "detect/spec.h"
#include "graph/ir.h"

/* A network whose shapes are inferred for an input of width x height pixels. */
struct dcl_network {
    const struct dcl_graph *graph;
    int width, height;
};

/* Fill the zeroed `layer` with what the outputs tell: the head and its details, or nothing.
 * `names` counts the class names that are known otherwise; 0 = unknown. */
void dcl_recognise(const struct dcl_network *net, int names, struct dcl_detect_spec *layer);

/* The details that the decided head leaves to the outputs, whatever it was recognised as: all
 * outputs in their order, and whether the scores went through a softmax or a sigmoid. */
void dcl_recognise_details(const struct dcl_network *net, const struct dcl_detect_spec *spec,
                           struct dcl_detect_spec *layer);

/* DETCL_ERROR_MODEL with the outputs and what they look like, for a network without a head. `task`
 * is what the model says it does, or NULL. */
enum detcl_status dcl_unrecognised(const struct dcl_network *net, const char *model,
                                   const char *task, struct dcl_error *e);

#endif
