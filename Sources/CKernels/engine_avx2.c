// The kernels for x86 with AVX2 and FMA.
#if defined(__x86_64__)
#include "CKernels.h"

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma"), min_vector_width(256))), apply_to = function)
#define VL 8
#define MAX_ROWS 6
#define ENGINE avx2
#include "engine_table.h"
#pragma clang attribute pop
#endif
