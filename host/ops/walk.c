#include "ops/walk.h"

#include <stdio.h>
#include <string.h>

void dcl_walk_over(struct dcl_walk *w, const struct detcl_desc *desc)
{
    *w = (struct dcl_walk){.rank = desc->rank};
    for (int i = 0; i < desc->rank; i++)
        w->extent[i] = desc->dims[i];
}

void dcl_walk_operand(struct dcl_walk *w, int operand, const struct detcl_desc *desc)
{
    int64_t step = 1;
    for (int i = w->rank - 1; i >= 0; i--) {
        const int at = i - (w->rank - desc->rank);
        const int64_t extent = at < 0 ? 1 : desc->dims[at];
        w->stride[operand][i] = extent == 1 ? 0 : step;
        step *= extent;
    }
}

/* Dimension `from` takes the place `to`. */
static void move(struct dcl_walk *w, int to, int from)
{
    w->extent[to] = w->extent[from];
    for (int k = 0; k < DCL_WALK_OPERANDS; k++)
        w->stride[k][to] = w->stride[k][from];
}

/* True when dimension i + 1 continues dimension `outer` for every operand. */
static bool continues(const struct dcl_walk *w, int outer, int i)
{
    for (int k = 0; k < DCL_WALK_OPERANDS; k++)
        if (w->stride[k][outer] != w->stride[k][i] * w->extent[i])
            return false;
    return true;
}

void dcl_walk_simplify(struct dcl_walk *w)
{
    int n = 0;
    for (int i = 0; i < w->rank; i++) {
        if (w->extent[i] == 1)
            continue;
        if (n > 0 && continues(w, n - 1, i)) {
            const int64_t outer = w->extent[n - 1];
            move(w, n - 1, i);
            w->extent[n - 1] *= outer;
        } else {
            move(w, n++, i);
        }
    }
    if (n == 0) {
        w->extent[n] = 1;
        for (int k = 0; k < DCL_WALK_OPERANDS; k++)
            w->stride[k][n] = 1;
        n = 1;
    }
    w->rank = n;
}

void dcl_walk_points(struct dcl_walk *w)
{
    const int last = w->rank++;
    w->extent[last] = 1;
    for (int k = 0; k < DCL_WALK_OPERANDS; k++)
        w->stride[k][last] = 0;
}

int64_t dcl_walk_rows(const struct dcl_walk *w)
{
    int64_t n = 1;
    for (int i = 0; i < w->rank - 1; i++)
        n *= w->extent[i];
    return n;
}

int64_t dcl_walk_row_length(const struct dcl_walk *w)
{
    return w->extent[w->rank - 1];
}

void dcl_walk_row(const struct dcl_walk *w, int64_t row, int64_t at[DCL_WALK_OPERANDS])
{
    memcpy(at, w->at, sizeof w->at);
    for (int i = w->rank - 2; i >= 0; i--) {
        const int64_t position = row % w->extent[i];
        row /= w->extent[i];
        for (int k = 0; k < DCL_WALK_OPERANDS; k++)
            at[k] += position * w->stride[k][i];
    }
}

int dcl_walk_width(const struct dcl_recorder *r)
{
    return dcl_limits(r)->profile == DCL_PROFILE_SIMD ? 16 : 1;
}

void dcl_arg_walk(struct dcl_recorder *r, struct dcl_launch *l, const struct dcl_walk *w)
{
    const int outer = w->rank - 1;
    struct dcl_value *table = NULL;
    void *data;
    if (outer > 0)
        table = dcl_packed(r, DETCL_I32, 4 * outer, &data);
    for (int i = 0; table && i < outer; i++) {
        int32_t *row = (int32_t *)data + 4 * i;
        row[0] = (int32_t)w->extent[i];
        for (int k = 0; k < DCL_WALK_OPERANDS; k++)
            row[1 + k] = (int32_t)w->stride[k][i];
    }
    dcl_arg_value(l, table);
    dcl_arg_int(l, outer);
    dcl_arg_int(l, dcl_walk_row_length(w));
    dcl_arg_int(l, dcl_walk_rows(w));
}

enum detcl_status dcl_grid_line(struct dcl_recorder *r, struct dcl_launch *l, int64_t n)
{
    const bool gpu = dcl_limits(r)->profile == DCL_PROFILE_GPU;
    const size_t local = dcl_limits(r)->max_work_group < 64 ? dcl_limits(r)->max_work_group : 64;
    return dcl_grid(l, 1, (size_t[]){(size_t)n}, gpu ? &local : NULL);
}

enum detcl_status dcl_grid_walk(struct dcl_recorder *r, struct dcl_launch *l,
                                const struct dcl_walk *w)
{
    const int64_t width = dcl_walk_width(r);
    return dcl_grid_line(r, l, (dcl_walk_row_length(w) + width - 1) / width * dcl_walk_rows(w));
}

struct detcl_desc dcl_stored_desc(const struct dcl_value *v)
{
    struct detcl_desc d = v->desc;
    if (v->block > 1) {
        d.rank = 5;
        d.dims[1] = (d.dims[1] + v->block - 1) / v->block;
        d.dims[4] = v->block;
    }
    return d;
}

/* Inlined where `size` is known. */
static inline void copy_elements(size_t size, int64_t n, const char *from, int64_t from_step,
                                 char *to, int64_t to_step)
{
    for (int64_t i = 0; i < n; i++)
        memcpy(to + i * to_step * (int64_t)size, from + i * from_step * (int64_t)size, size);
}

static void copy_row(size_t size, int64_t n, const char *from, int64_t from_step, char *to,
                     int64_t to_step)
{
    if (from_step == 1 && to_step == 1)
        memcpy(to, from, (size_t)n * size);
    else if (size == 4)
        copy_elements(4, n, from, from_step, to, to_step);
    else
        copy_elements(size, n, from, from_step, to, to_step);
}

void dcl_copy_cpu(const struct dcl_walk *w, size_t size, const void *from, void *to)
{
    const int last = w->rank - 1;
    const int64_t rows = dcl_walk_rows(w), n = dcl_walk_row_length(w);
    for (int64_t row = 0; row < rows && n > 0; row++) {
        int64_t at[DCL_WALK_OPERANDS];
        dcl_walk_row(w, row, at);
        copy_row(size, n, (const char *)from + at[0] * (int64_t)size, w->stride[0][last],
                 (char *)to + at[1] * (int64_t)size, w->stride[1][last]);
    }
}

const char *dcl_bits_type(enum detcl_dtype dtype)
{
    static const char *const types[] = {[1] = "T=uchar", [4] = "T=uint", [8] = "T=ulong"};
    return types[detcl_dtype_size(dtype)];
}

/* A row shorter than a work-item's share leaves most of it idle: let the longest dimension be the
 * row. */
static void lengthen_row(struct dcl_walk *w, int width)
{
    const int last = w->rank - 1;
    int longest = last;
    for (int i = 0; i < last; i++)
        if (w->extent[i] > w->extent[longest])
            longest = i;
    if (w->extent[last] >= width || longest == last)
        return;
    const struct dcl_walk was = *w;
    w->extent[last] = was.extent[longest];
    w->extent[longest] = was.extent[last];
    for (int k = 0; k < DCL_WALK_OPERANDS; k++) {
        w->stride[k][last] = was.stride[k][longest];
        w->stride[k][longest] = was.stride[k][last];
    }
}

enum detcl_status dcl_record_copy(struct dcl_recorder *r, const struct dcl_walk *walk,
                                  const struct dcl_value *from, const struct dcl_value *to)
{
    struct dcl_walk copy = *walk, *w = &copy;
    lengthen_row(w, dcl_walk_width(r));
    const int last = w->rank - 1;
    char options[64];
    snprintf(options, sizeof options, "-D%s -DWIDTH=%d", dcl_bits_type(from->desc.dtype),
             dcl_walk_width(r));
    struct dcl_launch *l = dcl_launch(r, "strided", options, "strided_copy");
    dcl_arg_value(l, from);
    dcl_arg_value(l, to);
    dcl_arg_walk(r, l, w);
    dcl_arg_int(l, w->at[0]);
    dcl_arg_int(l, w->stride[0][last]);
    dcl_arg_int(l, w->at[1]);
    dcl_arg_int(l, w->stride[1][last]);
    return dcl_grid_walk(r, l, w);
}

void dcl_same_cpu(const struct dcl_value *from, const struct dcl_value *to)
{
    const size_t bytes = (size_t)dcl_count(from) * detcl_dtype_size(from->desc.dtype);
    if (bytes && from->data != to->data)
        memcpy(to->data, from->data, bytes);
}

enum detcl_status dcl_record_same(struct dcl_recorder *r, const struct dcl_value *from,
                                  const struct dcl_value *to)
{
    const struct dcl_walk w = {
        .rank = 1, .extent = {dcl_stored_count(from)}, .stride = {{1}, {1}, {1}}};
    return dcl_record_copy(r, &w, from, to);
}

enum detcl_status dcl_record_constant(struct dcl_call *call, struct dcl_recorder *r)
{
    struct dcl_value *y = call->out[0];
    if (dcl_count(y) == 0)
        return DETCL_OK;
    struct dcl_value *made = dcl_packed(r, y->desc.dtype, dcl_count(y), &y->data);
    if (!made)
        return dcl_recorded(r);
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i])
            call->in[i]->data = (void *)(uintptr_t)call->in[i]->constant;
    DCL_TRY(call->error, call->op->run_cpu(call));
    return dcl_record_same(r, made, y);
}
