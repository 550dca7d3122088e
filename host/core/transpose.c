#include "core/transpose.h"
#include "core/simd.h"

#include <string.h>

#define SIDE 16

/* Four perfect shuffles of its elements transpose a square, and vectorise. */
DCL_VECTORISED static void transpose_square(const float *from, int64_t from_step, float *to,
                                            int64_t to_step)
{
    enum { HALF = SIDE * SIDE / 2 };
    float a[2 * HALF], b[2 * HALF];
    for (int i = 0; i < SIDE; i++)
        memcpy(a + SIDE * i, from + i * from_step, SIDE * sizeof *a);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < HALF; i++) {
            b[2 * i] = a[i];
            b[2 * i + 1] = a[i + HALF];
        }
        for (int i = 0; i < HALF; i++) {
            a[2 * i] = b[i];
            a[2 * i + 1] = b[i + HALF];
        }
    }
    for (int i = 0; i < SIDE; i++)
        memcpy(to + i * to_step, a + SIDE * i, SIDE * sizeof *a);
}

void dcl_transpose(const float *from, int64_t from_step, int64_t rows, int64_t columns, float *to,
                   int64_t to_step)
{
    const int64_t whole_rows = rows / SIDE * SIDE, whole = columns / SIDE * SIDE;
    for (int64_t j = 0; j < whole; j += SIDE)
        for (int64_t i = 0; i < whole_rows; i += SIDE)
            transpose_square(from + i * from_step + j, from_step, to + j * to_step + i, to_step);
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = j < whole ? whole_rows : 0; i < rows; i++)
            to[j * to_step + i] = from[i * from_step + j];
}
