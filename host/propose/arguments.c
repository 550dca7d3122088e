#include "propose/arguments.h"

#include "propose/colour.h"
#include "propose/filter.h"

#include <stdio.h>

#define MAX_PIXELS (1 << 28) /* four edges a pixel are numbered in 32 bits */

enum detcl_status dcl_check_image(struct dcl_error *e, const struct detcl_image *image)
{
    if (!image || !image->pixels)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "no image");
    if (image->width < 1 || image->height < 1 || image->width > 65535 || image->height > 65535)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "image of %dx%d pixels: sides are 1 to 65535",
                        image->width, image->height);
    if ((int64_t)image->width * image->height > MAX_PIXELS)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "image of %dx%d pixels: at most %d in all",
                        image->width, image->height, MAX_PIXELS);
    if (image->stride && image->stride < 3 * (size_t)image->width)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "stride %zu is less than a row of %d pixels",
                        image->stride, image->width);
    return DETCL_OK;
}

enum detcl_status dcl_check_colour(struct dcl_error *e, enum detcl_colour_space colour)
{
    if ((int)colour < 0 || (int)colour >= DCL_COLOUR_SPACES)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "colour space %d, not 0 to %d", (int)colour,
                        DCL_COLOUR_SPACES - 1);
    return DETCL_OK;
}

enum detcl_status dcl_check_k(struct dcl_error *e, float k)
{
    if (!(k > 0 && k <= 1e6f))
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "k is %g, not above 0 and at most 1e6", (double)k);
    return DETCL_OK;
}

enum detcl_status dcl_check_segment(struct dcl_error *e, float sigma, int min_size)
{
    if (!(sigma <= DCL_MAX_SIGMA))
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "sigma is %g, more than %d", (double)sigma,
                        DCL_MAX_SIGMA);
    if (min_size < 0)
        return DCL_FAIL(e, DETCL_ERROR_ARGUMENT, "min_size is %d, less than 0", min_size);
    return DETCL_OK;
}

double dcl_sigma(float sigma)
{
    return sigma < 0 ? 0 : sigma == 0 ? 0.8 : (double)sigma;
}

int dcl_min_size(int min_size, float k)
{
    return min_size ? min_size : (int)k;
}

enum detcl_status dcl_hand_out(const struct dcl_error *e, enum detcl_status status,
                               struct detcl_error *error)
{
    if (status != DETCL_OK && error)
        snprintf(error->text, sizeof error->text, "%s", e->text);
    return status;
}
