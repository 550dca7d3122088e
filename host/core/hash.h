/* FNV-1a with 128 bits (Fowler, Noll, Vo; draft-eastlake-fnv): names cache entries and detects
 * damaged ones. Every step is a bijection of the state, so a single changed byte always changes the
 * result. It is no defence against an attacker, and nothing relies on it as one. */
#ifndef DCL_CORE_HASH_H
#define DCL_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct dcl_hash128 {
    uint64_t high, low;
};

/* The hash of no bytes. */
struct dcl_hash128 dcl_hash128_start(void);

/* The hash of what `hash` covers followed by `size` more bytes. Thread-safe. */
struct dcl_hash128 dcl_hash128_add(struct dcl_hash128 hash, const void *bytes, size_t size);

#endif
