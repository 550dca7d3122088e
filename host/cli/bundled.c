#include "cli.h"

#include <stdlib.h>
#include <unistd.h>

bool dcl_bundled_file(const char *name, char *path, size_t size)
{
    const char *const folders[] = {getenv("DETCL_MODELS"), DETCL_INSTALLED_MODELS,
                                   DETCL_SOURCE_MODELS};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!folders[i] || !*folders[i])
            continue;
        const int n = snprintf(path, size, "%s/%s", folders[i], name);
        if (n > 0 && (size_t)n < size && access(path, R_OK) == 0)
            return true;
    }
    return false;
}
