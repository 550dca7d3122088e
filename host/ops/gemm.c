/* gemm: the matrix product, float32. ONNX Gemm: y = alpha * op(a) * op(b) + beta * c with matrices
 * a and b and c broadcast to y; ONNX MatMul (`batched`): NumPy's matmul, with leading batch
 * dimensions that are broadcast and operands of rank 1 taken as a row or a column. */
#include "ops/gemm.h"
#include "core/simd.h"
#include "ops/multiply.h"

struct attrs {
    float alpha, beta;
    int64_t transA, transB, batched;
};

static const struct dcl_attr_spec specs[] = {
    DCL_FLOAT(struct attrs, alpha, "1"), DCL_FLOAT(struct attrs, beta, "1"),
    DCL_INT(struct attrs, transA, "0"),  DCL_INT(struct attrs, transB, "0"),
    DCL_INT(struct attrs, batched, "0"), DCL_ATTRS_END};

static const struct dcl_onnx_name onnx[] = {{"Gemm", ""}, {"MatMul", "batched=1"}, {NULL, NULL}};

/* The last two dimensions as a matrix; a vector is a row (`as_row`) or a column. */
static struct dcl_matrix matrix_of(const struct detcl_desc *d, bool transposed, bool as_row)
{
    const int64_t last = d->dims[d->rank - 1];
    struct dcl_matrix m = {.rows = d->rank > 1 ? d->dims[d->rank - 2]
                                   : as_row    ? 1
                                               : last,
                           .columns = d->rank > 1 || as_row ? last : 1,
                           .batches = 1};
    m.row_step = d->rank > 1 ? last : as_row ? 0 : 1;
    m.column_step = d->rank > 1 || as_row ? 1 : 0;
    m.batch_step = m.rows * m.columns;
    for (int i = 0; i + 2 < d->rank; i++)
        m.batches *= d->dims[i];
    if (transposed)
        m = (struct dcl_matrix){m.columns,  m.rows,       m.column_step,
                                m.row_step, m.batch_step, m.batches};
    return m;
}

/* The dimensions before the matrix. */
static struct detcl_desc batch_shape(const struct detcl_desc *d)
{
    struct detcl_desc b = *d;
    b.rank = d->rank > 2 ? d->rank - 2 : 0;
    return b;
}

static enum detcl_status describe_batches(const struct dcl_call *call, struct dcl_product *p,
                                          struct detcl_desc *y)
{
    const struct detcl_desc a = batch_shape(&call->in[0]->desc);
    const struct detcl_desc b = batch_shape(&call->in[1]->desc);
    DCL_TRY(call->error, dcl_broadcast(call, &a, &b, y));
    dcl_broadcast_strides(&a, y, p->a_steps);
    dcl_broadcast_strides(&b, y, p->b_steps);
    p->batch_rank = y->rank;
    p->batches = detcl_desc_count(y);
    for (int i = 0; i < y->rank; i++)
        p->batch_dims[i] = y->dims[i];
    if (call->in[0]->desc.rank > 1)
        y->dims[y->rank++] = p->m;
    if (call->in[1]->desc.rank > 1)
        y->dims[y->rank++] = p->n;
    /* Batches of a over one b are rows of one taller matrix. */
    if (p->b.batches == 1 && p->a.batches == p->batches && p->a.row_step == p->k) {
        p->m *= p->batches;
        p->a.rows = p->m;
        p->a.batches = p->batches = 1;
        p->batch_rank = 0;
    }
    return DETCL_OK;
}

static enum detcl_status describe_c(const struct dcl_call *call, struct dcl_product *p)
{
    if (!dcl_has_in(call, 2))
        return DETCL_OK;
    const struct detcl_desc *c = &call->in[2]->desc;
    const struct detcl_desc y = {.dtype = DETCL_F32, .rank = 2, .dims = {p->m, p->n}};
    struct detcl_desc both;
    DCL_TRY(call->error, dcl_need_dtype(call, 2, DCL_F32));
    DCL_TRY(call->error, dcl_broadcast(call, c, &y, &both));
    if (both.rank != 2 || both.dims[0] != p->m || both.dims[1] != p->n)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input 2 does not broadcast to %lld x %lld",
                             (long long)p->m, (long long)p->n);
    int64_t steps[DETCL_MAX_RANK];
    dcl_broadcast_strides(c, &y, steps);
    p->c = (struct dcl_matrix){
        .rows = p->m, .columns = p->n, .row_step = steps[0], .column_step = steps[1], .batches = 1};
    return DETCL_OK;
}

enum detcl_status dcl_product_describe(const struct dcl_call *call, struct dcl_product *p,
                                       struct detcl_desc *y)
{
    const struct attrs *at = call->attrs;
    struct detcl_desc shape;
    for (int i = 0; i < 2; i++) {
        DCL_TRY(call->error, dcl_need_dtype(call, i, DCL_F32));
        if (!at->batched)
            DCL_TRY(call->error, dcl_need_rank(call, i, 2));
        if (call->in[i]->desc.rank == 0)
            return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "input %d is a scalar", i);
    }
    *p = (struct dcl_product){.a = matrix_of(&call->in[0]->desc, at->transA != 0, true),
                              .b = matrix_of(&call->in[1]->desc, at->transB != 0, false),
                              .alpha = at->alpha,
                              .beta = at->beta};
    p->m = p->a.rows;
    p->n = p->b.columns;
    p->k = p->a.columns;
    if (p->b.rows != p->k)
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "%lld columns of input 0 meet %lld rows of input 1", (long long)p->k,
                             (long long)p->b.rows);
    DCL_TRY(call->error, describe_batches(call, p, &shape));
    DCL_TRY(call->error, describe_c(call, p));
    if (y)
        *y = shape;
    return DETCL_OK;
}

void dcl_product_batches(const struct dcl_product *p, int64_t i, int64_t *a, int64_t *b)
{
    *a = *b = 0;
    for (int d = p->batch_rank - 1; d >= 0; d--) {
        *a += i % p->batch_dims[d] * p->a_steps[d];
        *b += i % p->batch_dims[d] * p->b_steps[d];
        i /= p->batch_dims[d];
    }
}

/* What the twin needs: a panel of DCL_COLUMNS columns of b, and its terms. */
static enum detcl_status workspace(struct dcl_call *call, const struct dcl_product *p)
{
    const size_t each = sizeof(struct dcl_term) + DCL_COLUMNS * sizeof(float);
    if (p->n > 0 && __builtin_mul_overflow(each, (size_t)p->k, &call->cpu_workspace))
        return DCL_CALL_FAIL(call, DETCL_ERROR_UNSUPPORTED, "%lld terms in a sum are too many",
                             (long long)p->k);
    return DETCL_OK;
}

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_product p;
    struct detcl_desc y;
    DCL_TRY(call->error, dcl_product_describe(call, &p, &y));
    y.dtype = DETCL_F32;
    call->out[0]->desc = y;
    if (!((const struct attrs *)call->attrs)->transA && call->in[0]->desc.rank > 1)
        dcl_follow_count(call, call->in[0]);
    return workspace(call, &p);
}

#define LINE 16 /* elements of a cache line */

/* Columns `first` and on of b, one row after the other; of a transposed b, a cache line at a time.
 */
DCL_VECTORISED static void fill_panel(const struct dcl_product *p, const float *b, int64_t first,
                                      int64_t n, float *panel)
{
    const int64_t row_step = p->b.row_step, column_step = p->b.column_step;
    b += first * column_step;
    if (column_step == 1) {
        for (int64_t k = 0; k < p->k; k++)
            for (int64_t j = 0; j < n; j++)
                panel[k * DCL_COLUMNS + j] = b[k * row_step + j];
        return;
    }
    for (int64_t line = 0; line < p->k; line += LINE) {
        const int64_t end = p->k - line < LINE ? p->k : line + LINE;
        for (int64_t j = 0; j < n; j++)
            for (int64_t k = line; k < end; k++)
                panel[k * DCL_COLUMNS + j] = b[k * row_step + j * column_step];
    }
}

/* c is the first element of its row, or NULL. */
DCL_VECTORISED static void finish_row(const struct dcl_product *p, const double *sum,
                                      const float *c, float *y, int64_t n)
{
    const double alpha = (double)p->alpha, beta = (double)p->beta;
    const int64_t step = p->c.column_step;
    if (!c)
        for (int64_t j = 0; j < n; j++)
            y[j] = (float)(alpha * sum[j]);
    else
        for (int64_t j = 0; j < n; j++)
            y[j] = (float)(alpha * sum[j] + beta * (double)c[j * step]);
}

/* Columns first .. first + n of one matrix of y. */
static void multiply_panel(const struct dcl_product *p, const float *a, const float *panel,
                           const struct dcl_term *terms, const float *c, int64_t first, int64_t n,
                           float *y)
{
    double sum[DCL_ROWS][DCL_COLUMNS];
    for (int64_t i = 0; i < p->m; i += DCL_ROWS) {
        const int rows = p->m - i < DCL_ROWS ? (int)(p->m - i) : DCL_ROWS;
        dcl_multiply(a + i * p->a.row_step, p->a.row_step, rows, panel, terms, p->k, NULL, n, sum);
        for (int64_t m = 0; m < rows; m++)
            finish_row(p, sum[m], c ? c + (i + m) * p->c.row_step + first * p->c.column_step : NULL,
                       y + (i + m) * p->n + first, n);
    }
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_product p;
    DCL_TRY(call->error, dcl_product_describe(call, &p, NULL));
    const float *a = call->in[0]->data, *b = call->in[1]->data;
    const float *c = dcl_has_in(call, 2) ? call->in[2]->data : NULL;
    float *y = call->out[0]->data;
    if (p.n == 0)
        return DETCL_OK;
    struct dcl_term *terms = call->workspace;
    float *panel = (float *)(terms + p.k);
    for (int64_t k = 0; k < p.k; k++)
        terms[k] = (struct dcl_term){k * p.a.column_step, k * DCL_COLUMNS};
    for (int64_t batch = 0; batch < p.batches; batch++, y += p.m * p.n) {
        int64_t ia, ib;
        dcl_product_batches(&p, batch, &ia, &ib);
        for (int64_t first = 0; first < p.n; first += DCL_COLUMNS) {
            const int64_t n = p.n - first < DCL_COLUMNS ? p.n - first : DCL_COLUMNS;
            fill_panel(&p, b + ib * p.b.batch_step, first, n, panel);
            multiply_panel(&p, a + ia * p.a.batch_step, panel, terms, c, first, n, y);
        }
    }
    return DETCL_OK;
}

const struct dcl_op dcl_op_gemm = {
    .name = "gemm",
    .attrs = specs,
    .attrs_size = sizeof(struct attrs),
    .min_in = 2,
    .max_in = 3,
    .max_out = 1,
    .flags = DCL_OP_CONTRACTS,
    .tolerance = 1e-4f,
    .onnx = onnx,
    .infer = infer,
    .run_cpu = run_cpu,
    .record_cl = dcl_gemm_record_cl,
};
