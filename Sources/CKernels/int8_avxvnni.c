// Sums of bytes for x86 with AVX2 and AVX-VNNI: four products a lane and instruction.
#if defined(__x86_64__)
#include "CKernels.h"
#include "multiversion.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avxvnni"), min_vector_width(256))), apply_to = function)
#define VL 8
#define MAX_ROWS 6
#define DEPTH 4
#define ENGINE avxvnni

typedef int32_t ivec __attribute__((ext_vector_type(VL)));

CK_INLINE ivec dot(ivec sum, ivec a, ivec b) {
  return (ivec)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)a, (__m256i)b);
}
// sum + a * b for lanes that fit 16 bits, those of a without sign.
CK_INLINE ivec multiply_add(ivec sum, ivec a, ivec b) {
  return (ivec)_mm256_dpwssd_avx_epi32((__m256i)sum, (__m256i)a, (__m256i)b);
}

#include "int8_kernels.h"
#pragma clang attribute pop
#endif
