#include "ops/loss.h"
#include "core/desc.h"

const char *const dcl_reductions[] = {"none", "sum", "mean", NULL};

#define FAN 64 /* numbers that a work-item of loss_sum adds */

static bool matches(const struct dcl_value *v, const struct detcl_desc *desc)
{
    return dcl_desc_same(&v->desc, desc);
}

enum detcl_status dcl_loss_infer(struct dcl_call *call, const struct dcl_loss *l)
{
    const struct detcl_desc scalar = {.dtype = DETCL_F32};
    const bool each = l->reduction == DETCL_REDUCTION_NONE;
    if (dcl_has_in(call, DCL_WEIGHT) && !matches(call->in[DCL_WEIGHT], &l->weights)) {
        char text[128];
        dcl_desc_text(&l->weights, text, sizeof text);
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL, "the weight is not %s", text);
    }
    if (dcl_has_in(call, DCL_UPSTREAM) &&
        !matches(call->in[DCL_UPSTREAM], each ? &l->losses : &scalar))
        return DCL_CALL_FAIL(call, DETCL_ERROR_MODEL,
                             "the upstream gradient is not of the shape of the loss");
    if (!dcl_has_out(call, 0))
        return DCL_CALL_FAIL(call, DETCL_ERROR_ARGUMENT, "the loss is needed");
    call->out[0]->desc = each ? l->losses : scalar;
    if (dcl_has_out(call, 1))
        call->out[1]->desc = call->in[DCL_PREDICTION]->desc;
    return DETCL_OK;
}

/* How many losses share a weight. */
static int64_t per_weight(const struct dcl_loss *l)
{
    int64_t n = 1;
    for (int i = l->weights.rank; i < l->losses.rank; i++)
        n *= l->losses.dims[i];
    return n;
}

/* --- the twin --------------------------------------------------------------------------------- */

static double input(const struct dcl_call *call, int input, int64_t i)
{
    return dcl_has_in(call, input) ? (double)((const float *)call->in[input]->data)[i] : 1;
}

enum detcl_status dcl_loss_cpu(struct dcl_call *call, const struct dcl_loss *l,
                               dcl_loss_formula formula)
{
    const int64_t n = detcl_desc_count(&l->losses), shared = per_weight(l);
    const bool each = l->reduction == DETCL_REDUCTION_NONE;
    float *loss = call->out[0]->data;
    double sum = 0, divisor = 0;
    for (int64_t i = 0; i < n; i++) {
        const double weight = input(call, DCL_WEIGHT, i / shared);
        double counts = 1;
        const double v = weight == 0 ? 0 : weight * formula(call, i, &counts, 0, NULL);
        sum += v;
        divisor += weight * counts;
        if (each)
            loss[i] = (float)v;
    }
    if (l->at_least_one && divisor < 1)
        divisor = 1;
    if (l->reduction != DETCL_REDUCTION_MEAN)
        divisor = 1;
    if (!each)
        loss[0] = divisor == 0 ? 0 : (float)(sum / divisor);
    for (int64_t i = 0; dcl_has_out(call, 1) && i < n; i++) {
        const double weight = input(call, DCL_WEIGHT, i / shared);
        const double scale = weight * input(call, DCL_UPSTREAM, each ? i : 0);
        double counts = 1;
        formula(call, i, &counts, divisor == 0 ? 0 : scale / divisor, call->out[1]->data);
    }
    return DETCL_OK;
}

/* --- OpenCL ----------------------------------------------------------------------------------- */

/* The buffers of one launch of the op's kernel. */
struct pass {
    const struct dcl_value *loss; /* NULL: not wanted */
    const struct dcl_value *gradient;
    const struct dcl_value *divisor; /* NULL: `count` */
    int64_t count;
    bool counts; /* the loss buffer's second half takes what counts */
};

static void record_pass(struct dcl_launch *launch, const struct dcl_call *call,
                        const struct dcl_loss *l, const struct pass *p, int64_t items)
{
    const int64_t n = detcl_desc_count(&l->losses);
    dcl_arg_value(launch, dcl_has_in(call, DCL_WEIGHT) ? call->in[DCL_WEIGHT] : NULL);
    dcl_arg_value(launch, dcl_has_in(call, DCL_UPSTREAM) ? call->in[DCL_UPSTREAM] : NULL);
    dcl_arg_value(launch, p->divisor);
    dcl_arg_value(launch, p->loss);
    dcl_arg_value(launch, p->gradient);
    dcl_arg_int(launch, n);
    dcl_arg_int(launch, per_weight(l));
    dcl_arg_int(launch, l->reduction == DETCL_REDUCTION_NONE ? 1 : n);
    dcl_arg_int(launch, p->counts);
    dcl_arg_float(launch, (float)p->count);
    dcl_grid(launch, 1, (size_t[]){(size_t)items}, NULL);
}

/* Sum `rows` rows of n numbers to what loss_finish takes; returns how many numbers a row has then.
 */
static int64_t record_sum(struct dcl_recorder *r, const struct dcl_value **x, int64_t n,
                          int64_t rows)
{
    while (n > FAN) {
        const int64_t m = (n + FAN - 1) / FAN;
        struct dcl_value *y = dcl_workspace(r, DETCL_F32, rows * m);
        struct dcl_launch *launch = dcl_launch(r, "loss", "", "loss_sum");
        dcl_arg_value(launch, *x);
        dcl_arg_value(launch, y);
        dcl_arg_int(launch, n);
        dcl_arg_int(launch, m);
        dcl_grid(launch, 2, (size_t[]){(size_t)m, (size_t)rows}, NULL);
        *x = y;
        n = m;
    }
    return n;
}

enum detcl_status
dcl_loss_record(struct dcl_call *call, struct dcl_recorder *r, const struct dcl_loss *l,
                struct dcl_launch *(*open)(const struct dcl_call *call, struct dcl_recorder *r))
{
    const int64_t n = detcl_desc_count(&l->losses);
    const bool each = l->reduction == DETCL_REDUCTION_NONE;
    const bool mean = l->reduction == DETCL_REDUCTION_MEAN;
    const bool counts = mean && (l->counted || dcl_has_in(call, DCL_WEIGHT));
    const struct dcl_value *sums =
        each ? call->out[0] : dcl_workspace(r, DETCL_F32, counts ? 2 * n : n);
    struct dcl_value *gradient = dcl_has_out(call, 1) ? call->out[1] : NULL;
    struct pass p = {.loss = sums, .count = mean ? n : 1, .counts = counts};
    if (!counts) /* the divisor is known: loss and gradient in one pass */
        p.gradient = gradient;
    record_pass(open(call, r), call, l, &p, n);
    if (each)
        return dcl_recorded(r);
    if (counts)
        p.divisor = dcl_workspace(r, DETCL_F32, 1);
    const int64_t left = record_sum(r, &sums, n, counts ? 2 : 1);
    struct dcl_launch *launch = dcl_launch(r, "loss", "", "loss_finish");
    dcl_arg_value(launch, sums);
    dcl_arg_value(launch, call->out[0]);
    dcl_arg_value(launch, p.divisor);
    dcl_arg_int(launch, left);
    dcl_arg_int(launch, l->at_least_one);
    dcl_arg_float(launch, (float)p.count);
    dcl_grid(launch, 1, (size_t[]){1}, (size_t[]){1});
    if (counts && gradient) {
        p.gradient = gradient;
        p.loss = NULL;
        record_pass(open(call, r), call, l, &p, n);
    }
    return dcl_recorded(r);
}
