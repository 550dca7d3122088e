#include "relu.h"

int main(void)
{
    return relu();
}
