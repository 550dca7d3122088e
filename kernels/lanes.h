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
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
typedef JOIN(float, LANES) vec;
typedef JOIN(int, LANES) ivec;
#define VLOAD(i, p) JOIN(vload, LANES)(i, p)
#define VSTORE(v, i, p) JOIN(vstore, LANES)(v, i, p)
#define AS_VEC JOIN(as_float, LANES)
#define AS_IVEC JOIN(as_int, LANES)
#endif
#define UNROLL _Pragma("unroll")
