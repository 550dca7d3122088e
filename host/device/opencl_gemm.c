/* Matrix products through CLBlast, where the build has it. */
#include "device/opencl_private.h"
#include "graph/exec.h"

#include <stdlib.h>
#include <string.h>

#ifdef DETCL_CLBLAST

#include <clblast_c.h>
#include <pthread.h>

/* CLBlast keeps its compiled programs in a cache of the process that it does not guard (1.5.3), so
 * one call at a time, whatever the context. */
static pthread_mutex_t clblast_lock = PTHREAD_MUTEX_INITIALIZER;

/* On processors its default parameters lose to our own kernel by far. */
bool dcl_opencl_wants_gemm(const struct detcl_device_info *info)
{
    const char *choice = getenv("DETCL_GEMM");
    if (choice && strcmp(choice, "clblast") == 0)
        return true;
    return !(choice && strcmp(choice, "own") == 0) && strcmp(info->type, "cpu") != 0;
}

static size_t element_offset(const struct dcl_binding *b)
{
    return b->offset / sizeof(float);
}

enum detcl_status dcl_opencl_gemm(struct dcl_exec *x, const struct dcl_launch *l, cl_event *event)
{
    const struct dcl_opencl *s = x->ctx->state;
    const struct dcl_gemm *g = &l->gemm;
    cl_command_queue queue = s->queue;
    struct dcl_binding at[3];
    for (int i = 0; i < 3; i++)
        at[i] = dcl_exec_place(x, l->args[i].value);
    pthread_mutex_lock(&clblast_lock);
    const CLBlastStatusCode code = CLBlastSgemm(
        CLBlastLayoutRowMajor, g->transpose_a ? CLBlastTransposeYes : CLBlastTransposeNo,
        g->transpose_b ? CLBlastTransposeYes : CLBlastTransposeNo, g->m, g->n, g->k, g->alpha,
        at[0].buffer->mem, element_offset(&at[0]), g->transpose_a ? g->m : g->k, at[1].buffer->mem,
        element_offset(&at[1]), g->transpose_b ? g->k : g->n, g->beta, at[2].buffer->mem,
        element_offset(&at[2]), g->n, &queue, event);
    pthread_mutex_unlock(&clblast_lock);
    if (code == CLBlastSuccess)
        return DETCL_OK;
    return DCL_FAIL(&x->ctx->error, DETCL_ERROR_OPENCL, "node '%s': CLBlastSgemm failed: %d",
                    x->graph.nodes[l->node]->call.name, (int)code);
}

#else

bool dcl_opencl_wants_gemm(const struct detcl_device_info *info)
{
    (void)info;
    return false;
}

enum detcl_status dcl_opencl_gemm(struct dcl_exec *x, const struct dcl_launch *l, cl_event *event)
{
    (void)event;
    return DCL_FAIL(&x->ctx->error, DETCL_ERROR_INTERNAL, "node '%s': built without CLBlast",
                    x->graph.nodes[l->node]->call.name);
}

#endif
