/* The larger of two, of T or vectors of it; a NaN in either stays. Needs `vec`. */
static vec larger(const vec best, const vec v)
{
    return v > best || v != v ? v : best;
}
