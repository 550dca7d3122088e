/* A directory of checked byte strings: key in, payload out. Knows nothing of OpenCL.
 *
 * An entry is one file named by the hash of its key. It holds the whole key, so two keys with one
 * hash never mix, and a checksum over key and payload. Files are written under a temporary name,
 * synced and renamed, so readers see whole entries or none and any number of processes may share a
 * directory. A file that is not a regular file of the calling user, or that others may write, is
 * never loaded: the payload is code that a driver will run.
 *
 * Load, store and remove are thread-safe on one open directory; open, trim and close are not. */
#ifndef DCL_DEVICE_DISK_CACHE_H
#define DCL_DEVICE_DISK_CACHE_H

#include "core/hash.h"

/* The head of an entry file, in the byte order of the machine; key and payload follow without a
 * gap. */
struct dcl_disk_header {
    char magic[8]; /* DCL_DISK_MAGIC, version included */
    uint64_t key_size;
    uint64_t payload_size;
    struct dcl_hash128 checksum; /* of key, then payload */
};

#define DCL_DISK_MAGIC "detclC01"

enum dcl_disk_result {
    DCL_DISK_OK,
    DCL_DISK_ABSENT, /* no entry for this key */
    DCL_DISK_BAD,    /* there is one, but it is damaged, foreign or of another key */
    DCL_DISK_FAILED  /* the system refused: no space, no permission, no memory */
};

/* Why something went wrong, for a log line. */
struct dcl_disk_reason {
    char text[256];
};

struct dcl_disk_cache;

/* The directory by the environment: DETCL_CACHE_DIR, else XDG_CACHE_HOME/detcl, else
 * HOME/.cache/detcl (variables that are empty, and a relative XDG_CACHE_HOME, do not count). Writes
 * the path and returns 0, or returns -1 when none is set or the path does not fit. */
int dcl_disk_default_dir(char *path, size_t size);

/* The same of any variable `own`, which names the directory itself, and of any XDG variable. */
int dcl_disk_dir(const char *own, const char *xdg, const char *below_xdg, const char *below_home,
                 char *path, size_t size);

/* Open `dir`; folders that are missing are made with mode 0700. `max_bytes` bounds what trim leaves
 * and the size of one entry. NULL with the reason when the directory cannot be used at all; one
 * that can only be read is opened, and stores fail. */
struct dcl_disk_cache *dcl_disk_open(const char *dir, uint64_t max_bytes,
                                     struct dcl_disk_reason *reason);

/* Accepts NULL and a pointer to NULL; clears `*cache`. */
void dcl_disk_close(struct dcl_disk_cache **cache);

/* Find the entry of a key and mark it as used. On DCL_DISK_OK the caller frees `*payload`. */
enum dcl_disk_result dcl_disk_load(const struct dcl_disk_cache *cache, const void *key,
                                   size_t key_size, void **payload, size_t *payload_size,
                                   struct dcl_disk_reason *reason);

/* Write or replace the entry of a key. DCL_DISK_OK or DCL_DISK_FAILED. */
enum dcl_disk_result dcl_disk_store(struct dcl_disk_cache *cache, const void *key, size_t key_size,
                                    const void *payload, size_t payload_size,
                                    struct dcl_disk_reason *reason);

/* Write or replace a plain file of that name in the directory, which is no entry: nothing here
 * looks at it again. DCL_DISK_OK or DCL_DISK_FAILED. */
enum dcl_disk_result dcl_disk_write(struct dcl_disk_cache *cache, const char *name,
                                    const void *bytes, size_t size, struct dcl_disk_reason *reason);

/* Read a plain file of at most `max_bytes`, trusted as little as entries are. On DCL_DISK_OK the
 * caller frees `*bytes`. */
enum dcl_disk_result dcl_disk_read(const char *path, uint64_t max_bytes, void **bytes, size_t *size,
                                   struct dcl_disk_reason *reason);

/* Remove the entry of a key if there is one. */
void dcl_disk_remove(struct dcl_disk_cache *cache, const void *key, size_t key_size);

/* Remove the entries used longest ago until the rest fits `max_bytes`, and temporary files that a
 * killed process left more than an hour ago. Returns the number of files removed. */
int dcl_disk_trim(struct dcl_disk_cache *cache);

#endif
