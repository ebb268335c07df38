// The kernels for x86 with AVX-512.
#if defined(__x86_64__)
#include "CKernels.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"), min_vector_width(512))), \
    apply_to = function)
#define VL 16
#define MAX_ROWS 13
#define ENGINE avx512
#include "engine_table.h"
#pragma clang attribute pop
#endif
