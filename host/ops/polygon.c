#include "ops/polygon.h"

/* One polygon at a time. */
typedef float real;
typedef int mask;
#define ANY(m) (m)
#define POLYGON_A const float *
#define POLYGON_B const float *
#define reciprocal_of reciprocal
#include "../../kernels/polygon_prepare.h"

_Static_assert(DCL_POLYGON_VERTICES == POLYGON_VERTICES, "kernels/polygon_prepare.h has another");

const char *const dcl_angles[] = {"degrees", "radians", "degrees_clockwise", "radians_clockwise",
                                  NULL};

enum detcl_status dcl_polygons(const struct dcl_call *call, int i, struct dcl_polygons *p)
{
    DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
    const struct detcl_desc *d = &call->in[i]->desc;
    const bool boxes = (d->rank == 2 || d->rank == 3) && d->dims[d->rank - 1] == 5;
    const int first = d->rank - (boxes ? 2 : 3); /* where K is */
    if (!boxes && ((d->rank != 3 && d->rank != 4) || d->dims[d->rank - 1] != 2))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "input %d has neither boxes [N, K, 5] nor polygons [N, K, P, 2]", i);
    const int64_t vertices = boxes ? 4 : d->dims[first + 1];
    if (vertices < 3 || vertices > DCL_POLYGON_VERTICES)
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED,
                             "input %d has polygons of %lld vertices, not 3 to %d", i,
                             (long long)vertices, DCL_POLYGON_VERTICES);
    *p = (struct dcl_polygons){first ? d->dims[0] : 1, d->dims[first], (int)vertices, boxes,
                               first > 0};
    return DETCL_OK;
}

int64_t dcl_polygon_floats(const struct dcl_polygons *p)
{
    return EDGES + (int64_t)p->vertices * EDGE_FLOATS;
}

void dcl_polygon_prepare(const struct dcl_polygons *p, const float *data, int64_t index, int angle,
                         float *out)
{
    if (p->boxes)
        polygon_of_box(out, data + 5 * index, angle & DCL_ANGLE_RADIANS,
                       angle & DCL_ANGLE_CLOCKWISE);
    else
        polygon_of_vertices(out, data + 2 * p->vertices * index, p->vertices);
}

float dcl_polygon_area(const float *prepared)
{
    return prepared[AREA];
}

float dcl_polygon_intersection(const float *a, int n_a, const float *b, int n_b)
{
    const float box = polygon_common_box(a, b);
    return box > 0 ? polygon_intersection(a, n_a, b, n_b, box, 1) : 0;
}

float dcl_polygon_ratio(float x, float y)
{
    return polygon_ratio(x, y);
}

const struct dcl_value *dcl_polygon_record(struct dcl_recorder *r, const struct dcl_polygons *p,
                                           const struct dcl_value *data, int angle)
{
    const int64_t count = p->images * p->each;
    const struct dcl_value *out = dcl_workspace(r, DETCL_F32, count * dcl_polygon_floats(p));
    struct dcl_launch *l =
        dcl_launch(r, "polygon", "", p->boxes ? "polygon_boxes" : "polygon_lists");
    dcl_arg_value(l, data);
    dcl_arg_value(l, out);
    dcl_arg_int(l, count);
    dcl_arg_int(l, p->boxes ? angle : p->vertices);
    dcl_grid(l, 1, (size_t[]){(size_t)count}, NULL);
    return out;
}
