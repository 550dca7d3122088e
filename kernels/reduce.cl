/* y[row] = the reduction of the elements x[start(row) + offset(i)], i < count, in a fixed order.
 * `table`: rank of the kept dimensions, their extents, their strides; then the same of the reduced ones.
 * KIND as enum kind in host/ops/reduce.c; T = element type; FLOAT where T is float.
 * Mapping: one work-item a row of y, bound rows. NaN anywhere gives NaN. */
#define SUM 0
#define MEAN 1
#define MAX 2
#define MIN 3
#define PROD 4
#define L1 5
#define L2 6
#define LOG_SUM 7
#define LOG_SUM_EXP 8
#define SUM_SQUARE 9

static int offset_of(global const int *dims, int i)
{
    const int rank = dims[0];
    int at = 0;
    for (int k = rank; k > 0; k--) {
        at += i % dims[k] * dims[rank + k];
        i /= dims[k];
    }
    return at;
}

#ifdef FLOAT
#define IS_NAN(v) isnan(v)
#define LOWEST (-INFINITY)
#define HIGHEST INFINITY
#else
#define IS_NAN(v) false
#endif

static T term(const T v, const T top)
{
#if KIND == L1
    return v < 0 ? -v : v;
#elif KIND == L2 || KIND == SUM_SQUARE
    return v * v;
#elif KIND == LOG_SUM_EXP
    return exp(v - top);
#else
    return v;
#endif
}

kernel void reduce(TENSOR(const T, x), TENSOR(const int, table), TENSOR(T, y), const int rows,
                   const int count)
{
    OPEN(x);
    OPEN(table);
    OPEN(y);
    const int row = (int)get_global_id(0);
    if (row >= rows)
        return;
    global const int *inner = table + 1 + 2 * table[0];
    x += offset_of(table, row);
    T top = 0;
#if KIND == MAX || KIND == MIN || KIND == LOG_SUM_EXP
    top = KIND == MIN ? HIGHEST : LOWEST;
    for (int i = 0; i < count; i++) {
        const T v = x[offset_of(inner, i)];
        if (IS_NAN(v) || (KIND == MIN ? v < top : v > top))
            top = v;
        if (IS_NAN(v))
            break;
    }
#if KIND != LOG_SUM_EXP
    y[row] = top;
    return;
#else
    if (isinf(top)) { /* all terms at -infinity, or one at +infinity: the sum is that */
        y[row] = top;
        return;
    }
#endif
#endif
#if KIND == PROD
    T product = 1;
    for (int i = 0; i < count; i++)
        product *= x[offset_of(inner, i)];
    y[row] = product;
#else
    T sum = 0; /* of partial sums, so that rounding grows slowly on long rows */
    for (int i = 0; i < count; i += 64) {
        T part = 0;
        for (int k = i; k < min(i + 64, count); k++)
            part += term(x[offset_of(inner, k)], top);
        sum += part;
    }
#if KIND == MEAN
    sum /= (T)count;
#elif KIND == L2
    sum = sqrt(sum);
#elif KIND == LOG_SUM
    sum = log(sum);
#elif KIND == LOG_SUM_EXP
    sum = log(sum) + top;
#endif
    y[row] = sum;
#endif
}
