/* Matrices of floats with rows and columns exchanged, for the CPU device. */
#ifndef DCL_CORE_TRANSPOSE_H
#define DCL_CORE_TRANSPOSE_H

#include <stdint.h>

/* to[j * to_step + i] = from[i * from_step + j] for i < rows, j < columns. */
void dcl_transpose(const float *from, int64_t from_step, int64_t rows, int64_t columns, float *to,
                   int64_t to_step);

#endif
