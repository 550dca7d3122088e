/* LANES neighbouring channels of one pixel as one vector `vec` (a float where LANES is 1). No
 * alignment beyond that of a float is assumed. */
#if LANES == 1
typedef float vec;
typedef int ivec;
#define VLOAD(i, p) ((p)[i])
#define VSTORE(v, i, p) ((p)[i] = (v))
#define AS_VEC as_float
#define AS_IVEC as_int
#else
typedef CAT(float, LANES) vec;
typedef CAT(int, LANES) ivec;
#define VLOAD(i, p) CAT(vload, LANES)(i, p)
#define VSTORE(v, i, p) CAT(vstore, LANES)(v, i, p)
#define AS_VEC CAT(as_float, LANES)
#define AS_IVEC CAT(as_int, LANES)
#endif
#define UNROLL _Pragma("unroll")
/* A whole vector to global memory at the alignment of a float: PoCL makes four stores of a
 * vstore16. */
#if defined(GPU) || LANES == 1
#define STORE VSTORE
#else
typedef vec loose_vec __attribute__((aligned(4)));
#define STORE(v, i, p) (((global loose_vec *)(p))[i] = (v))
#endif
