/* Regions of interest: operands and sampling, as host/ops/roi.h tells. The arithmetic is that of the
 * twin, step by step, so that every sample falls between the same pixels on every device. */
#define FARTHEST 1048576.0f

/* words: 32-bit words of a batch index, 0 without; counted: whether there is a count. */
#define ROIS                                                                                       \
    TENSOR(const float, rois), TENSOR(const int, batch), TENSOR(const int, count),                 \
        const int n_rois, const int words, const int counted, const int images
#define ROI_IMAGE(r)                                                                               \
    roi_image(batch + batch_at * words, words, count + count_at, counted, images, r)

/* The image of RoI r, or -1. */
static int roi_image(global const int *batch, const int words, global const int *count, const int counted,
              const int images, const int r)
{
    if (counted && r >= count[0])
        return -1;
    const int image = words ? batch[(long)r * words] : 0;
    if (words == 2 && batch[(long)r * 2 + 1] != 0)
        return -1;
    return image >= 0 && image < images ? image : -1;
}

/* a / b, correctly rounded; devices may be off by some units in the last place. b > 0. */
static float quotient(const float a, const float b)
{
    float q = a / b;
    q += fma(-q, b, a) / b;
    const float rest = fma(-q, b, a);
    const float other = nextafter(q, rest > 0 ? INFINITY : -INFINITY);
    return fabs(fma(-other, b, a)) < fabs(rest) ? other : q;
}

struct axis {
    float start, bin; /* pixels */
    int grid;         /* samples in a bin */
    int extent;       /* of the map */
    int adaptive;
};

static bool roi_within(global const float *box, const float scale)
{
    return fabs(box[0] * scale) <= FARTHEST && fabs(box[1] * scale) <= FARTHEST &&
           fabs(box[2] * scale) <= FARTHEST && fabs(box[3] * scale) <= FARTHEST;
}

static struct axis roi_axis(const float low, const float high, const float scale, const int aligned,
                     const int bins, const int ratio, const int extent)
{
    const float offset = aligned ? 0.5f : 0.0f;
    const float start = low * scale - offset, end = high * scale - offset;
    float length = end - start;
    if (!aligned && length < 1)
        length = 1;
    struct axis a;
    a.start = start;
    a.bin = quotient(length, (float)bins);
    a.grid = ratio > 0 ? ratio : (int)ceil(a.bin);
    a.extent = extent;
    a.adaptive = ratio <= 0;
    return a;
}

static float bin_start(const struct axis *a, const int bin)
{
    return a->start + (float)bin * a->bin;
}

/* First and end of the samples of a bin that can lie on the map, with a margin for the rounding. */
static int2 bin_range(const struct axis *a, const int bin)
{
    if (!a->adaptive || a->grid <= 0)
        return (int2)(0, a->grid);
    const float step = a->bin / (float)a->grid, base = bin_start(a, bin), grid = (float)a->grid;
    const float low = (-1 - base) / step - 4, high = ((float)a->extent - base) / step + 4;
    return (int2)((int)fmin(fmax(low, 0.0f), grid), (int)fmin(fmax(high, 0.0f), grid));
}

struct sample {
    int low, high;
    float weight; /* of high */
};

/* False outside of the map. */
static bool bin_sample(const struct axis *a, const int bin, const int i, struct sample *out)
{
    float at = bin_start(a, bin) + quotient(((float)i + 0.5f) * a->bin, (float)a->grid);
    if (a->extent == 0 || !(at >= -1 && at <= (float)a->extent))
        return false;
    at = at > 0 ? at : 0;
    out->low = min((int)at, a->extent - 1);
    out->high = min(out->low + 1, a->extent - 1);
    out->weight = out->low < a->extent - 1 ? at - (float)out->low : 0;
    return true;
}

/* The pixels that bin `bin` of a rounded RoI covers, within 0..limit: first and end. `one`: RoIs end with
 * their last pixel. */
static int2 rounded_bin(const float low, const float high, const float scale, const int one, const int bins,
                 const int bin, const int limit)
{
    const int start = (int)round(low * scale), end = (int)round(high * scale);
    const float size = quotient((float)max(end - start + one, 1), (float)bins);
    const int first = start + (int)floor((float)bin * size);
    const int after = start + (int)ceil((float)(bin + 1) * size);
    return (int2)(clamp(first, 0, limit), clamp(after, 0, limit));
}
