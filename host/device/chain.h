/* Chains: runs of launches that a processor works through as one kernel (kernels/chain.cl), because
 * there a start costs as much as a small kernel takes. */
#ifndef DCL_DEVICE_CHAIN_H
#define DCL_DEVICE_CHAIN_H

#include "device/opencl_private.h"
#include "graph/exec.h"

struct dcl_chain;

/* How many launches from `first` on make a chain; 0 where none begins. */
int dcl_chain_length(const struct dcl_exec *x, int first);

/* A chain of `length` launches, in the exec's arena; memory is planned. Programs are numbered in
 * the order of their first use. */
enum detcl_status dcl_chain_create(struct dcl_exec *x, int first, int length,
                                   struct dcl_chain **out);

/* The request for the chain's program; `source` is to be freed. */
enum detcl_status dcl_chain_source(struct dcl_exec *x, const struct dcl_chain *c, char **source);

/* Make the kernel from that program and upload the table. */
enum detcl_status dcl_chain_prepare(struct dcl_exec *x, struct dcl_chain *c, cl_program program);

enum detcl_status dcl_chain_enqueue(struct dcl_exec *x, struct dcl_chain *c);

void dcl_chain_release(struct dcl_exec *x, struct dcl_chain *c);

#endif
