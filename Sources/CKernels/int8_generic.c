// Sums of bytes in vectors of four, for any CPU; bytes are widened to 16 bits.
#include "CKernels.h"
#include "multiversion.h"

#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#define VL 4
#if defined(__aarch64__)
#define MAX_ROWS 13
#else
#define MAX_ROWS 6
#endif
#define DEPTH 2
#define ENGINE generic

typedef int32_t ivec __attribute__((ext_vector_type(VL)));

CK_INLINE ivec dot(ivec sum, ivec a, ivec b) {
#if defined(__x86_64__)
  return sum + (ivec)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  // The lower and the upper halves of each lane.
  return sum + ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
}
// sum + a * b for lanes that fit 16 bits, those of a without sign.
CK_INLINE ivec multiply_add(ivec sum, ivec a, ivec b) {
#if defined(__x86_64__)
  return dot(sum, a, b);
#else
  return sum + a * b;
#endif
}

#include "int8_kernels.h"
