// Vectors of VL floats. The including file sets VL and, around it, the instruction set.
#ifndef SIMD_H
#define SIMD_H

#include "ckernels_engine.h"
#include "multiversion.h"

#include <string.h>

typedef float vec __attribute__((ext_vector_type(VL)));
typedef vec vec_anywhere __attribute__((aligned(4)));

CK_INLINE vec load(const float *p) { return *(const vec_anywhere *)p; }
CK_INLINE void store(float *p, vec v) { *(vec_anywhere *)p = v; }

// Of a part of a vector: load_part gives zeros behind the first `count` floats, which must be below VL;
// store_part leaves what lies behind them.
#if VL == 16
CK_INLINE vec load_part(const float *p, size_t count) {
  return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}
CK_INLINE void store_part(float *p, vec v, size_t count) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), v);
}
#elif VL == 8
CK_INLINE __m256i first_lanes(size_t count) {
  return _mm256_cmpgt_epi32(
      _mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
CK_INLINE vec load_part(const float *p, size_t count) {
  return _mm256_maskload_ps(p, first_lanes(count));
}
CK_INLINE void store_part(float *p, vec v, size_t count) {
  _mm256_maskstore_ps(p, first_lanes(count), v);
}
#else
CK_INLINE vec load_part(const float *p, size_t count) {
  float lanes[VL] __attribute__((aligned(64))) = {0};
  for (size_t i = 0; i < count; i++) lanes[i] = p[i];
  return load(lanes);
}
CK_INLINE void store_part(float *p, vec v, size_t count) {
  float lanes[VL] __attribute__((aligned(64)));
  store(lanes, v);
  for (size_t i = 0; i < count; i++) p[i] = lanes[i];
}
#endif

// The first `count` floats, then zeros.
CK_INLINE vec load_some(const float *p, size_t count) {
  return count >= VL ? load(p) : load_part(p, count);
}

CK_INLINE void store_some(float *p, vec v, size_t count) {
  if (count >= VL)
    store(p, v);
  else
    store_part(p, v, count);
}

// Linear, leaky, relu, relu6; NaN stays NaN.
CK_INLINE vec activate_vector(ck_activation f, vec z) {
  switch (f) {
    case CK_LEAKY: return z > 0 ? z : 0.1f * z;
    case CK_RELU: return z > 0 ? z : (vec)0;
    case CK_RELU6: z = z > 0 ? z : (vec)0; return z < 6 ? z : (vec)6;
    default: return z;
  }
}

// Scale, bias and residual of a vector of columns.
typedef struct {
  vec scale, bias;
} affine;

CK_INLINE affine affine_of(const ck_epilogue *e, size_t column, size_t count) {
  return (affine){
      .scale = e->scale ? load_some(e->scale + column, count) : (vec)1,
      .bias = e->bias ? load_some(e->bias + column, count) : (vec)0};
}

// What is stored for a sum z whose place in C has the residual r.
CK_INLINE vec finish(ck_activation f, const ck_epilogue *e, affine a, vec z, vec r) {
  z = z * a.scale + a.bias;
  return e->residual_first ? activate_vector(f, z + r) : activate_vector(f, z) + r;
}

#endif
