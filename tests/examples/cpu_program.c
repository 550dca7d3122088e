/* The chain of chain.h without OpenCL: the CPU device on memory of the caller's. */
#include "chain.h"

int main(void)
{
    static float memory[MEMORY_BYTES / 4];
    chain_fill_inputs(memory);
    if (chain_run_on_cpu(memory) != DETCL_OK)
        return 1;
    return !chain_good(memory);
}
