/* y = x converted from FROM to TO; REAL is defined when x is float. Floats are truncated and saturate,
 * NaN becomes 0; integers wrap; with BOOL defined y is x != 0.
 * Mapping: one work-item an element; the bound is n. */
kernel void cast(TENSOR(const FROM, x), TENSOR(TO, y), const int n)
{
    OPEN(x);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const FROM v = x[i];
#if defined(BOOL)
    y[i] = v != (FROM)0;
#elif defined(REAL)
    y[i] = v >= HIGHEST_REAL ? HIGHEST : v <= LOWEST_REAL ? LOWEST : isnan(v) ? (TO)0 : (TO)v;
#else
    y[i] = (TO)v;
#endif
}
