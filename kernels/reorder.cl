/* Between dense NCHW and N, ceil(C/BLOCK), H, W, BLOCK. Padded lanes are written as zero and never
 * read. Mapping: one work-item a position of a channel block: id 0 = position in the H x W plane,
 * id 1 = channel block, id 2 = image. The bound is `plane`. */
KERNEL void CHAINED(reorder_to_blocked)(TENSOR(const float, x), TENSOR(float, y),
                                        const int channels, const int plane PLACED)
{
    OPEN(x);
    OPEN(y);
    const int p = ID(0), cb = ID(1), n = ID(2);
    if (p >= plane)
        return;
    const int blocks = (channels + BLOCK - 1) / BLOCK, real = min(BLOCK, channels - cb * BLOCK);
    global const float *from = x + ((long)n * channels + cb * BLOCK) * plane + p;
    global float *to = y + (((long)n * blocks + cb) * plane + p) * BLOCK;
    for (int c = 0; c < BLOCK; c++)
        to[c] = c < real ? from[(long)c * plane] : 0.0f;
}

KERNEL void CHAINED(reorder_to_dense)(TENSOR(const float, x), TENSOR(float, y), const int channels,
                                      const int plane PLACED)
{
    OPEN(x);
    OPEN(y);
    const int p = ID(0), cb = ID(1), n = ID(2);
    if (p >= plane)
        return;
    const int blocks = (channels + BLOCK - 1) / BLOCK, real = min(BLOCK, channels - cb * BLOCK);
    global const float *from = x + (((long)n * blocks + cb) * plane + p) * BLOCK;
    global float *to = y + ((long)n * channels + cb * BLOCK) * plane + p;
    for (int c = 0; c < real; c++)
        to[(long)c * plane] = from[c];
}
