/* A stroke font: printable ASCII drawn with round-ended lines and curves, so that text is sharp at
 * any size. Internal to host/image.
 *
 * Sizes are given by `unit`, the pixels of one design unit. Capitals are 16 units high from stroke
 * centre to stroke centre, small letters 12, descenders reach down to -5. Stems lie on even units:
 * with `unit` a multiple of 0.5 they fall on whole pixels.
 *
 * Text is UTF-8. What is not printable ASCII, damaged bytes included, shows as an empty box. */
#ifndef DCL_IMAGE_FONT_H
#define DCL_IMAGE_FONT_H

#include <stddef.h>
#include <stdint.h>

#define DCL_FONT_CAPITAL 16  /* units from the baseline to the top of capitals */
#define DCL_FONT_DESCENDER 5 /* units from the baseline down to the lowest stroke */

/* How much of each pixel is covered, 0 to 255, rows without padding. */
struct dcl_mask {
    int width, height;
    uint8_t *coverage;
};

/* Bytes of the character that `text` begins with; `text` is not empty. A byte that begins no
 * well-formed character counts as one of its own. */
size_t dcl_font_character_size(const char *text);

/* Pixels from the first stroke's centre to the last one's. */
float dcl_font_width(const char *text, float unit);

/* Add text to the mask. `x` is the centre of the first upright stroke and `baseline` that of the
 * bottom strokes, where the centre of the top left pixel is (0, 0). `stroke` is the line width in
 * pixels. What lies outside of the mask is cut off. */
void dcl_font_draw(struct dcl_mask *mask, float x, float baseline, const char *text, float unit,
                   float stroke);

#endif
