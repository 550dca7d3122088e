/* y[n,c,p] = x[n,c,p] / (bias + alpha / size * sum of x[n,k,p]^2 over k in c - before .. c + after)^beta.
 * Mapping: id 0 = position p in the plane (bound `plane`), id 1 = channel, id 2 = image. */
kernel void lrn(TENSOR(const float, x), TENSOR(float, y), const int channels, const int plane,
                const int before, const int after, const float alpha_by_size, const float beta,
                const float bias)
{
    OPEN(x);
    OPEN(y);
    const int p = (int)get_global_id(0), c = (int)get_global_id(1);
    if (p >= plane)
        return;
    const int image = (int)get_global_id(2) * channels * plane + p;
    float squares = 0.0f;
    for (int k = max(c - before, 0); k <= min(c + after, channels - 1); k++)
        squares += x[image + k * plane] * x[image + k * plane];
    y[image + c * plane] = x[image + c * plane] / pow(bias + alpha_by_size * squares, beta);
}
