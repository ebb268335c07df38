// Sums of bytes for x86 with AVX-512 and its VNNI: four products a lane and instruction.
#if defined(__x86_64__)
#include "CKernels.h"
#include "multiversion.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512vnni,avx2,fma"), \
                   min_vector_width(512))), \
    apply_to = function)
#define VL 16
#define MAX_ROWS 13
#define DEPTH 4
#define ENGINE avx512vnni

typedef int32_t ivec __attribute__((ext_vector_type(VL)));

CK_INLINE ivec dot(ivec sum, ivec a, ivec b) {
  return (ivec)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
}
// sum + a * b for lanes that fit 16 bits, those of a without sign.
CK_INLINE ivec multiply_add(ivec sum, ivec a, ivec b) {
  return (ivec)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
}

#include "int8_kernels.h"
#pragma clang attribute pop
#endif
