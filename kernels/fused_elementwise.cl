/* y[row, column] = an expression over elements of the operands, by a program of six words an
 * instruction (host/ops/fused_elementwise.h): code, which, first, step, alpha, beta.
 * Mapping: one work-item WIDTH x SETS rows, so that reading an instruction costs little beside it;
 * bound rows (the last row is computed again beyond it). DEPTH values wait on the stack at most. */
#if WIDTH == 1
typedef float vec;
#else
typedef CAT(float, WIDTH) vec;
#endif
#define EACH_SET _Pragma("unroll") for (int s = 0; s < SETS; s++)

enum { LOAD, NUMBER, UNARY, BINARY, STORE };     /* enum dcl_elementwise_code */
enum { ADD, SUB, MUL, MAX, MIN, PRELU, DIVIDE }; /* enum dcl_binary */
#define EXP 10                                   /* after the activations of common.cl */

DEFINE_UNIT(vec, activate)
DEFINE_ACTIVATE(vec, activate)

static vec binary(const int which, const vec a, const vec b)
{
    switch (which) {
    case ADD:
        return a + b;
    case SUB:
        return a - b;
    case MUL:
        return a * b;
    case MAX:
        return (a > b) | isnan(a) ? a : b;
    case MIN:
        return (a < b) | isnan(a) ? a : b;
    default:
        return a / b;
    }
}

/* Elements `step` apart, those beyond `last` as the last. */
static vec fetch(global const float *from, const int row, const int last, const int step)
{
#if WIDTH == 1
    return from[min(row, last) * step];
#else
    if (step == 0)
        return (vec)from[0];
    if (step == 1 && row + WIDTH - 1 <= last)
        return CAT(vload, WIDTH)(0, from + row);
#if WIDTH == 16
    if (row + WIDTH <= last) { /* one row more is there: whole vectors are inside */
        global const float *at = from + row * step;
        if (step == 2)
            return (vec)(vload16(0, at).even, vload16(1, at).even);
        if (step == 4)
            return (vec)(vload16(0, at).s048c, vload16(1, at).s048c, vload16(2, at).s048c,
                         vload16(3, at).s048c);
    }
#endif
    float lanes[WIDTH];
    _Pragma("unroll") for (int i = 0; i < WIDTH; i++) lanes[i] = from[min(row + i, last) * step];
    return CAT(vload, WIDTH)(0, lanes);
#endif
}

static void store(const vec v, global float *to, const int row, const int rows, const int columns)
{
#if WIDTH == 1
    if (row < rows)
        to[row * columns] = v;
#else
    float lanes[WIDTH];
    CAT(vstore, WIDTH)(v, 0, lanes);
    for (int i = 0; i < min(WIDTH, rows - row); i++)
        to[(row + i) * columns] = lanes[i];
#endif
}

KERNEL void CHAINED(fused_elementwise_f32)(TENSOR(const int, program), TENSOR(const float, a),
                                           TENSOR(const float, b), TENSOR(const float, c),
                                           TENSOR(const float, d), TENSOR(const float, e),
                                           TENSOR(const float, f), TENSOR(float, y), const int n,
                                           const int rows, const int columns PLACED)
{
    OPEN(program);
    OPEN(a);
    OPEN(b);
    OPEN(c);
    OPEN(d);
    OPEN(e);
    OPEN(f);
    OPEN(y);
    const int start = ID(0) * (WIDTH * SETS);
    if (start >= rows)
        return;
    vec stack[DEPTH][SETS];
    int top = -1;
    for (int i = 0; i < n; i++, program += 6) {
        const int which = program[1], first = program[2];
        const float alpha = as_float(program[4]), beta = as_float(program[5]);
        switch (program[0]) {
        case LOAD: {
            global const float *from = which == 1   ? a
                                       : which == 2 ? b
                                       : which == 3 ? c
                                       : which == 4 ? d
                                       : which == 5 ? e
                                                    : f;
            top++;
            EACH_SET stack[top][s] = fetch(from + first, start + s * WIDTH, rows - 1, program[3]);
            break;
        }
        case NUMBER:
            top++;
            EACH_SET stack[top][s] = (vec)alpha;
            break;
        case UNARY:
            EACH_SET stack[top][s] =
                which == EXP ? exp(stack[top][s]) : activate(which, alpha, beta, stack[top][s]);
            break;
        case BINARY:
            top--;
            EACH_SET stack[top][s] = binary(which, stack[top][s], stack[top + 1][s]);
            break;
        default:
            EACH_SET store(stack[top][s], y + which, start + s * WIDTH, rows, columns);
            top--;
        }
    }
}
