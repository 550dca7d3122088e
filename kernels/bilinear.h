/* The four pixels around position (y, x) of a height x width plane, in the order top left, top
 * right, bottom left, bottom right: where each lies in the plane (`none` where it is outside), its
 * weight, and the weights' derivatives by y and x. NaN and positions a pixel or more outside have
 * nothing around them: all four are `none`, all weights 0. */
struct around {
    int4 at;
    float4 weight, along_y, along_x;
};

static struct around bilinear(const float y, const float x, const int height, const int width,
                              const int none)
{
    struct around r;
    const bool inside = y >= -1.0f && y < (float)height && x >= -1.0f && x < (float)width;
    const float low_y = floor(y), low_x = floor(x);
    const int iy = inside ? (int)low_y : -2, ix = inside ? (int)low_x : -2;
    const float fy = inside ? y - low_y : 0.0f, fx = inside ? x - low_x : 0.0f;
    const bool top = iy >= 0 && iy < height, bottom = iy >= -1 && iy + 1 < height;
    const bool left = ix >= 0 && ix < width, right = ix >= -1 && ix + 1 < width;
    const int at = iy * width + ix;
    r.at.s0 = top && left ? at : none;
    r.at.s1 = top && right ? at + 1 : none;
    r.at.s2 = bottom && left ? at + width : none;
    r.at.s3 = bottom && right ? at + width + 1 : none;
    const float4 rows = (float4)(1 - fy, 1 - fy, fy, fy),
                 columns = (float4)(1 - fx, fx, 1 - fx, fx);
    const float4 is = inside ? (float4)(1.0f) : (float4)(0.0f);
    r.weight = is * rows * columns;
    r.along_y = is * (float4)(-1, -1, 1, 1) * columns;
    r.along_x = is * (float4)(-1, 1, -1, 1) * rows;
    return r;
}

/* Four elements of `plane`; 0 for those that are outside (at = -1). */
static float4 fetch_around(global const float *plane, const int4 at)
{
    return (float4)(at.s0 >= 0 ? plane[at.s0] : 0.0f, at.s1 >= 0 ? plane[at.s1] : 0.0f,
                    at.s2 >= 0 ? plane[at.s2] : 0.0f, at.s3 >= 0 ? plane[at.s3] : 0.0f);
}

/* Their sum by `weight`; what is outside adds nothing. */
static float sum_around(global const float *plane, const int4 at, const float4 weight)
{
    const float4 v = weight * fetch_around(plane, at);
    return v.s0 + v.s1 + v.s2 + v.s3;
}
