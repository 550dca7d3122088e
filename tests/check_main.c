/* Runs the checks on one device: check_main [DEVICE] [GLOB]. Exit 0 only if all pass. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(void *user, const struct dcl_check_report *r)
{
    (void)user;
    if (!r->passed || getenv("DETCL_VERBOSE"))
        printf("%s %s [%s] %s: %s\n", r->passed ? "ok  " : "FAIL", r->op, r->attrs ? r->attrs : "",
               r->shapes, r->passed ? r->form : r->why);
}

int main(int argc, char **argv)
{
    const struct detcl_context_params params = {.device = argc > 1 ? argv[1] : NULL};
    struct detcl_context *ctx;
    struct detcl_error error;
    if (detcl_context_create(&params, &ctx, &error) != DETCL_OK) {
        fprintf(stderr, "check: %s\n", error.text);
        return 5;
    }
    const struct dcl_check_options options = {.glob = argc > 2 ? argv[2] : NULL,
                                              .small = getenv("DETCL_CHECK_SMALL") != NULL,
                                              .report = print};
    struct dcl_check_totals totals;
    dcl_check_run(ctx, &options, &totals);
    printf("%s (%s profile): %d ops, %d passed, %d failed, %d skipped\n",
           detcl_context_device(ctx)->name, detcl_context_device(ctx)->profile, totals.ops,
           totals.passed, totals.failed, totals.skipped);
    detcl_context_destroy(&ctx);
    return totals.failed != 0;
}
