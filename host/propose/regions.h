/* Regions of a segmentation: size, box, histograms, and which touch. */
#ifndef DCL_PROPOSE_REGIONS_H
#define DCL_PROPOSE_REGIONS_H

#include "propose/colour.h"

#define DCL_LANES 16 /* histograms are as long as a multiple of this, so that vectors fit */

/* The bins of each pixel: `channels` of colour, then 8 directions of each channel's texture. */
struct dcl_bins {
    int channels;
    int colour_length, texture_length; /* of a region's two histograms */
    uint8_t *bin;                      /* 9 * channels a pixel */
};

/* Of planes that are not smoothed. 0 when memory ran out. */
int dcl_bins_create(struct dcl_arena *arena, const struct dcl_planes *planes, struct dcl_bins *out);

struct dcl_region {
    int size;           /* pixels */
    int x1, y1, x2, y2; /* of its box, x2 and y2 beyond the last pixel */
};

/* A segmentation, ready to be grouped. */
struct dcl_regions {
    int count;
    int64_t pixels; /* of the picture */
    struct dcl_region *region;
    uint32_t *pixel_counts; /* colour_length + texture_length a region */
    int colour_length, texture_length, channels;
    int (*pair)[2]; /* regions that touch, corners included, each pair once, the lower first */
    int pair_count;
};

/* 0 when memory ran out. */
int dcl_regions_create(struct dcl_arena *arena, const int32_t *labels, int count, int width,
                       int height, const struct dcl_bins *bins, struct dcl_regions *out);

/* Both histograms of every region, each with a sum of one. `out` as pixel_counts. */
void dcl_regions_histograms(const struct dcl_regions *r, float *out);

#endif
