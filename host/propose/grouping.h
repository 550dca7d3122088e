/* Hierarchical grouping: Uijlings et al. 2013, section 3.1. */
#ifndef DCL_PROPOSE_GROUPING_H
#define DCL_PROPOSE_GROUPING_H

#include "propose/regions.h"

/* Join the two most similar neighbours until one region is left; of equally similar pairs the one
 * with the older region first. `similarity` is a sum of enum detcl_similarity. `out` gets the 2 *
 * count - 1 regions of the hierarchy: the initial ones, then the joined ones, the whole picture
 * last. 0 when memory ran out. */
int dcl_group(struct dcl_arena *arena, const struct dcl_regions *regions, unsigned similarity,
              struct dcl_region *out);

/* How similar two regions are, 0..4: the sum of the measures chosen. Histograms as of
 * dcl_regions_histograms, one region's. */
float dcl_similarity(const struct dcl_regions *regions, unsigned similarity,
                     const struct dcl_region *a, const float *histogram_a,
                     const struct dcl_region *b, const float *histogram_b);

#endif
