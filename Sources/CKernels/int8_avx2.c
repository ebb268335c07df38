// Sums of bytes for x86 with AVX2. Its products of bytes saturate at 16 bits, so bytes are widened: two
// exact products a lane and instruction.
#if defined(__x86_64__)
#include "CKernels.h"
#include "multiversion.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma"), min_vector_width(256))), apply_to = function)
#define VL 8
#define MAX_ROWS 6
#define DEPTH 2
#define ENGINE avx2

typedef int32_t ivec __attribute__((ext_vector_type(VL)));

CK_INLINE ivec dot(ivec sum, ivec a, ivec b) {
  return sum + (ivec)_mm256_madd_epi16((__m256i)a, (__m256i)b);
}
// sum + a * b for lanes that fit 16 bits, those of a without sign.
CK_INLINE ivec multiply_add(ivec sum, ivec a, ivec b) {
  return dot(sum, a, b);
}

#include "int8_kernels.h"
#pragma clang attribute pop
#endif
