/* Compiled OpenCL programs of one context and device: each source with its options is compiled
 * once, all programs of a request at the same time, and what was compiled is kept on disk for the
 * next process.
 *
 * The directory is DETCL_CACHE_DIR, else XDG_CACHE_HOME/detcl, else HOME/.cache/detcl;
 * DETCL_NO_CACHE, set to anything but "" and "0", turns the disk off. An entry is used only if
 * source, options, platform, device and driver (names and versions) are the same and its checksum
 * holds; a damaged entry, or one that the driver refuses, is compiled again and replaced. Nothing
 * about the disk is an error: it goes to the log, and programs are compiled instead.
 *
 * One thread at a time may use a cache. Caches of other contexts, threads and processes may share
 * the directory. What takes how long on which platform is in README.md of this folder. */
#ifndef DCL_DEVICE_PROGRAM_CACHE_H
#define DCL_DEVICE_PROGRAM_CACHE_H

#include "core/error.h"
#include "detcl/opencl.h"

struct dcl_program_cache;

struct dcl_program_cache_params {
    const char *dir;    /* NULL: by the environment, as above */
    uint64_t max_bytes; /* the directory is kept below this, oldest use first; 0: 256 MiB */
    int max_threads;    /* that compile at the same time; 0: as many as processors */
};

/* What happened since the cache was opened. */
struct dcl_program_cache_stats {
    int compiled; /* programs built from source */
    int loaded;   /* programs built from an entry on disk */
    int rejected; /* entries that were damaged or refused */
    int stored;   /* entries written */
    int pending;  /* programs that dcl_program_cache_save would still write */
};

struct dcl_program_request {
    const char *name;    /* for progress and errors */
    const char *source;  /* OpenCL C, or units as in dcl_build_source */
    const char *options; /* of clBuildProgram; NULL is "" */
    cl_program program;  /* out: owned by the cache, valid until it is closed */
};

/* Open a cache; `params` NULL means all defaults. Context and device are retained. `*out` is
 * written only on success. */
enum detcl_status dcl_program_cache_open(cl_context context, cl_device_id device,
                                         const struct dcl_program_cache_params *params,
                                         struct dcl_error *error, struct dcl_program_cache **out);

/* Release the programs and close. Kernels made from them stay valid. Accepts NULL and a pointer to
 * NULL; clears `*cache`. */
void dcl_program_cache_close(struct dcl_program_cache **cache);

/* Provide the programs of all `count` requests; they are written only if all succeed. `progress`
 * (may be NULL) and the log are called on the calling thread. When a program does not compile, the
 * text names it with its options and the beginning of the compiler's log; all of that goes to the
 * error log. */
enum detcl_status dcl_programs_build(struct dcl_program_cache *cache,
                                     struct dcl_program_request *requests, int count,
                                     detcl_progress_fn progress, void *progress_user,
                                     struct dcl_error *error);

/* Write the entries that dcl_programs_build left out because fetching the binaries costs as much as
 * compiling (PoCL only): at least one, more as long as `seconds` are not over; INFINITY writes all.
 * Call it when results are out and every kernel has run once: only then do the binaries hold all
 * compiled code. Where nothing is pending it returns at once. */
void dcl_program_cache_save(struct dcl_program_cache *cache, double seconds,
                            struct dcl_error *error);

struct dcl_program_cache_stats dcl_program_cache_stats(const struct dcl_program_cache *cache);

#endif
