/* isfinite of four numbers at once, from their exponents. */
static bool finite4(const float4 v)
{
    return all((as_uint4(v) & 0x7f800000u) != 0x7f800000u);
}
