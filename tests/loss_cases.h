/* Device against twin in every mode that the losses share. */
#ifndef DCL_TESTS_LOSS_CASES_H
#define DCL_TESTS_LOSS_CASES_H

#include "check.h"
#include "ops/loss.h"

#include <stdio.h>
#include <string.h>

/* `attrs` with each reduction, with and without weights (zeros among them), upstream gradient and
 * gradient. `in`: prediction and target; `losses` and `weights`: their shapes; `own`: an input of
 * the op's own, or absent. */
static void loss_cases(struct dcl_check *c, const char *attrs, const struct dcl_operand *in,
                       const struct detcl_desc *losses, const struct detcl_desc *weights,
                       const struct dcl_operand *own)
{
    const int64_t n = detcl_desc_count(weights);
    static float weight[4096];
    for (int64_t i = 0; i < n && i < 4096; i++)
        weight[i] = (float)(i % 3) / 2;
    for (int mode = 0; mode < 6; mode++) {
        const int reduction = mode % 3;
        const bool weighted = mode >= 3 && n <= 4096;
        char text[160];
        snprintf(text, sizeof text, "%s reduction=%s", attrs, dcl_reductions[reduction]);
        struct dcl_operand list[DCL_LOSS_INPUTS + 1] = {in[0], in[1], DCL_ABSENT, DCL_ABSENT, *own};
        if (weighted)
            list[DCL_WEIGHT] =
                (struct dcl_operand){.desc = *weights, .fill = DCL_FILL_DATA, .data = weight};
        if (mode != 1)
            list[DCL_UPSTREAM] = (struct dcl_operand){.desc = {.dtype = DETCL_F32}};
        if (mode != 1 && reduction == DETCL_REDUCTION_NONE)
            list[DCL_UPSTREAM].desc = *losses;
        dcl_check_case(c, text, list, own->absent ? DCL_LOSS_INPUTS : DCL_LOSS_INPUTS + 1,
                       mode == 2 ? 1 : 2);
    }
}

/* The twin against golden values: attrs, loss and gradient, for inputs in[0, n_in). */
struct loss_golden {
    const char *attrs;
    const float *loss, *gradient;
    int64_t n_loss; /* 1: a scalar */
};

static void loss_golden(struct dcl_check *c, const struct loss_golden *g,
                        const struct dcl_operand *in, int n_in)
{
    struct dcl_operand out[] = {DCL_DATA(DETCL_F32, g->loss, g->n_loss),
                                DCL_DATA(DETCL_F32, g->gradient, 0)};
    if (!strstr(g->attrs, "reduction=none"))
        out[0].desc.rank = 0;
    out[1].desc = in[0].desc;
    dcl_check_golden(c, g->attrs, in, n_in, out, 2, 2e-6);
}

#endif
