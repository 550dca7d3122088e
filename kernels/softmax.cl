/* Along one axis of a dense tensor seen as outer x n x inner, for each of the outer x inner rows:
 *
 *   softmax (0)      y[i] = exp(x[i] - m) / sum of exp(x[k] - m),  m = max of x
 *   log_softmax (1)  y[i] = x[i] - m - log(sum of exp(x[k] - m))
 *   hardmax (2)      y[i] = 1 at the first largest x (NaN counts as largest), else 0
 *
 * A NaN or a maximum of either infinity makes a softmax row NaN.
 * softmax_row: one work-item a row, bound rows. softmax_group: one group of GROUP items a row.
 * softmax_narrow: see there. */

/* What hardmax prefers: v at `i` over `best` at `at`. */
static bool wins(const float v, const int i, const float best, const int at)
{
    if (isnan(v) || isnan(best))
        return isnan(v) && (!isnan(best) || i < at);
    return v > best || (v == best && i < at);
}

static float finish(const int kind, const float x, const float top, const float sum)
{
    return kind == 0 ? exp(x - top) / sum : x - top - log(sum);
}

KERNEL void CHAINED(softmax_row)(TENSOR(const float, x), TENSOR(float, y), const int rows,
                                 const int n, const int inner, const int kind PLACED)
{
    OPEN(x);
    OPEN(y);
    const int row = ID(0);
    if (row >= rows)
        return;
    const int base = row / inner * n * inner + row % inner;
    float top = x[base];
    int at = 0;
    for (int i = 1; i < n; i++) {
        const float v = x[base + i * inner];
        if (wins(v, i, top, at)) {
            top = v;
            at = i;
        }
    }
    if (kind == 2) {
        for (int i = 0; i < n; i++)
            y[base + i * inner] = i == at ? 1.0f : 0.0f;
        return;
    }
    float sum = 0.0f; /* of partial sums, so that rounding grows slowly on long rows */
    for (int i = 0; i < n; i += 64) {
        float part = 0.0f;
        for (int k = i; k < min(i + 64, n); k++)
            part += exp(x[base + k * inner] - top);
        sum += part;
    }
    for (int i = 0; i < n; i++)
        y[base + i * inner] = finish(kind, x[base + i * inner], top, sum);
}

#ifdef SIMD
/* Softmax of 16 rows of n <= 16 numbers a work-item (inner 1): exponentials are what it costs, and
 * there they fill vectors. */
KERNEL void CHAINED(softmax_narrow)(TENSOR(const float, x), TENSOR(float, y), const int rows,
                                    const int n PLACED)
{
    const int from = ID(0) * 16, some = min(16, rows - from);
    if (some <= 0)
        return;
    x += x_at + (long)from * n;
    y += y_at + (long)from * n;
    float e[16 * 16];
    for (int i = some * n; i < (some * n + 15) / 16 * 16; i++)
        e[i] = 0;
    for (int row = 0; row < some; row++) {
        float top = x[row * n];
        for (int i = 1; i < n; i++)
            top = fmax(top, x[row * n + i]);
        for (int i = 0; i < n; i++)
            e[row * n + i] = x[row * n + i] - top;
    }
    for (int i = 0; i < some * n; i += 16)
        vstore16(exp(vload16(0, e + i)), 0, e + i);
    for (int row = 0; row < some; row++) {
        float sum = 0;
        for (int i = 0; i < n; i++)
            sum += e[row * n + i];
        for (int i = 0; i < n; i++)
            y[row * n + i] = e[row * n + i] / sum;
    }
}
#endif

#ifndef CHAIN
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
softmax_group(TENSOR(const float, x), TENSOR(float, y), const int rows, const int n,
              const int inner, const int kind)
{
    OPEN(x);
    OPEN(y);
    local float values[GROUP];
    local int places[GROUP];
    const int lid = ITEM_ID(0), row = GROUP_ID(0);
    const int base = row / inner * n * inner + row % inner;
    float best = -INFINITY;
    int at = n;
    for (int i = lid; i < n; i += GROUP) {
        const float v = x[base + i * inner];
        if (wins(v, i, best, at)) {
            best = v;
            at = i;
        }
    }
    values[lid] = best;
    places[lid] = at;
    for (int span = GROUP / 2; span > 0; span /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lid < span && wins(values[lid + span], places[lid + span], values[lid], places[lid])) {
            values[lid] = values[lid + span];
            places[lid] = places[lid + span];
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const float top = values[0];
    const int first = places[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    float part = 0.0f;
    if (kind != 2)
        for (int i = lid; i < n; i += GROUP)
            part += exp(x[base + i * inner] - top);
    values[lid] = part;
    for (int span = GROUP / 2; span > 0; span /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lid < span)
            values[lid] += values[lid + span];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const float sum = values[0];
    for (int i = lid; i < n; i += GROUP)
        y[base + i * inner] =
            kind == 2 ? (i == first ? 1.0f : 0.0f) : finish(kind, x[base + i * inner], top, sum);
}
#endif
