/* Prefix sums over a work-group of W work-items (-DW, a power of two; 1: one work-item a group). */
#if W > 1
#define SUMS local int sums[W] /* goes first in the kernel */
/* The sum of x over the work-items before this one; *total gets the sum over all. Every work-item of
 * the group must come here; `sums` holds W numbers. Not static: LLVM 15 crashes on inlining a local
 * function with barriers into cluster_nms. */
int group_scan(local int *sums, const int x, int *total)
{
    const int lid = (int)get_local_id(0);
    sums[lid] = x;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = 1; step < W; step *= 2) {
        const int before = lid >= step ? sums[lid - step] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        sums[lid] += before;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const int result = sums[lid] - x;
    *total = sums[W - 1];
    barrier(CLK_LOCAL_MEM_FENCE);
    return result;
}
#else
#define SUMS local int *const sums = 0
static int group_scan(local int *sums, const int x, int *total)
{
    *total = x;
    return 0;
}
#endif
