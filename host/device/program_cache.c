#include "device/program_cache.h"
#include "core/clock.h"
#include "device/disk_cache.h"
#include "device/opencl_private.h"
#include "device/opencl_program.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_MAX_BYTES (UINT64_C(256) << 20)
#define MAX_THREADS 64

/* A program of the cache. The key is identity, options and source, each with its terminating zero.
 */
struct entry {
    char *name, *key;
    size_t key_size;
    const char *options, *source; /* inside the key */
    cl_program program;
    bool pending; /* to be written to disk */
};

struct dcl_program_cache {
    cl_context context;
    cl_device_id device;
    struct dcl_compiler_traits traits;
    char *identity;
    struct dcl_disk_cache *disk; /* NULL: none */
    bool store_failed;           /* it was said once that programs cannot be written */
    int max_threads;
    struct entry **entries;
    int count, capacity;
    struct dcl_program_cache_stats stats;
};

/* One entry on its way to a program. Written by the thread that took it, read by the caller after
 * the job was put on the list of finished ones. */
struct job {
    struct entry *entry;
    cl_program program;
    cl_int code;
    char *log; /* the compiler's, when it failed */
    bool loaded, rejected, stored;
    struct dcl_disk_reason load_trouble, store_trouble; /* "" when there was none */
};

struct batch {
    struct dcl_program_cache *cache;
    struct job *jobs;
    int count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock: */
    int taken, finished_count, working;
    int *finished; /* indices of jobs in the order in which they ended */
    bool failed;
};

static enum detcl_status status_of(cl_int code)
{
    switch (code) {
    case CL_MEM_OBJECT_ALLOCATION_FAILURE:
    case CL_OUT_OF_HOST_MEMORY:
        return DETCL_ERROR_MEMORY;
    case CL_COMPILER_NOT_AVAILABLE:
        return DETCL_ERROR_DEVICE;
    default:
        return DETCL_ERROR_OPENCL;
    }
}

static bool disk_wanted(void)
{
    const char *no_cache = getenv("DETCL_NO_CACHE");
    return !no_cache || !*no_cache || strcmp(no_cache, "0") == 0;
}

static void open_disk(struct dcl_program_cache *cache,
                      const struct dcl_program_cache_params *params, struct dcl_error *error)
{
    char path[4096];
    if (!disk_wanted())
        return;
    const char *dir = params->dir;
    if (!dir) {
        if (dcl_disk_default_dir(path, sizeof path) != 0) {
            dcl_log(error, DETCL_LOG_WARNING,
                    "no place for compiled programs: set DETCL_CACHE_DIR or HOME");
            return;
        }
        dir = path;
    }
    struct dcl_disk_reason reason;
    cache->disk =
        dcl_disk_open(dir, params->max_bytes ? params->max_bytes : DEFAULT_MAX_BYTES, &reason);
    if (!cache->disk)
        dcl_log(error, DETCL_LOG_WARNING, "compiled programs are not kept: %s", reason.text);
}

enum detcl_status dcl_program_cache_open(cl_context context, cl_device_id device,
                                         const struct dcl_program_cache_params *params,
                                         struct dcl_error *error, struct dcl_program_cache **out)
{
    static const struct dcl_program_cache_params defaults = {0};
    struct dcl_program_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return DCL_FAIL(error, DETCL_ERROR_MEMORY, "out of memory");
    if (!params)
        params = &defaults;
    const cl_int code = dcl_compiler_describe(device, &cache->traits, &cache->identity);
    if (code != CL_SUCCESS) {
        free(cache);
        return DCL_FAIL(error, status_of(code), "clGetDeviceInfo: %s", dcl_cl_name(code));
    }
    cache->context = context;
    cache->device = device;
    clRetainContext(context);
    clRetainDevice(device);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    cache->max_threads = processors < 1             ? 1
                         : processors > MAX_THREADS ? MAX_THREADS
                                                    : (int)processors;
    if (params->max_threads > 0 && params->max_threads < MAX_THREADS)
        cache->max_threads = params->max_threads;
    if (cache->traits.one_thread)
        cache->max_threads = 1;
    open_disk(cache, params, error);
    *out = cache;
    return DETCL_OK;
}

static void free_entry(struct entry *e)
{
    if (!e)
        return;
    if (e->program)
        clReleaseProgram(e->program);
    free(e->name);
    free(e->key);
    free(e);
}

void dcl_program_cache_close(struct dcl_program_cache **cache)
{
    if (!cache || !*cache)
        return;
    struct dcl_program_cache *c = *cache;
    for (int i = 0; i < c->count; i++)
        free_entry(c->entries[i]);
    free(c->entries);
    dcl_disk_close(&c->disk);
    clReleaseDevice(c->device);
    clReleaseContext(c->context);
    free(c->identity);
    free(c);
    *cache = NULL;
}

static struct entry *make_entry(const char *identity, const struct dcl_program_request *r)
{
    const char *options = r->options ? r->options : "";
    const size_t identity_size = strlen(identity) + 1, options_size = strlen(options) + 1,
                 source_size = strlen(r->source) + 1;
    struct entry *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->key_size = identity_size + options_size + source_size;
    e->key = malloc(e->key_size);
    e->name = strdup(r->name);
    if (!e->key || !e->name) {
        free_entry(e);
        return NULL;
    }
    memcpy(e->key, identity, identity_size);
    e->options = memcpy(e->key + identity_size, options, options_size);
    e->source = memcpy(e->key + identity_size + options_size, r->source, source_size);
    return e;
}

/* The entry of the request, new ones at the end of the table; NULL when memory runs out. */
static struct entry *intern(struct dcl_program_cache *c, const struct dcl_program_request *r)
{
    struct entry *e = make_entry(c->identity, r);
    if (!e)
        return NULL;
    for (int i = 0; i < c->count; i++) {
        struct entry *old = c->entries[i];
        if (old->key_size == e->key_size && memcmp(old->key, e->key, e->key_size) == 0) {
            free_entry(e);
            return old;
        }
    }
    if (c->count == c->capacity) {
        const int capacity = c->capacity ? 2 * c->capacity : 16;
        struct entry **entries = realloc(c->entries, (size_t)capacity * sizeof *entries);
        if (!entries) {
            free_entry(e);
            return NULL;
        }
        c->entries = entries;
        c->capacity = capacity;
    }
    c->entries[c->count++] = e;
    return e;
}

/* Forget entries without a program: those of a request that failed. */
static void drop_unbuilt(struct dcl_program_cache *c)
{
    int kept = 0;
    for (int i = 0; i < c->count; i++) {
        if (c->entries[i]->program)
            c->entries[kept++] = c->entries[i];
        else
            free_entry(c->entries[i]);
    }
    c->count = kept;
}

/* Any thread: write the program of an entry to disk. */
static bool store(const struct dcl_program_cache *c, const struct entry *e, cl_program program,
                  struct dcl_disk_reason *reason)
{
    void *binary;
    size_t size;
    const cl_int code = dcl_program_binary(program, c->device, &binary, &size);
    if (code != CL_SUCCESS) {
        snprintf(reason->text, sizeof reason->text, "no binary: %s", dcl_cl_name(code));
        return false;
    }
    const bool good =
        dcl_disk_store(c->disk, e->key, e->key_size, binary, size, reason) == DCL_DISK_OK;
    free(binary);
    return good;
}

/* Any thread: try to get the job's program from disk. */
static void load(const struct dcl_program_cache *c, struct job *job)
{
    const struct entry *e = job->entry;
    void *binary;
    size_t size;
    const enum dcl_disk_result found =
        dcl_disk_load(c->disk, e->key, e->key_size, &binary, &size, &job->load_trouble);
    job->rejected = found == DCL_DISK_BAD;
    if (found == DCL_DISK_OK) {
        const cl_int code =
            dcl_build_binary(c->context, c->device, binary, size, e->options, &job->program);
        free(binary);
        job->loaded = code == CL_SUCCESS;
        job->rejected = !job->loaded;
        if (job->rejected)
            snprintf(job->load_trouble.text, sizeof job->load_trouble.text,
                     "refused by the driver: %s", dcl_cl_name(code));
    }
    if (job->rejected)
        dcl_disk_remove(c->disk, e->key, e->key_size);
}

/* Any thread: load or compile. */
static void run_job(const struct dcl_program_cache *c, struct job *job)
{
    const struct entry *e = job->entry;
    if (c->disk)
        load(c, job);
    if (job->loaded)
        return;
    job->code =
        dcl_build_source(c->context, c->device, e->source, e->options, &job->program, &job->log);
    if (job->code == CL_SUCCESS && c->disk && !c->traits.costly_binaries)
        job->stored = store(c, e, job->program, &job->store_trouble);
}

/* Any thread: run the next job; false when none is left or one has failed. */
static bool step(struct batch *b)
{
    pthread_mutex_lock(&b->lock);
    const int index = b->failed || b->taken == b->count ? -1 : b->taken++;
    pthread_mutex_unlock(&b->lock);
    if (index < 0)
        return false;
    run_job(b->cache, &b->jobs[index]);
    pthread_mutex_lock(&b->lock);
    b->finished[b->finished_count++] = index;
    b->failed = b->failed || b->jobs[index].code != CL_SUCCESS;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
    return true;
}

static void *work(void *batch)
{
    struct batch *b = batch;
    while (step(b))
        continue;
    pthread_mutex_lock(&b->lock);
    b->working--;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* A directory that cannot be written fails for every program: warn once. */
static void report_store_trouble(struct dcl_program_cache *c, const struct entry *e,
                                 const struct dcl_disk_reason *trouble, struct dcl_error *error)
{
    dcl_log(error, c->store_failed ? DETCL_LOG_DEBUG : DETCL_LOG_WARNING,
            "compiled program %s is not kept: %s", e->name, trouble->text);
    c->store_failed = true;
}

/* The calling thread: take over what a job made and say what happened. */
static void settle(struct batch *b, struct job *job, struct dcl_error *error)
{
    struct dcl_program_cache *c = b->cache;
    struct entry *e = job->entry;
    e->program = job->program;
    e->pending = job->program && c->disk && !job->loaded && !job->stored;
    c->stats.loaded += job->loaded;
    c->stats.compiled += job->program && !job->loaded;
    c->stats.rejected += job->rejected;
    c->stats.stored += job->stored;
    if (job->load_trouble.text[0])
        dcl_log(error, DETCL_LOG_WARNING, "cached program %s is not used: %s", e->name,
                job->load_trouble.text);
    if (job->store_trouble.text[0])
        report_store_trouble(c, e, &job->store_trouble, error);
    dcl_log(error, DETCL_LOG_DEBUG, "program %s (%s): %s", e->name, e->options,
            job->loaded    ? "loaded"
            : job->program ? "compiled"
                           : "failed");
}

/* Run all jobs, on threads if there is more than one to run and to run on. */
static void run_batch(struct batch *b, detcl_progress_fn progress, void *progress_user,
                      struct dcl_error *error)
{
    pthread_t threads[MAX_THREADS];
    const int wanted = b->count < b->cache->max_threads ? b->count : b->cache->max_threads;
    int settled = 0;
    pthread_mutex_lock(&b->lock);
    while (wanted > 1 && b->working < wanted &&
           pthread_create(&threads[b->working], NULL, work, b) == 0)
        b->working++;
    const int started = b->working;
    for (;;) {
        if (settled < b->finished_count) {
            struct job *job = &b->jobs[b->finished[settled++]];
            pthread_mutex_unlock(&b->lock);
            settle(b, job, error);
            if (progress && job->program)
                progress(progress_user, job->entry->name, settled, b->count);
            pthread_mutex_lock(&b->lock);
        } else if (b->working > 0) {
            pthread_cond_wait(&b->changed, &b->lock);
        } else { /* no thread (left): this one does what remains */
            pthread_mutex_unlock(&b->lock);
            const bool more = step(b);
            pthread_mutex_lock(&b->lock);
            if (!more)
                break;
        }
    }
    pthread_mutex_unlock(&b->lock);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

/* Report the first job that failed, in the order of the requests. */
static enum detcl_status check_jobs(const struct batch *b, struct dcl_error *error)
{
    const struct job *job = b->jobs;
    while (job < b->jobs + b->count && job->code == CL_SUCCESS)
        job++;
    if (job == b->jobs + b->count)
        return DETCL_OK;
    const struct entry *e = job->entry;
    const char *log = job->log ? job->log : "";
    dcl_log(error, DETCL_LOG_ERROR, "program %s (%s) does not compile:", e->name, e->options);
    for (const char *line = log; *line;) {
        const size_t length = strcspn(line, "\n");
        dcl_log(error, DETCL_LOG_ERROR, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
    return DCL_FAIL(error, status_of(job->code), "program %s does not compile with \"%s\": %s\n%s",
                    e->name, e->options, dcl_cl_name(job->code), log);
}

static void free_jobs(struct batch *b)
{
    for (int i = 0; b->jobs && i < b->count; i++)
        free(b->jobs[i].log);
    free(b->jobs);
    free(b->finished);
}

/* Make the programs of the entries from `first` on. */
static enum detcl_status build_entries(struct dcl_program_cache *c, int first,
                                       detcl_progress_fn progress, void *progress_user,
                                       struct dcl_error *error)
{
    struct batch b = {.cache = c, .count = c->count - first};
    if (b.count == 0)
        return DETCL_OK;
    b.jobs = calloc((size_t)b.count, sizeof *b.jobs);
    b.finished = calloc((size_t)b.count, sizeof *b.finished);
    if (!b.jobs || !b.finished) {
        free_jobs(&b);
        return DCL_FAIL(error, DETCL_ERROR_MEMORY, "out of memory");
    }
    for (int i = 0; i < b.count; i++)
        b.jobs[i].entry = c->entries[first + i];
    const int stored = c->stats.stored;
    pthread_mutex_init(&b.lock, NULL);
    pthread_cond_init(&b.changed, NULL);
    run_batch(&b, progress, progress_user, error);
    pthread_cond_destroy(&b.changed);
    pthread_mutex_destroy(&b.lock);
    if (c->stats.stored > stored)
        dcl_disk_trim(c->disk);
    const enum detcl_status status = check_jobs(&b, error);
    free_jobs(&b);
    return status;
}

enum detcl_status dcl_programs_build(struct dcl_program_cache *cache,
                                     struct dcl_program_request *requests, int count,
                                     detcl_progress_fn progress, void *progress_user,
                                     struct dcl_error *error)
{
    const int first = cache->count;
    struct entry **entries = calloc((size_t)count + 1, sizeof *entries);
    bool complete = entries != NULL;
    for (int i = 0; complete && i < count; i++) {
        entries[i] = intern(cache, &requests[i]);
        complete = entries[i] != NULL;
    }
    enum detcl_status status;
    if (complete)
        status = build_entries(cache, first, progress, progress_user, error);
    else
        status = DCL_FAIL(error, DETCL_ERROR_MEMORY, "out of memory");
    for (int i = 0; status == DETCL_OK && i < count; i++)
        requests[i].program = entries[i]->program;
    drop_unbuilt(cache);
    free(entries);
    return status;
}

void dcl_program_cache_save(struct dcl_program_cache *cache, double seconds,
                            struct dcl_error *error)
{
    const double until = dcl_clock_ms() + 1e3 * seconds;
    bool any = false;
    for (int i = 0; i < cache->count && (!any || dcl_clock_ms() < until); i++) {
        struct entry *e = cache->entries[i];
        struct dcl_disk_reason reason;
        if (!e->pending)
            continue;
        any = true;
        e->pending = false; /* what cannot be written now is not tried again */
        if (store(cache, e, e->program, &reason))
            cache->stats.stored++;
        else
            report_store_trouble(cache, e, &reason, error);
    }
    if (any)
        dcl_disk_trim(cache->disk);
}

struct dcl_program_cache_stats dcl_program_cache_stats(const struct dcl_program_cache *cache)
{
    struct dcl_program_cache_stats stats = cache->stats;
    stats.pending = 0;
    for (int i = 0; i < cache->count; i++)
        stats.pending += cache->entries[i]->pending;
    return stats;
}
