/* Selective search: class-independent object locations from segmentation. Plain functions of the
 * host: no context, no device, any thread. The same picture and parameters give the same result on
 * every machine with IEEE arithmetic: only + - * / and the square root decide, ties are broken by
 * position, and what is random follows the seed. */
#ifndef DETCL_SELECTIVE_SEARCH_H
#define DETCL_SELECTIVE_SEARCH_H

#include "detcl/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The spaces of Uijlings et al. 2013, section 3.2, each channel brought to 0..255. */
enum detcl_colour_space {
    DETCL_COLOUR_RGB,
    DETCL_COLOUR_INTENSITY, /* one channel: 0.299 R + 0.587 G + 0.114 B */
    DETCL_COLOUR_LAB,       /* CIE L*a*b* of sRGB, white point D65 */
    DETCL_COLOUR_RGI,       /* r and g of the normalised RGB, and the intensity */
    DETCL_COLOUR_HSV,
    DETCL_COLOUR_NORMALISED, /* R, G, B, each divided by R + G + B */
    DETCL_COLOUR_OPPONENT,   /* R - G and R + G - 2 B, divided by R + G + B, and the intensity */
    DETCL_COLOUR_HUE         /* one channel: H of HSV */
};

struct detcl_segment_params {
    enum detcl_colour_space colour;
    float sigma;  /* 0..100 pixels, of the Gaussian before; negative: no smoothing; 0: 0.8 */
    float k;      /* above 0 to 1e6: larger gives larger segments; 0: 100 */
    int min_size; /* pixels: a smaller segment is joined to a neighbour; 0: k */
};

/* Graph-based segmentation (Felzenszwalb and Huttenlocher 2004, "Efficient Graph-Based Image
 * Segmentation"): pixels and their eight neighbours, weights the Euclidean distance of colours in
 * 0..255 (a single channel counts three times), edges of equal weight in the order of their pixels.
 * Two segments are joined when the weight is at most min(inner + k / size). As
 * skimage.segmentation.felzenszwalb with scale = k. `labels` [height, width] gets the segment of
 * each pixel, numbered from 0 in the order of their first pixels; `*count`, if not NULL, how many
 * there are. `params` NULL: all defaults. DETCL_ERROR_ARGUMENT, DETCL_ERROR_MEMORY; `error` (may be
 * NULL) says why. */
DETCL_API enum detcl_status detcl_segment(const struct detcl_image *image,
                                          const struct detcl_segment_params *params,
                                          int32_t *labels, int *count, struct detcl_error *error);

/* The strategies that Uijlings et al. 2013 recommend, under their names. */
enum detcl_search_mode {
    DETCL_SEARCH_FAST,    /* 8: HSV, Lab; two similarities; k 50, 100 */
    DETCL_SEARCH_QUALITY, /* 80: HSV, Lab, rgI, hue, intensity; four similarities; k 50 to 300 */
    DETCL_SEARCH_SINGLE   /* 1: HSV, all measures, k 100 */
};

/* What two regions are compared by; a similarity is the sum of those chosen. */
enum detcl_similarity {
    DETCL_SIMILAR_COLOUR = 1,  /* intersection of histograms, 25 bins a channel */
    DETCL_SIMILAR_TEXTURE = 2, /* the same of Gaussian derivatives, sigma 1, in 8 directions, 10
                                  bins each up to the channel's largest */
    DETCL_SIMILAR_SIZE = 4,    /* small regions first */
    DETCL_SIMILAR_FILL = 8     /* regions that fill each other's gaps */
};

#define DETCL_SEARCH_MAX_CHOICES 16

/* All zero is a good choice. A list that is not NULL replaces that of the mode; every combination
 * of colour, k and similarity is one strategy. Lists have 1 to 16 entries. */
struct detcl_selective_search_params {
    enum detcl_search_mode mode;
    const enum detcl_colour_space *colours;
    int colour_count;
    const float *k;
    int k_count;
    const unsigned *similarities; /* each a sum of enum detcl_similarity, 1..15 */
    int similarity_count;
    float sigma;   /* as detcl_segment_params */
    int min_size;  /* as detcl_segment_params; 0: each strategy's own k */
    int min_side;  /* pixels: boxes with a shorter side are left out */
    int max_boxes; /* 0: no limit; the first ones are kept */
    uint64_t seed; /* of the order; any value */
};

/* Boxes as dense float32 [count, 4]: x1, y1, x2, y2 in pixels, 0, 0 = the top left corner of the
 * image and width, height = its bottom right one, as detcl_tensor_write takes them. */
struct detcl_box_list {
    float *boxes;
    int count;
};

/* Selective search (Uijlings, van de Sande, Gevers, Smeulders 2013, "Selective Search for Object
 * Recognition"): each strategy segments the image, joins the two most similar neighbours until one
 * region is left, and proposes the box of every region on the way. No box comes twice. The order is
 * the paper's, section 3.3: a region's position from the top of its hierarchy, times a random
 * number of 0..1; the best of equal boxes counts. About 2000 boxes in fast mode; 140 bytes of
 * memory a pixel. `params` NULL: all defaults. `*out` is written on success only, and may hold no
 * box (min_side). DETCL_ERROR_ARGUMENT, DETCL_ERROR_MEMORY; `error` (may be NULL) says why. */
DETCL_API enum detcl_status
detcl_selective_search(const struct detcl_image *image,
                       const struct detcl_selective_search_params *params,
                       struct detcl_box_list **out, struct detcl_error *error);

/* Accepts NULL and a pointer to NULL; clears `*list`. */
DETCL_API void detcl_box_list_destroy(struct detcl_box_list **list);

#ifdef __cplusplus
}
#endif
#endif
