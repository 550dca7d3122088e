/* chain: many launches as one, for processors, where starting a kernel costs as much as a small one
 * takes. The host (host/device/opencl_chain.c) compiles each kernel as a unit of its own, CHAINED
 * in common.cl, and puts before this text the prototypes and
 *
 *   PLACES      parameters: for each buffer a pointer and a byte offset
 *   PLACE_LIST  the same as pointers
 *   CALLS       the cases of a switch, one a kernel, which EACH_ITEM calls with arguments by AT
 *
 * table: STEP_INTS ints for each step, then the arguments of all steps. Tickets number the work of
 * all steps, in order; a group takes one after the other. A step begins when `after` tickets are
 * done, which are all those before the steps that may run together with it. Since tickets are taken
 * in order, what a group waits for is always in the hands of groups that run: any number of groups
 * comes to the end, one alone too. The last group to leave sets `state` back for the next run. */
#define STEP_INTS 9 /* fields of a step: */
#define KERNEL_NUMBER 0
#define END 1 /* its first ticket too many */
#define AFTER 2
#define ITEMS 3     /* work-items of a ticket: so many neighbours along the first dimension, */
#define LINES 4     /* in so many rows */
#define ACROSS 5    /* tickets along the first dimension, */
#define DOWN 6      /* and along the second */
#define ROWS 7      /* work-items along the second dimension */
#define ARGUMENTS 8 /* where they begin in the table */

/* In `state`, on cache lines of their own. */
#define TAKEN 0
#define DONE 32
#define LEFT 64

/* A buffer takes three ints of the table: its place and the two halves of a byte offset. */
#define OFFSET(i) ((ulong)(uint)a[(i) + 1] | (ulong)(uint)a[(i) + 2] << 32)
#define AT(T, i) ((global T *)(a[i] < 0 ? 0 : places[a[i]] + OFFSET(i)))

#define EACH_ITEM                                                                                  \
    for (int j = 0; j < lines; j++)                                                                \
        for (int i = 0; i < items; i++)

/* Tells the processor that this thread waits for another. */
#if defined(__x86_64__)
#define PAUSE __builtin_ia32_pause()
#else
#define PAUSE
#endif

kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
chain(global int *state, global const int *table, const int tickets, PLACES)
{
    global char *const places[] = {PLACE_LIST};
    int seen = 0, begin = 0;
    global const int *step = table;
    for (;;) {
        const int ticket = atomic_inc(state + TAKEN);
        if (ticket >= tickets)
            break;
        for (; ticket >= step[END]; step += STEP_INTS)
            begin = step[END];
        if (seen < step[AFTER]) {
            while (((global volatile int *)state)[DONE] < step[AFTER])
                PAUSE;
            seen = atomic_add(state + DONE, 0);
            mem_fence(CLK_GLOBAL_MEM_FENCE);
        }
        global const int *a = table + step[ARGUMENTS];
        const int place = ticket - begin, rest = place / step[ACROSS], z = rest / step[DOWN];
        const int items = step[ITEMS], x = place % step[ACROSS] * items;
        const int y = rest % step[DOWN] * step[LINES], lines = min(step[LINES], step[ROWS] - y);
        switch (step[KERNEL_NUMBER]) {
            CALLS
        }
        mem_fence(CLK_GLOBAL_MEM_FENCE);
        atomic_inc(state + DONE);
    }
    if (atomic_inc(state + LEFT) == (int)get_num_groups(0) - 1)
        state[TAKEN] = state[DONE] = state[LEFT] = 0;
}
