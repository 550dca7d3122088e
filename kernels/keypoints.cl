/* Detectors of points: peaks of heatmaps to boxes (host/ops/decode_centernet.c, decode_cornernet.c).
 * Heatmaps are [N, C, H, W]; a candidate is a position in one image's C * H * W, and top.cl's lists
 * (picked, order, count) hold the k best of each image.
 * peak_keys: the key of each number, NO_KEY where one of its eight neighbours is greater; one work-item a
 * number over (column, row, plane), bounds width and height; keys start at `first`.
 * centernet_emit: one work-item a box over (k, image). corner_pairs: one a pair over (bottom right corner,
 * top left corner, image), list n + images being image n's bottom right corners; corner_emit: one a box over
 * (most, image). Boxes past the count are zero, their class is -1. The bound is dimension 0's. */
#include "exact.h"
#include "keys.h"

kernel void peak_keys(TENSOR(const float, heat), TENSOR(uint, keys), const int height, const int width,
                      const int first)
{
    const int x = (int)get_global_id(0), y = (int)get_global_id(1);
    if (x >= width || y >= height)
        return;
    const long plane = (long)get_global_id(2) * height * width;
    heat += heat_at + plane;
    const float v = heat[y * width + x];
    /* Beyond the border a neighbour stands in for another one. */
    const int left = max(x - 1, 0), right = min(x + 1, width - 1);
    int greater = 0;
    for (int i = -1; i <= 1; i++) {
        global const float *line = heat + clamp(y + i, 0, height - 1) * width;
        greater |= (line[left] > v) | (line[x] > v) | (line[right] > v);
    }
    keys[keys_at + first + plane + y * width + x] = greater ? NO_KEY : descending_key(v);
}

/* Of maps [images, 2, height, width]: x (axis 0) or y at a place; `other` without a map. */
static float map_at(global const float *map, const ulong at, const int n, const int axis, const int place,
             const int area, const float other)
{
    return map ? map[at + (2 * (long)n + axis) * area + place] : other;
}

kernel void centernet_emit(TENSOR(const float, heat), TENSOR(const float, size),
                           TENSOR(const float, offset), TENSOR(const int, picked),
                           TENSOR(const int, order), TENSOR(const int, found), TENSOR(float, boxes),
                           TENSOR(float, scores), TENSOR(int, classes), TENSOR(int, count), const int k,
                           const int channels, const int area, const int width, const float stride,
                           const int logits)
{
    const int j = (int)get_global_id(0), n = (int)get_global_id(1), n_found = found[found_at + n];
    if (j >= k)
        return;
    const long at = (long)n * k + j;
    float box[4] = {0, 0, 0, 0}, score = 0;
    int cls = -1;
    if (j < n_found) {
        const int p = picked[picked_at + (long)n * k + order[order_at + at]];
        cls = p / area;
        const int place = p - cls * area, row = place / width, column = place - row * width;
        for (int axis = 0; axis < 2; axis++) {
            const float half_size = 0.5f * map_at(size, size_at, n, axis, place, area, 0.0f);
            const float centre = (float)(axis ? row : column) +
                                 map_at(offset, offset_at, n, axis, place, area, 0.5f);
            box[axis] = (centre - half_size) * stride;
            box[axis + 2] = (centre + half_size) * stride;
        }
        score = exact_score(heat[heat_at + (long)n * channels * area + p], logits);
    }
    for (int c = 0; c < 4; c++)
        boxes[boxes_at + 4 * at + c] = box[c];
    scores[scores_at + at] = score;
    classes[classes_at + at] = cls;
    if (j == 0)
        count[count_at + n] = n_found;
}

/* One kind of corner; CORNER finds class, place, score and coordinates of image n's j-th best. */
#define CORNERS(x) TENSOR(const float, x), TENSOR(const float, x##_tag), TENSOR(const float, x##_offset)
#define CORNER(c, j, list)                                                                         \
    const int c##_p = picked[picked_at + (long)(list)*k + order[order_at + (long)(list)*k + (j)]]; \
    const int c##_class = c##_p / area, c##_place = c##_p - c##_class * area;                      \
    const int c##_row = c##_place / width, c##_column = c##_place - c##_row * width;               \
    const float c##_score = exact_score(c[c##_at + (long)n * channels * area + c##_p], logits);    \
    const float c##_x =                                                                            \
        (float)c##_column + map_at(c##_offset, c##_offset_at, n, 0, c##_place, area, 0.0f);        \
    const float c##_y =                                                                            \
        (float)c##_row + map_at(c##_offset, c##_offset_at, n, 1, c##_place, area, 0.0f)

kernel void corner_pairs(CORNERS(tl), CORNERS(br), TENSOR(const int, picked), TENSOR(const int, order),
                         TENSOR(const int, found), TENSOR(uint, keys), const int images, const int k,
                         const int channels, const int area, const int width, const int logits,
                         const float tag_threshold)
{
    const int j = (int)get_global_id(0), i = (int)get_global_id(1), n = (int)get_global_id(2);
    if (j >= k || i >= k)
        return;
    uint key = NO_KEY;
    if (i < found[found_at + n] && j < found[found_at + n + images]) {
        CORNER(tl, i, n);
        CORNER(br, j, n + images);
        const float distance = fabs(tl_tag[tl_tag_at + (long)n * area + tl_place] -
                                    br_tag[br_tag_at + (long)n * area + br_place]);
        if (tl_class == br_class && distance <= tag_threshold && br_x >= tl_x && br_y >= tl_y)
            key = descending_key(0.5f * (tl_score + br_score));
    }
    keys[keys_at + ((long)n * k + i) * k + j] = key;
}

kernel void corner_emit(CORNERS(tl), CORNERS(br), TENSOR(const int, picked), TENSOR(const int, order),
                        TENSOR(const int, pairs), TENSOR(const int, pair_order),
                        TENSOR(const int, found), TENSOR(float, boxes), TENSOR(float, scores),
                        TENSOR(int, classes), TENSOR(int, count), const int images, const int k,
                        const int channels, const int area, const int width, const int logits,
                        const int most, const float stride)
{
    const int out = (int)get_global_id(0), n = (int)get_global_id(1), n_found = found[found_at + n];
    if (out >= most)
        return;
    const long at = (long)n * most + out;
    float box[4] = {0, 0, 0, 0}, score = 0;
    int cls = -1;
    if (out < n_found) {
        const int pair = pairs[pairs_at + (long)n * most + pair_order[pair_order_at + at]];
        const int i = pair / k, j = pair - i * k;
        CORNER(tl, i, n);
        CORNER(br, j, n + images);
        box[0] = tl_x * stride;
        box[1] = tl_y * stride;
        box[2] = br_x * stride;
        box[3] = br_y * stride;
        score = 0.5f * (tl_score + br_score);
        cls = tl_class; /* and br's */
    }
    for (int c = 0; c < 4; c++)
        boxes[boxes_at + 4 * at + c] = box[c];
    scores[scores_at + at] = score;
    classes[classes_at + at] = cls;
    if (out == 0)
        count[count_at + n] = n_found;
}
