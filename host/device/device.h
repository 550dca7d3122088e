/* What a device must be able to do: hold buffers, move bytes, prepare and run a plan. The CPU
 * device and OpenCL are the two rows; everything above speaks to this table only. */
#ifndef DCL_DEVICE_DEVICE_H
#define DCL_DEVICE_DEVICE_H

#include "detcl/tensor.h"
#include "device/tuning.h"
#include "ops/record.h"

struct dcl_exec;
struct detcl_sync;

struct dcl_buffer {
    size_t bytes;
    void *host; /* CPU device: the memory */
    void *mem;  /* OpenCL: the cl_mem */
    bool borrowed;
};

struct dcl_device {
    /* Allocate b->bytes; at least one byte is made. */
    enum detcl_status (*alloc)(struct detcl_context *ctx, struct dcl_buffer *b);
    void (*release)(struct detcl_context *ctx, struct dcl_buffer *b);
    /* Blocking copies; `what` names the thing in the trace and in errors. */
    enum detcl_status (*write)(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                               const void *from, size_t bytes, const char *what);
    enum detcl_status (*read)(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                              void *to, size_t bytes, const char *what);
    /* `*to` gets memory to be filled with the new contents of that part of the buffer, which are
     * there after unmap; one copy less than write where the caller makes the contents. */
    enum detcl_status (*map)(struct detcl_context *ctx, struct dcl_buffer *b, size_t offset,
                             size_t bytes, const char *what, void **to);
    enum detcl_status (*unmap)(struct detcl_context *ctx, struct dcl_buffer *b, void *from);
    enum detcl_status (*finish)(struct detcl_context *ctx);
    /* Record all nodes of the plan (before memory is planned). */
    enum detcl_status (*record)(struct dcl_exec *x);
    /* Memory is planned and allocated, constants are uploaded: make it runnable. */
    enum detcl_status (*prepare)(struct dcl_exec *x);
    enum detcl_status (*run)(struct dcl_exec *x, const struct detcl_sync *sync);
    /* After a run with profiling: nanoseconds of node i. */
    enum detcl_status (*node_time)(struct dcl_exec *x, int node, double *ns);
    void (*unprepare)(struct dcl_exec *x);
    /* As detcl_context_save_programs; NULL where nothing is compiled. */
    void (*save_programs)(struct detcl_context *ctx, double seconds);
    void (*close)(struct detcl_context *ctx);
};

extern const struct dcl_device dcl_cpu_device;

struct detcl_context {
    const struct dcl_device *device;
    struct detcl_device_info info;
    struct dcl_limits limits;
    struct dcl_tuning tuning; /* what plans follow; set before they are made */
    struct dcl_error error;
    detcl_progress_fn progress;
    void *progress_user;
    void *state; /* the device's own */
    struct dcl_calls *calls;
};

struct detcl_tensor {
    struct detcl_context *ctx;
    struct detcl_desc desc;
    struct dcl_buffer buffer;
    size_t offset; /* bytes */
};

/* Describe the CPU device. */
void dcl_cpu_info(struct detcl_device_info *info);

/* Check a desc for use as device memory and give its size in bytes. */
enum detcl_status dcl_desc_bytes(struct detcl_context *ctx, const struct detcl_desc *desc,
                                 size_t *bytes);

/* A zeroed context with the log and progress of `params` (may be NULL), or NULL. */
struct detcl_context *dcl_context_new(const struct detcl_context_params *params);

/* The end of every creation function: hand out the context, or free it and copy the error text. */
enum detcl_status dcl_context_finish_creation(struct detcl_context *ctx, enum detcl_status status,
                                              struct detcl_context **out,
                                              struct detcl_error *error);

#ifdef DETCL_OPENCL
/* Append the OpenCL devices to `list`; returns how many there are. */
int dcl_opencl_devices(struct detcl_device_info *list, int capacity);
/* Open device `index` of that list. */
enum detcl_status dcl_opencl_open(struct detcl_context *ctx, int index);
#endif

#endif
