/* detcl bench: measurements, and what became of them. */
#include "cli.h"

enum dcl_exit dcl_cli_bench(int argc, char **argv)
{
    return dcl_cli_bench_run(argc, argv);
}
