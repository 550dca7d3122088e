/* The chain of chain.h without OpenCL: the CPU device on memory of the caller's. */
#include "chain.h"

static float overlap(const float *a, const float *b)
{
    const float w = (a[2] < b[2] ? a[2] : b[2]) - (a[0] > b[0] ? a[0] : b[0]);
    const float h = (a[3] < b[3] ? a[3] : b[3]) - (a[1] > b[1] ? a[1] : b[1]);
    const float both = w > 0 && h > 0 ? w * h : 0;
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both);
}

/* Best first, and none overlaps a better one: by the definition. */
static int good(const float *boxes, const float *reference, const int32_t *keep, int kept)
{
    if (kept < 2 || kept > 20)
        return 0;
    for (int i = 1; i < kept; i++) {
        const float *box = boxes + 4 * keep[i];
        if (overlap(box, reference) > overlap(boxes + 4 * keep[i - 1], reference))
            return 0;
        for (int j = 0; j < i; j++)
            if (overlap(box, boxes + 4 * keep[j]) > 0.3f)
                return 0;
    }
    return 1;
}

int main(void)
{
    static float memory[MEMORY_BYTES / 4];
    int32_t keep[BOXES], kept;
    fill_inputs((unsigned char *)memory);
    if (run_on_cpu((unsigned char *)memory) != DETCL_OK)
        return 1;
    memcpy(keep, (unsigned char *)memory + KEEP_AT, sizeof keep);
    memcpy(&kept, (unsigned char *)memory + KEPT_AT, sizeof kept);
    printf("%d of %d boxes kept, box %d first\n", kept, BOXES, keep[0]);
    return !good(memory + BOXES_AT / 4, memory + REFERENCE_AT / 4, keep, kept);
}
