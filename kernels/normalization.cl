/* Normalisation over `count` contiguous elements a group:
 *
 *   y = (x - mean) / sqrt(variance + epsilon) * scale[k] + shift[k]
 *
 * with k, the parameter of element i of group g, = (g % cycle * count + i) / share % parameters:
 *   instance: one group a channel, k = channel; layer: k = i; group: k = channel of the element.
 * shift may be absent (has_shift 0). mean and inverse deviation are written where `stats` is not 0.
 * Mapping: one work-item a group, bound groups. Two passes, the second with what the mean was off by
 * (`drift`; Chan, Golub and LeVeque 1983), so that large means do not cancel. */
kernel void normalization(TENSOR(const float, x), TENSOR(const float, scale),
                          TENSOR(const float, shift), TENSOR(float, y), TENSOR(float, mean_out),
                          TENSOR(float, inverse_out), const int groups, const int count,
                          const int cycle, const int share, const int parameters,
                          const float epsilon, const int has_shift, const int stats)
{
    OPEN(x);
    OPEN(scale);
    OPEN(y);
    const int g = (int)get_global_id(0);
    if (g >= groups)
        return;
    x += (long)g * count;
    y += (long)g * count;
    float sum = 0.0f;
    for (int i = 0; i < count; i += 64) {
        float part = 0.0f;
        for (int k = i; k < min(i + 64, count); k++)
            part += x[k];
        sum += part;
    }
    const float mean = sum / (float)count;
    float squares = 0.0f, rest = 0.0f;
    for (int i = 0; i < count; i += 64) {
        float part = 0.0f;
        for (int k = i; k < min(i + 64, count); k++) {
            part += (x[k] - mean) * (x[k] - mean);
            rest += x[k] - mean;
        }
        squares += part;
    }
    const float drift = rest / (float)count;
    const float inverse = 1.0f / sqrt(squares / (float)count - drift * drift + epsilon);
    for (int i = 0; i < count; i++) {
        const int k = (g % cycle * count + i) / share % parameters;
        y[i] = (x[i] - mean - drift) * inverse * scale[k] + (has_shift ? shift[shift_at + k] : 0.0f);
    }
    if (stats & 1)
        mean_out[mean_out_at + g] = mean + drift;
    if (stats & 2)
        inverse_out[inverse_out_at + g] = inverse;
}
