// Every public header in C++.
#include "detcl/detcl.h"
#if __has_include("CL/cl.h")
#include "detcl/opencl.h"
#endif

#include "../relu.h"

int main()
{
    return relu();
}
