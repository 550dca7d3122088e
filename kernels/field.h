/* A field of a head (host/ops/decode.h): element (image n, anchor, cell, channel k) lies at
 * x_offset + n * x_image + anchor * x_anchor + cell * x_cell + k * x_channel. */
#define FIELD(x)                                                                                   \
    TENSOR(const float, x), const int x##_offset, const int x##_image, const int x##_anchor,       \
        const int x##_cell, const int x##_channel
/* The anchor of row i; most heads have one, and a division costs more than the rest of a row. */
static int anchor_of(const int i, const int cells)
{
    return i < cells ? 0 : i / cells;
}

/* Move x to channel 0 of row i of image n. */
#define SEEK(x)                                                                                    \
    x += x##_at + x##_offset + (long)n * x##_image + (long)anchor_of(i, cells) * x##_anchor +      \
         (long)(i - anchor_of(i, cells) * cells) * x##_cell
