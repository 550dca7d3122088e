/* y[first + i] = base[i % n_base], moved by the place of cell i / n_base: see host/ops/anchors.h.
 * base [n_base, 4], y [*, 4]. Mapping: one work-item a box; the bound is n. */
kernel void anchors_f32(TENSOR(const float, base), TENSOR(float, y), const int n_base,
                        const int columns, const int n, const int first, const int corners,
                        const int clip, const float offset, const float step_x, const float step_y)
{
    OPEN(base);
    OPEN(y);
    const int i = (int)get_global_id(0);
    if (i >= n)
        return;
    const int cell = i / n_base, row = cell / columns, a = i - cell * n_base;
    const float cx = ((float)(cell - row * columns) + offset) * step_x;
    const float cy = ((float)row + offset) * step_y;
    y += 4 * ((long)first + i);
    for (int k = 0; k < 4; k++) {
        const float move = !corners && k >= 2 ? 0.0f : k & 1 ? cy : cx;
        const float v = base[4 * a + k] + move;
        y[k] = !clip ? v : v < 0 ? 0 : v > 1 ? 1 : v;
    }
}
