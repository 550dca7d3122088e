#include "core/hash.h"

struct dcl_hash128 dcl_hash128_start(void)
{
    return (struct dcl_hash128){0x6c62272e07bb0142u, 0x62b821756295c58du};
}

struct dcl_hash128 dcl_hash128_add(struct dcl_hash128 hash, const void *bytes, size_t size)
{
    /* The prime is 2^88 + 0x13b: its upper part is a shift, its lower part a product whose carry is
     * taken from two 32-bit halves. */
    const uint64_t prime_low = 0x13b;
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++) {
        const uint64_t low = hash.low ^ b[i];
        const uint64_t carry =
            ((low >> 32) * prime_low + (((low & 0xffffffffu) * prime_low) >> 32)) >> 32;
        hash.high = hash.high * prime_low + (low << 24) + carry;
        hash.low = low * prime_low;
    }
    return hash;
}
