/* The harness that holds every kernel against its CPU twin on the user's own device, and the twin
 * against golden values. One function an op, in tests/check_<op>.c:
 *
 *     void dcl_check_unary(struct dcl_check *c)
 *     {
 *         DCL_CASE(c, "kind=relu", 1, DCL_RANDOM(DETCL_F32, 2, 3, 5, 7));
 *         dcl_check_golden(c, "kind=relu", x, 1, y, 1, 0);
 *     }
 *
 * Each case runs with every operand in a buffer of its own between guard zones, dense and, where
 * the op works on blocked channels, blocked with NaN in the padded lanes. */
#ifndef DCL_TESTS_CHECK_H
#define DCL_TESTS_CHECK_H

#include "device/device.h"
#include "graph/ir.h"

enum dcl_fill {
    DCL_FILL_UNIFORM, /* float32: -1..1; integers: 0..9; bool: 0 or 1 */
    DCL_FILL_SPECIAL, /* float32: uniform with NaN, infinities, zeros of both signs, tiny and huge
                         values */
    DCL_FILL_DATA     /* `data` */
};

struct dcl_operand {
    struct detcl_desc desc;
    enum dcl_fill fill;
    const void *data;
    float lo, hi;  /* with lo < hi: the range of a uniform fill */
    bool constant; /* known before the run, as an initialiser is */
    bool absent;   /* an optional input that is not given */
};

#define DCL_DIMS(...)                                                                              \
    .rank = (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), .dims = {__VA_ARGS__}
#define DCL_RANDOM(type, ...)                                                                      \
    {                                                                                              \
        .desc = {.dtype = (type), DCL_DIMS(__VA_ARGS__)}, .fill = DCL_FILL_UNIFORM                 \
    }
#define DCL_RANGE(type, low, high, ...)                                                            \
    {                                                                                              \
        .desc = {.dtype = (type), DCL_DIMS(__VA_ARGS__)}, .lo = (low), .hi = (high)                \
    }
#define DCL_SPECIAL(...)                                                                           \
    {                                                                                              \
        .desc = {.dtype = DETCL_F32, DCL_DIMS(__VA_ARGS__)}, .fill = DCL_FILL_SPECIAL              \
    }
#define DCL_WEIGHTS(type, ...)                                                                     \
    {                                                                                              \
        .desc = {.dtype = (type), DCL_DIMS(__VA_ARGS__)}, .constant = true                         \
    }
#define DCL_DATA(type, values, ...)                                                                \
    {                                                                                              \
        .desc = {.dtype = (type), DCL_DIMS(__VA_ARGS__)}, .fill = DCL_FILL_DATA, .data = (values)  \
    }
#define DCL_CONST_DATA(type, values, ...)                                                          \
    {                                                                                              \
        .desc = {.dtype = (type), DCL_DIMS(__VA_ARGS__)}, .fill = DCL_FILL_DATA, .data = (values), \
        .constant = true                                                                           \
    }
#define DCL_ABSENT                                                                                 \
    {                                                                                              \
        .absent = true                                                                             \
    }

struct dcl_check; /* a run over ops on one device */

/* One case of the op under check: the device must agree with the twin on `n_out` outputs. */
void dcl_check_case(struct dcl_check *c, const char *attrs, const struct dcl_operand *in, int n_in,
                    int n_out);
#define DCL_CASE(c, attrs, n_out, ...)                                                             \
    dcl_check_case(                                                                                \
        (c), (attrs), (struct dcl_operand[]){__VA_ARGS__},                                         \
        (int)(sizeof((struct dcl_operand[]){__VA_ARGS__}) / sizeof(struct dcl_operand)), (n_out))

/* The same, and the twin's outputs must equal `expected` (n_out entries of DCL_DATA; an absent one
 * is not compared; one of rank 1 is a list of elements, others must have the same shape) within
 * `tolerance` as dcl_compare defines it. */
void dcl_check_golden(struct dcl_check *c, const char *attrs, const struct dcl_operand *in,
                      int n_in, const struct dcl_operand *expected, int n_out, double tolerance);

/* The call must be refused by the op's infer with that status. */
void dcl_check_refused(struct dcl_check *c, const char *attrs, const struct dcl_operand *in,
                       int n_in, int n_out, enum detcl_status status);

/* One finished case. */
struct dcl_check_report {
    const char *op, *attrs, *shapes; /* shapes: text such as "1x3x8x8 16x3x3x3" */
    const char *form;                /* "dense", "blocked", "golden" or "refused" */
    bool passed;
    const char *why; /* when it failed */
};

struct dcl_check_options {
    const char *glob; /* ops to check, as fnmatch(3); NULL = all */
    uint64_t seed;    /* 0 = the fixed default */
    bool small;       /* leave out cases over 64 Ki elements: for interpreters of device code */
    int64_t limit;    /* leave out cases over that many input elements; 0: as `small` says */
    bool bare;        /* for memory checkers: no guard zones, a context of its own for each run */
    void (*report)(void *user, const struct dcl_check_report *report);
    /* Hears of each program that a case's plan uses; NULL: nobody does. */
    void (*program)(void *user, const char *stem, const char *options);
    void *user;
};

struct dcl_check_totals {
    int passed, failed, skipped, ops;
};

/* Check all ops on the context's device. DETCL_OK when the run came to its end, whatever it found.
 */
enum detcl_status dcl_check_run(struct detcl_context *ctx, const struct dcl_check_options *options,
                                struct dcl_check_totals *totals);

/* Check one row, which need not be in the registry, with the cases that `check` lists. */
void dcl_check_row(struct detcl_context *ctx, const struct dcl_check_options *options,
                   const struct dcl_op *op, void (*check)(struct dcl_check *c),
                   struct dcl_check_totals *totals);

/* True when large cases should be left out (dcl_check_options.small). */
bool dcl_check_small(const struct dcl_check *c);

#endif
