/* The header of a frame (host/ops/frame.h), read at run time. */
#define MAX_SIDE (1 << 20) /* DCL_FRAME_MAX_SIDE */

struct frame {
    int width, height, stride, format, bytes;
    float scale_x, scale_y;
    int pad_x, pad_y, content_width, content_height;
};

/* Frames start at any byte, so the header is read bytewise. */
static int read_int(global const uchar *f, const int field)
{
    f += 4 * field;
    return (int)((uint)f[0] | (uint)f[1] << 8 | (uint)f[2] << 16 | (uint)f[3] << 24);
}

static void read_header(global const uchar *f, struct frame *h)
{
    h->width = read_int(f, 0);
    h->height = read_int(f, 1);
    h->stride = read_int(f, 2);
    h->format = read_int(f, 3);
    h->scale_x = as_float(read_int(f, 4));
    h->scale_y = as_float(read_int(f, 5));
    h->pad_x = read_int(f, 6);
    h->pad_y = read_int(f, 7);
    h->content_width = read_int(f, 8);
    h->content_height = read_int(f, 9);
    h->bytes = h->format < 0 || h->format > 4 ? 0 : h->format < 2 ? 3 : h->format < 4 ? 4 : 1;
}

static bool valid(const struct frame *h, const int capacity)
{
    const long row = (long)h->width * h->bytes;
    return row > 0 && h->width <= MAX_SIDE && h->height > 0 && h->height <= MAX_SIDE &&
           h->stride >= row &&
           64 + (long)h->stride * (h->height - 1) + row <= capacity;
}
