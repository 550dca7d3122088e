/* Chains: runs of launches that a processor works through as one kernel (kernels/chain.cl), because
 * there a start costs as much as a small kernel takes. */
#ifndef DCL_DEVICE_CHAIN_H
#define DCL_DEVICE_CHAIN_H

#include "device/opencl_private.h"
#include "graph/exec.h"

struct dcl_chain;

/* The chain that begins at launch `first`, in the exec's arena, and how many launches it holds:
 * none, and `*out` untouched, where none begins. Memory is planned. `*out` is written as soon as
 * there is something to release, also where that fails later. */
enum detcl_status dcl_chain_create(struct dcl_exec *x, int first, struct dcl_chain **out,
                                   int *length);

/* The units of the chain's program (dcl_build_source); to be freed by the caller. */
enum detcl_status dcl_chain_source(struct dcl_exec *x, const struct dcl_chain *c, char **source);

/* Make the kernel from that program and upload the table. */
enum detcl_status dcl_chain_prepare(struct dcl_exec *x, struct dcl_chain *c, cl_program program);

/* Enqueue a run on the context's queue, with what is bound to inputs and outputs now. */
enum detcl_status dcl_chain_enqueue(struct dcl_exec *x, struct dcl_chain *c);

/* Accepts NULL. */
void dcl_chain_release(struct dcl_exec *x, struct dcl_chain *c);

#endif
