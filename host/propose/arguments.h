/* What segmentation and search have in common: checks, defaults, errors. */
#ifndef DCL_PROPOSE_ARGUMENTS_H
#define DCL_PROPOSE_ARGUMENTS_H

#include "core/error.h"
#include "detcl/selective_search.h"

enum detcl_status dcl_check_image(struct dcl_error *e, const struct detcl_image *image);
enum detcl_status dcl_check_colour(struct dcl_error *e, enum detcl_colour_space colour);
enum detcl_status dcl_check_k(struct dcl_error *e, float k);
enum detcl_status dcl_check_segment(struct dcl_error *e, float sigma, int min_size);
double dcl_sigma(float sigma);
int dcl_min_size(int min_size, float k);

/* Copy the text of a failure to the caller's struct, which may be NULL. Returns `status`. */
enum detcl_status dcl_hand_out(const struct dcl_error *e, enum detcl_status status,
                               struct detcl_error *error);

#endif
