/* detcl bench: measurements, and what became of them. */
#include "cli.h"

#include <string.h>

enum dcl_exit dcl_cli_bench(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "compare") == 0) {
        argv[1] = "detcl bench compare";
        return dcl_cli_bench_compare(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "index") == 0) {
        argv[1] = "detcl bench index";
        return dcl_cli_bench_index(argc - 1, argv + 1);
    }
    return dcl_cli_bench_run(argc, argv);
}
