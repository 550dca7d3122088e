/* The convolution, shared by its files: the row (conv2d.c), the CPU twin (conv2d_cpu.c), the OpenCL
 * variants (conv2d_cl.c) and their weight formats (conv2d_pack.c). */
#ifndef DCL_OPS_CONV2D_H
#define DCL_OPS_CONV2D_H

#include "ops/fused.h"
#include "ops/window.h"

struct dcl_conv2d_attrs {
    struct dcl_window_attrs window;
    int64_t group;
    struct dcl_fused fused;
};

/* All numbers of one call. Channel counts are of the whole tensors. */
struct dcl_conv2d {
    struct dcl_window window;
    int64_t images, channels, out_channels, groups;
    struct dcl_fused fused; /* resolved by dcl_fused_of */
};

/* Check the operands and attributes of the call and describe it. */
enum detcl_status dcl_conv2d_describe(const struct dcl_call *call, struct dcl_conv2d *out);

extern const struct dcl_op dcl_op_conv2d;

/* What the twin needs, into the call. */
enum detcl_status dcl_conv2d_workspace(struct dcl_call *call, const struct dcl_conv2d *c);
enum detcl_status dcl_conv2d_run_cpu(struct dcl_call *call);
enum detcl_status dcl_conv2d_record_cl(struct dcl_call *call, struct dcl_recorder *r);

/* One filter a channel. */
bool dcl_conv2d_is_depthwise(const struct dcl_conv2d *c);

/* Groups of one work-item that a processor's kernels are cut into. */
int64_t dcl_conv2d_wanted_groups(const struct dcl_limits *limits);

/* Output blocks, rows and columns of a register tile. */
struct dcl_conv2d_tile {
    int blocks, rows, columns;
};

/* The tile that fills the vector registers (32 of 16 lanes, or 16 of 8) and wastes least at the
 * right and lower edge. */
struct dcl_conv2d_tile dcl_conv2d_choose_tile(int lanes, int64_t out_blocks, int64_t height,
                                              int64_t width, bool two_rows);

/* TX x TY items of WP pixels and WO output blocks each, in steps of `depth` (conv2d_tiled.cl). */
struct dcl_conv2d_gpu_tile {
    int tx, ty, wp, wo, depth;
};

enum dcl_conv2d_variant {
    DCL_CONV2D_BLOCKED,
    DCL_CONV2D_POINTWISE,
    DCL_CONV2D_WINOGRAD,
    DCL_CONV2D_TILED
};

/* One way to compute a call: the kernel and its tiles. */
struct dcl_conv2d_choice {
    enum dcl_conv2d_variant variant;
    struct dcl_conv2d_tile tile;    /* processors; Winograd: two blocks, one row */
    int64_t span;                   /* Winograd: tiles of 4 x 4 outputs in a part */
    struct dcl_conv2d_gpu_tile gpu; /* tiled */
};

/* What the model of the device says; false when there is nothing to choose (conv2d_cl.c). */
bool dcl_conv2d_model(const struct dcl_call *call, const struct dcl_conv2d *c,
                      const struct dcl_limits *limits, struct dcl_conv2d_choice *out);

/* The choice to record: the tuned one where there is one, else the model's (conv2d_choice.c). The
 * call must have one. */
struct dcl_conv2d_choice dcl_conv2d_choose(const struct dcl_call *call, const struct dcl_conv2d *c,
                                           const struct dcl_recorder *r);

/* The op's choices (op.h). */
void dcl_conv2d_choices(const struct dcl_call *call, const struct dcl_limits *limits,
                        struct dcl_choices *out);

/* Append to `options` (of `size` bytes) what makes a program for this window, when its column taps
 * are neighbours and so worth one. */
void dcl_conv2d_window_options(const struct dcl_window *v, char *options, size_t size);

/* Eight kernel arguments: kernel, stride, dilation and begin of rows and columns. */
void dcl_conv2d_arg_window(struct dcl_launch *l, const struct dcl_window *v);

/* Two kernel arguments, `parts` and how many of them are a group's share, and the launch of groups
 * of one item. */
enum detcl_status dcl_conv2d_launch_parts(struct dcl_launch *l, const struct dcl_limits *limits,
                                          int64_t parts);

static inline int64_t dcl_conv2d_taps(const struct dcl_conv2d *c)
{
    return c->window.kernel[0] * c->window.kernel[1] * c->window.kernel[2];
}

/* One tap that moves by one, without padding: outputs lie as inputs do. */
static inline bool dcl_conv2d_is_pointwise(const struct dcl_conv2d *c)
{
    for (int i = 0; i < 3; i++)
        if (c->window.kernel[i] != 1 || c->window.stride[i] != 1 || c->window.begin[i] ||
            c->window.end[i])
            return false;
    return true;
}

/* Weights w [O][C/groups][taps] and bias [O] (may be NULL) in the form that a kernel reads, as the
 * kernel's file describes it; NULL when memory runs out (the recorder has failed then).
 * `blocks`: output blocks of `lanes` channels in a tile; `depth`: steps loaded together. */
struct dcl_value *dcl_conv2d_pack_blocked(struct dcl_recorder *r, const struct dcl_conv2d *c,
                                          const float *w, const float *bias, int lanes, int blocks);
struct dcl_value *dcl_conv2d_pack_depthwise(struct dcl_recorder *r, const struct dcl_conv2d *c,
                                            const float *w, const float *bias, int lanes);
struct dcl_value *dcl_conv2d_pack_tiled(struct dcl_recorder *r, const struct dcl_conv2d *c,
                                        const float *w, const float *bias, int lanes, int blocks,
                                        int depth);
/* One group, 3 x 3 taps; the 36 points of each filter. */
struct dcl_value *dcl_conv2d_pack_winograd(struct dcl_recorder *r, const struct dcl_conv2d *c,
                                           const float *w, const float *bias, int lanes,
                                           int blocks);

#endif
