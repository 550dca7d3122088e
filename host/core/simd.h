/* Loops of the CPU device that the compiler vectorises for the processor they run on. */
#ifndef DCL_CORE_SIMD_H
#define DCL_CORE_SIMD_H

#include <stdint.h> /* where glibc says that it is glibc */

/* Before a function with long loops, into which the compiler can inline what they call: it is
 * compiled for AVX-512, for AVX2 and for every x86-64, and the program loader picks. Contraction is
 * off in the build's flags and stays off, so that all give the same bits. Nothing where compiler or
 * loader cannot do it, nor under sanitizers, which are not ready when the loader asks. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12 && defined(__x86_64__) &&           \
    defined(__GLIBC__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__)
#define DCL_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DCL_VECTORISED
#endif

#endif
