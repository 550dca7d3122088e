#include "propose/colour.h"

/* Roots by Newton's method, so that they are the same numbers everywhere. */
static double fifth_root(double x)
{
    double y = 1;
    for (int i = 0; i < 40 && x > 0; i++)
        y -= (y - x / (y * y * y * y)) / 5;
    return x > 0 ? y : 0;
}

/* For 0.008..1.1, where six steps are exact. */
static double cube_root(double x)
{
    double y = 0.3 + 0.7 * x;
    for (int i = 0; i < 6; i++)
        y -= (y - x / (y * y)) / 3;
    return y;
}

/* What sRGB values stand for: IEC 61966-2-1. */
static void linear_light(double table[256])
{
    for (int i = 0; i < 256; i++) {
        const double v = i / 255.0, root = fifth_root((v + 0.055) / 1.055),
                     cube = root * root * root;
        table[i] = v <= 0.04045 ? v / 12.92 : cube * cube * cube * cube;
    }
}

/* CIE 15: the function of the ratio to the white point. */
static double lightness(double t)
{
    const double edge = 6.0 / 29;
    return t > edge * edge * edge ? cube_root(t) : t / (3 * edge * edge) + 4.0 / 29;
}

static void to_lab(const double light[256], const uint8_t rgb[3], double out[3])
{
    const double r = light[rgb[0]], g = light[rgb[1]], b = light[rgb[2]];
    const double x = lightness((0.412453 * r + 0.357580 * g + 0.180423 * b) / 0.95047);
    const double y = lightness(0.212671 * r + 0.715160 * g + 0.072169 * b);
    const double z = lightness((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.08883);
    out[0] = (116 * y - 16) * 2.55;
    out[1] = 500 * (x - y) + 128;
    out[2] = 200 * (y - z) + 128;
}

static void to_hsv(const uint8_t rgb[3], double out[3])
{
    const int r = rgb[0], g = rgb[1], b = rgb[2];
    const int high = r > g ? (r > b ? r : b) : (g > b ? g : b);
    const int low = r < g ? (r < b ? r : b) : (g < b ? g : b);
    const double range = high - low;
    double sixth = 0;
    if (range > 0)
        sixth = high == r ? (g - b) / range : high == g ? 2 + (b - r) / range : 4 + (r - g) / range;
    out[0] = (sixth < 0 ? sixth + 6 : sixth) * (255.0 / 6);
    out[1] = high ? 255 * range / high : 0;
    out[2] = high;
}

/* Black has the ratios of gray. */
static void to_ratios(const uint8_t rgb[3], double out[3])
{
    const int sum = rgb[0] + rgb[1] + rgb[2];
    for (int c = 0; c < 3; c++)
        out[c] = sum ? (double)rgb[c] / sum : 1.0 / 3;
}

static double intensity(const uint8_t rgb[3])
{
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

static void convert(enum detcl_colour_space space, const double light[256], const uint8_t rgb[3],
                    double out[3])
{
    double ratio[3];
    to_ratios(rgb, ratio);
    switch (space) {
    case DETCL_COLOUR_RGB:
        for (int c = 0; c < 3; c++)
            out[c] = rgb[c];
        break;
    case DETCL_COLOUR_INTENSITY:
        out[0] = intensity(rgb);
        break;
    case DETCL_COLOUR_LAB:
        to_lab(light, rgb, out);
        break;
    case DETCL_COLOUR_RGI:
        out[0] = 255 * ratio[0];
        out[1] = 255 * ratio[1];
        out[2] = intensity(rgb);
        break;
    case DETCL_COLOUR_HSV:
    case DETCL_COLOUR_HUE:
        to_hsv(rgb, out);
        break;
    case DETCL_COLOUR_NORMALISED:
        for (int c = 0; c < 3; c++)
            out[c] = 255 * ratio[c];
        break;
    case DETCL_COLOUR_OPPONENT:
        out[0] = 127.5 * (ratio[0] - ratio[1] + 1);
        out[1] = 85 * (ratio[0] + ratio[1] - 2 * ratio[2] + 2);
        out[2] = intensity(rgb);
        break;
    }
}

int dcl_planes_create(struct dcl_arena *arena, const struct detcl_image *image,
                      enum detcl_colour_space space, struct dcl_planes *out)
{
    const int one = space == DETCL_COLOUR_INTENSITY || space == DETCL_COLOUR_HUE;
    const size_t width = (size_t)image->width, height = (size_t)image->height;
    const size_t stride = image->stride ? image->stride : 3 * width;
    *out = (struct dcl_planes){image->width, image->height, one ? 1 : 3, {NULL}};
    for (int c = 0; c < out->channels; c++)
        if (!(out->plane[c] = dcl_arena_array(arena, width * height, sizeof(float))))
            return 0;
    double light[256];
    linear_light(light);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const uint8_t *p = image->pixels + y * stride + 3 * x;
            const uint8_t rgb[3] = {p[image->bgr ? 2 : 0], p[1], p[image->bgr ? 0 : 2]};
            double v[3];
            convert(space, light, rgb, v);
            for (int c = 0; c < out->channels; c++)
                out->plane[c][y * width + x] = (float)v[c];
        }
    return 1;
}
