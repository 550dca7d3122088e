/* Keys whose ascending order is the descending order of floats: zeros of both signs are equal. NaN gets
 * NO_KEY, that of nothing at all. */
#define NO_KEY UINT_MAX

static uint descending_key(const float x)
{
    const uint raw = as_uint(x), magnitude = raw & 0x7fffffffu, u = magnitude == 0 ? 0 : raw;
    return magnitude > 0x7f800000u ? NO_KEY : u >> 31 ? u : ~(u | 0x80000000u);
}
