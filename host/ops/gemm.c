/* gemm: the matrix product, float32. ONNX Gemm: y = alpha * op(a) * op(b) + beta * c with matrices
 * a and b and c broadcast to y; ONNX MatMul (`batched`): NumPy's matmul, with leading batch
 * dimensions that are broadcast and operands of rank 1 taken as a row or a column. */
#include "ops/gemm.h"

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

static enum detcl_status infer(struct dcl_call *call)
{
    struct dcl_product p;
    struct detcl_desc y;
    DCL_TRY(call->error, dcl_product_describe(call, &p, &y));
    y.dtype = DETCL_F32;
    call->out[0]->desc = y;
    if (!((const struct attrs *)call->attrs)->transA && call->in[0]->desc.rank > 1)
        dcl_follow_count(call, call->in[0]);
    call->cpu_workspace = (size_t)p.n * sizeof(double);
    return DETCL_OK;
}

/* One row of y. The sums are in double and run along b's rows, which are contiguous more often. */
static void multiply_row(const struct dcl_product *p, const float *a, const float *b,
                         const float *c, double *sum, float *y)
{
    for (int64_t j = 0; j < p->n; j++)
        sum[j] = 0;
    for (int64_t k = 0; k < p->k; k++)
        for (int64_t j = 0; j < p->n; j++)
            sum[j] += (double)a[k * p->a.column_step] *
                      (double)b[k * p->b.row_step + j * p->b.column_step];
    for (int64_t j = 0; j < p->n; j++)
        y[j] = (float)((double)p->alpha * sum[j] +
                       (c ? (double)p->beta * (double)c[j * p->c.column_step] : 0));
}

static enum detcl_status run_cpu(struct dcl_call *call)
{
    struct dcl_product p;
    DCL_TRY(call->error, dcl_product_describe(call, &p, NULL));
    const float *a = call->in[0]->data, *b = call->in[1]->data;
    const float *c = dcl_has_in(call, 2) ? call->in[2]->data : NULL;
    float *y = call->out[0]->data;
    for (int64_t batch = 0; batch < p.batches; batch++) {
        int64_t ia, ib;
        dcl_product_batches(&p, batch, &ia, &ib);
        for (int64_t i = 0; i < p.m; i++, y += p.n)
            multiply_row(&p, a + ia * p.a.batch_step + i * p.a.row_step, b + ib * p.b.batch_step,
                         c ? c + i * p.c.row_step : NULL, call->workspace, y);
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
