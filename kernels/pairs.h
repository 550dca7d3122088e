/* One box against LANES candidates at a time. Candidates lie sorted in planes x1, y1, x2, y2 of `stride`
 * numbers each, NaN past the row's count, so that LANES of them can be loaded anywhere. W: work-items a
 * group (1: one work-item a group, wide vectors). */
#include "overlap.h"
#include "exact.h"
#include "segments.h"
DEFINE_EXACT(float, int, one)

#if W > 1
#define LANES 4
#define V float4
#define M int4
#define IOTA (int4)(0, 1, 2, 3)
#define VLOAD vload4
#define VSTORE vstore4
#define SYNC(fence) barrier(fence)
DEFINE_OVERLAP(float4, int4, pair)
DEFINE_EXACT(float4, int4, pair)
#else
#define LANES 16
#define V float16
#define M int16
#define IOTA (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define VLOAD vload16
#define VSTORE vstore16
#define SYNC(fence)
DEFINE_OVERLAP(float16, int16, pair)
DEFINE_EXACT(float16, int16, pair)
#endif

struct boxes {
    V x1, y1, x2, y2;
};

static struct boxes load_boxes(global const float *planes, const int stride, const int i)
{
    const struct boxes b = {VLOAD(0, planes + i), VLOAD(0, planes + stride + i),
                            VLOAD(0, planes + 2 * (long)stride + i),
                            VLOAD(0, planes + 3 * (long)stride + i)};
    return b;
}

/* One box in every lane. */
static struct boxes load_box(global const float *planes, const int stride, const int i)
{
    const struct boxes b = {(V)planes[i], (V)planes[stride + i], (V)planes[2 * (long)stride + i],
                            (V)planes[3 * (long)stride + i]};
    return b;
}

static V inter_of(const struct boxes a, const struct boxes b)
{
    return pair_inter(a.x1, a.y1, a.x2, a.y2, b.x1, b.y1, b.x2, b.y2, 0);
}

static V area_of(const struct boxes b)
{
    return pair_area(b.x1, b.y1, b.x2, b.y2, 0);
}

/* The IoU rounded to nearest; 0 where the union is empty. `both` is the sum of the areas. */
static V iou_of(const V inter, const V both)
{
    const V joint = both - inter;
    return joint > (V)0 ? pair_divide(inter, joint > (V)0 ? joint : (V)1) : (V)0;
}

/* n numbers from x on, then `fill`. Other groups may be writing behind them. */
static V load_part(global const float *x, const int n, const float fill)
{
    if (n >= LANES)
        return VLOAD(0, x);
    float part[LANES];
    for (int k = 0; k < LANES; k++)
        part[k] = k < n ? x[k] : fill;
    return VLOAD(0, part);
}

static void store_part(const V v, global float *x, const int n)
{
    float part[LANES];
    if (n >= LANES) {
        VSTORE(v, 0, x);
        return;
    }
    VSTORE(v, 0, part);
    for (int k = 0; k < n; k++)
        x[k] = part[k];
}

/* The largest value over the lanes of all work-items of the group and, among equals, the lowest place;
 * -1: every place is negative. All work-items must come here and all get the result. */
static int group_best(local float *values, local int *places, const V value, const M place, float *best)
{
    const int lid = (int)get_local_id(0);
    float v[LANES];
    int p[LANES];
    VSTORE(value, 0, v);
    VSTORE(place, 0, p);
    for (int k = 1; k < LANES; k++)
        if (p[k] >= 0 && (p[0] < 0 || v[k] > v[0] || (v[k] == v[0] && p[k] < p[0]))) {
            v[0] = v[k];
            p[0] = p[k];
        }
    values[lid] = v[0];
    places[lid] = p[0];
    for (int span = W / 2; span > 0; span /= 2) {
        SYNC(CLK_LOCAL_MEM_FENCE);
        const int other = lid < span ? places[lid + span] : -1, own = places[lid];
        if (other >= 0 && (own < 0 || values[lid + span] > values[lid] ||
                           (values[lid + span] == values[lid] && other < own))) {
            values[lid] = values[lid + span];
            places[lid] = other;
        }
    }
    SYNC(CLK_LOCAL_MEM_FENCE);
    const int result = places[0];
    *best = values[0];
    SYNC(CLK_LOCAL_MEM_FENCE);
    return result;
}
