/* What the device can do at most, for rooflines: nothing of it is part of a network.
 *   V: the vector that an item works with (float16 on processors, float4 or float on GPUs; half16,
 *   double16 and so on for other types), T its element type, WIDTH its length. */
#if defined(FP64)
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#elif defined(FP16)
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif

kernel void limits_empty(global int *y)
{
    if (get_global_id(0) == 1)
        y[0] = 0;
}

/* y = x, EACH vectors an item. Items of processors take neighbouring vectors, those of GPUs take
 * turns, as each likes its memory read. */
kernel void limits_copy(global const V *x, global V *y)
{
    const size_t items = get_global_size(0), i = get_global_id(0);
    for (int k = 0; k < EACH; k++) {
        const size_t at = CONTIGUOUS ? i * EACH + k : k * items + i;
        y[at] = x[at];
    }
}

#ifdef FP_FAST_FMAF
#define MULTIPLY_ADD(a, b, c) fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) mad(a, b, c)
#endif

/* Twelve independent sums hide the latency of a multiply-add; rounds * 12 * WIDTH of them an item.
 */
kernel void limits_multiply_add(global T *y, const int rounds)
{
    const V a = (V)((T)0.5f), b = (V)((T)(get_global_id(0) & 7));
    V s[12];
    for (int i = 0; i < 12; i++)
        s[i] = (V)((T)i);
    for (int r = 0; r < rounds; r++) {
        s[0] = MULTIPLY_ADD(s[0], a, b);
        s[1] = MULTIPLY_ADD(s[1], a, b);
        s[2] = MULTIPLY_ADD(s[2], a, b);
        s[3] = MULTIPLY_ADD(s[3], a, b);
        s[4] = MULTIPLY_ADD(s[4], a, b);
        s[5] = MULTIPLY_ADD(s[5], a, b);
        s[6] = MULTIPLY_ADD(s[6], a, b);
        s[7] = MULTIPLY_ADD(s[7], a, b);
        s[8] = MULTIPLY_ADD(s[8], a, b);
        s[9] = MULTIPLY_ADD(s[9], a, b);
        s[10] = MULTIPLY_ADD(s[10], a, b);
        s[11] = MULTIPLY_ADD(s[11], a, b);
    }
    for (int i = 1; i < 12; i++)
        s[0] += s[i];
    T *each = (T *)&s[0];
    for (int i = 1; i < WIDTH; i++)
        each[0] += each[i];
    y[get_global_id(0)] = each[0];
}

/* Reads of local memory, rounds * 4 vectors an item. */
kernel void limits_local(global T *y, const int rounds, local V *shared)
{
    const int i = get_local_id(0), n = SHARED;
    for (int k = i; k < n; k += get_local_size(0))
        shared[k] = (V)((T)k);
    barrier(CLK_LOCAL_MEM_FENCE);
    V s0 = (V)((T)0), s1 = s0, s2 = s0, s3 = s0;
    for (int r = 0; r < rounds; r++) {
        const int at = (i + r * 4 * (int)get_local_size(0)) & (n - 1);
        const int step = get_local_size(0);
        s0 += shared[at];
        s1 += shared[(at + step) & (n - 1)];
        s2 += shared[(at + 2 * step) & (n - 1)];
        s3 += shared[(at + 3 * step) & (n - 1)];
    }
    s0 += s1 + s2 + s3;
    T *each = (T *)&s0;
    for (int k = 1; k < WIDTH; k++)
        each[0] += each[k];
    y[get_global_id(0)] = each[0];
}
