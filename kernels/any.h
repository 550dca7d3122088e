/* any(m) for 16 lanes of 0 or -1: compilers for processors make that a branch a lane. */
static int any16(const int16 m)
{
    const int8 a = m.lo | m.hi;
    const int4 b = a.lo | a.hi;
    const int2 c = b.lo | b.hi;
    return c.x | c.y;
}
