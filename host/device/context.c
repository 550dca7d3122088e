/* Choosing a device and opening a context on it. */
#include "device/device.h"
#include "ops/typed.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEVICES 64

static int list_devices(struct detcl_device_info *list, int capacity)
{
    int n = 0;
#ifdef DETCL_OPENCL
    n = dcl_opencl_devices(list, capacity);
#endif
    if (n < capacity)
        dcl_cpu_info(&list[n]);
    return n + 1;
}

enum detcl_status detcl_devices(struct detcl_device_info *list, int capacity, int *count)
{
    if (!count || capacity < 0 || (capacity > 0 && !list))
        return DETCL_ERROR_ARGUMENT;
    *count = list_devices(list, capacity);
    return DETCL_OK;
}

/* Case-insensitive strstr. */
static bool contains(const char *text, const char *part)
{
    const size_t n = strlen(part);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && text[i] &&
               tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (i == n)
            return true;
    }
    return n == 0;
}

static int rank_of(const struct detcl_device_info *d)
{
    if (strcmp(d->id, "cpu") == 0)
        return 0;
    return strcmp(d->type, "gpu") == 0 ? 3 : strcmp(d->type, "accelerator") == 0 ? 2 : 1;
}

static bool matches(const struct detcl_device_info *d, const char *wanted)
{
    if (strcmp(wanted, "cpu") == 0)
        return strcmp(d->id, "cpu") == 0;
    const bool opencl = strncmp(d->id, "opencl", 6) == 0;
    if (strcmp(wanted, "opencl") == 0 || strcmp(d->id, wanted) == 0)
        return opencl;
    const bool prefixed = strncmp(wanted, "opencl:", 7) == 0;
    if (prefixed && !opencl)
        return false;
    const char *part = prefixed ? wanted + 7 : wanted;
    if (!*part || strspn(part, "0123456789") == strlen(part))
        return false; /* a number is an index, and the index did not match */
    return contains(d->name, part) || contains(d->platform, part);
}

/* "pocl" is what people call the platform that reports itself by its long name. */
static const char *expand(const char *wanted)
{
    if (strcmp(wanted, "opencl:pocl") == 0 || strcmp(wanted, "pocl") == 0)
        return "opencl:portable computing language";
    return wanted;
}

static int choose(const struct detcl_device_info *list, int n, const char *wanted)
{
    int best = -1;
    for (int i = 0; i < n; i++)
        if ((!wanted || matches(&list[i], expand(wanted))) &&
            (best < 0 || rank_of(&list[i]) > rank_of(&list[best])))
            best = i;
    return best;
}

static enum detcl_status open_device(struct detcl_context *ctx, const char *wanted)
{
    struct detcl_device_info *list = calloc(MAX_DEVICES, sizeof *list);
    if (!list)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_MEMORY, "out of memory");
    int n = list_devices(list, MAX_DEVICES);
    n = n < MAX_DEVICES ? n : MAX_DEVICES;
    const int at = choose(list, n, wanted);
    if (at >= 0)
        ctx->info = list[at];
    free(list);
    if (at < 0)
        return DCL_FAIL(&ctx->error, DETCL_ERROR_DEVICE,
                        "no device matches '%s' (`detcl devices` lists them)", wanted);
    if (strcmp(ctx->info.id, "cpu") == 0) {
        if (!wanted)
            dcl_log(&ctx->error, DETCL_LOG_WARNING, "no OpenCL device found: using the CPU device");
        ctx->device = &dcl_cpu_device;
        ctx->limits = (struct dcl_limits){.profile = DCL_PROFILE_SIMD, .block = 1};
        return DETCL_OK;
    }
#ifdef DETCL_OPENCL
    return dcl_opencl_open(ctx, at);
#else
    return DETCL_ERROR_INTERNAL;
#endif
}

struct detcl_context *dcl_context_new(const struct detcl_context_params *params)
{
    struct detcl_context *ctx = calloc(1, sizeof *ctx);
    if (ctx && params) {
        ctx->error.log = params->log;
        ctx->error.log_user = params->log_user;
        ctx->error.log_level = params->log_level;
        ctx->progress = params->progress;
        ctx->progress_user = params->progress_user;
    }
    return ctx;
}

enum detcl_status dcl_context_finish_creation(struct detcl_context *ctx, enum detcl_status status,
                                              struct detcl_context **out, struct detcl_error *error)
{
    if (status == DETCL_OK) {
        *out = ctx;
        return status;
    }
    if (error)
        snprintf(error->text, sizeof error->text, "%s",
                 ctx ? ctx->error.text : detcl_status_text(status));
    free(ctx);
    return status;
}

enum detcl_status detcl_context_create(const struct detcl_context_params *params,
                                       struct detcl_context **out, struct detcl_error *error)
{
    if (!out)
        return DETCL_ERROR_ARGUMENT;
    const char *wanted = params ? params->device : NULL;
    if (!wanted)
        wanted = getenv("DETCL_DEVICE");
    if (wanted && !*wanted)
        wanted = NULL;
    struct detcl_context *ctx = dcl_context_new(params);
    const enum detcl_status status = ctx ? open_device(ctx, wanted) : DETCL_ERROR_MEMORY;
    return dcl_context_finish_creation(ctx, status, out, error);
}

void detcl_context_destroy(struct detcl_context **ctx)
{
    if (!ctx || !*ctx)
        return;
    dcl_calls_free(*ctx);
    (*ctx)->device->close(*ctx);
    dcl_tuning_free(&(*ctx)->tuning);
    free(*ctx);
    *ctx = NULL;
}

const char *detcl_context_error(const struct detcl_context *ctx)
{
    return ctx ? ctx->error.text : "no context";
}

const struct detcl_device_info *detcl_context_device(const struct detcl_context *ctx)
{
    return &ctx->info;
}

enum detcl_status detcl_context_finish(struct detcl_context *ctx)
{
    return ctx->device->finish(ctx);
}

void detcl_context_save_programs(struct detcl_context *ctx, double seconds)
{
    if (ctx && ctx->device->save_programs)
        ctx->device->save_programs(ctx, seconds);
}
