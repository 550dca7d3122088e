#include "image/codec.h"

#include <stdlib.h>
#include <string.h>

#define ORIENTATION_TAG 0x0112u
#define TYPE_SHORT 3u

static uint32_t read_u16(const uint8_t *p, bool big_endian)
{
    return big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t read_u32(const uint8_t *p, bool big_endian)
{
    const uint32_t first = read_u16(p, big_endian);
    const uint32_t second = read_u16(p + 2, big_endian);
    return big_endian ? first << 16 | second : second << 16 | first;
}

int dcl_exif_orientation(const uint8_t *tiff, size_t size)
{
    if (size < 8 || (memcmp(tiff, "II", 2) != 0 && memcmp(tiff, "MM", 2) != 0))
        return 1;
    const bool big_endian = tiff[0] == 'M';
    if (read_u16(tiff + 2, big_endian) != 42)
        return 1;
    const size_t directory = read_u32(tiff + 4, big_endian);
    if (directory > size - 2)
        return 1;
    const size_t entries = read_u16(tiff + directory, big_endian);
    size_t at = directory + 2;
    for (size_t i = 0; i < entries && size - at >= 12; i++, at += 12) {
        const uint8_t *entry = tiff + at;
        if (read_u16(entry, big_endian) != ORIENTATION_TAG)
            continue;
        if (read_u16(entry + 2, big_endian) != TYPE_SHORT || read_u32(entry + 4, big_endian) != 1)
            return 1;
        const uint32_t value = read_u16(entry + 8, big_endian);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

int dcl_jpeg_orientation(const uint8_t *bytes, size_t size)
{
    static const uint8_t exif_tag[6] = {'E', 'x', 'i', 'f', 0, 0};
    size_t at = 2;
    while (size >= 4 && at <= size - 4 && bytes[at] == 0xff) {
        const uint8_t marker = bytes[at + 1];
        if (marker == 0xff) { /* a fill byte before the marker */
            at++;
            continue;
        }
        if (marker == 0xda || marker == 0xd9) /* image data or the end: no headers follow */
            return 1;
        const size_t length = read_u16(bytes + at + 2, true); /* counts its own two bytes */
        if (length < 2 || length > size - at - 2)
            return 1;
        const uint8_t *payload = bytes + at + 4;
        if (marker == 0xe1 && length - 2 >= sizeof exif_tag &&
            memcmp(payload, exif_tag, sizeof exif_tag) == 0)
            return dcl_exif_orientation(payload + sizeof exif_tag, length - 2 - sizeof exif_tag);
        at += 2 + length;
    }
    return 1;
}

/* Where in the stored pixels the first pixel of the seen picture lies, and how far one step to the
 * right and one step down move there. */
struct walk {
    ptrdiff_t start, right, down;
};

static struct walk walk_for(int orientation, ptrdiff_t w, ptrdiff_t h)
{
    switch (orientation) {
    case 2:
        return (struct walk){w - 1, -1, w};
    case 3:
        return (struct walk){w * h - 1, -1, -w};
    case 4:
        return (struct walk){w * (h - 1), 1, -w};
    case 5:
        return (struct walk){0, w, 1};
    case 6:
        return (struct walk){w * (h - 1), -w, 1};
    case 7:
        return (struct walk){w * h - 1, -w, -1};
    case 8:
        return (struct walk){w - 1, w, -1};
    default:
        return (struct walk){0, 1, w};
    }
}

enum detcl_status dcl_image_orient(const struct dcl_image_report *report, struct dcl_image *image,
                                   int orientation)
{
    if (orientation <= 1 || orientation > 8)
        return DETCL_OK;
    const bool swapped = orientation >= 5;
    struct dcl_image seen = {0};
    const enum detcl_status status =
        dcl_image_allocate(report, &seen, swapped ? image->height : image->width,
                           swapped ? image->width : image->height, 3);
    if (status != DETCL_OK)
        return status;
    const struct walk walk = walk_for(orientation, image->width, image->height);
    uint8_t *to = seen.rgb;
    for (int y = 0; y < seen.height; y++) {
        const uint8_t *from = image->rgb + 3 * (walk.start + y * walk.down);
        for (int x = 0; x < seen.width; x++, to += 3)
            memcpy(to, from + 3 * (x * walk.right), 3);
    }
    free(image->rgb);
    *image = seen;
    return DETCL_OK;
}
