/* y[n,c,p] = (x[n,c,p] - mean[c]) * scale[c] / sqrt(variance[c] + epsilon) + shift[c], dense.
 * Mapping: id 0 = position p in the plane (bound `plane`), id 1 = channel, id 2 = image. */
kernel void batch_normalization(TENSOR(const float, x), TENSOR(const float, scale),
                                TENSOR(const float, shift), TENSOR(const float, mean),
                                TENSOR(const float, variance), TENSOR(float, y), const int plane,
                                const float epsilon)
{
    OPEN(x);
    OPEN(scale);
    OPEN(shift);
    OPEN(mean);
    OPEN(variance);
    OPEN(y);
    const int p = (int)get_global_id(0), c = (int)get_global_id(1);
    if (p >= plane)
        return;
    const int at = ((int)get_global_id(2) * (int)get_global_size(1) + c) * plane + p;
    y[at] = (x[at] - mean[c]) * (scale[c] / sqrt(variance[c] + epsilon)) + shift[c];
}
