// Floats as the upper halves of their bits (bfloat16), and back. All in whole numbers, so that every
// instruction set gives the same bits, for denormals too; AVX-512's own conversion flushes those.
#ifndef BFLOAT16_H
#define BFLOAT16_H

#include "simd.h"

typedef uint32_t words __attribute__((ext_vector_type(VL)));
typedef words words_anywhere __attribute__((aligned(4)));
typedef uint16_t halves __attribute__((ext_vector_type(VL)));
typedef halves halves_anywhere __attribute__((aligned(2)));

// To the nearest, of two that are as near to the even one. NaN keeps its sign and upper bits and is quiet.
#define NEAREST_HALF(bits) (((bits) + 0x7fffu + (((bits) >> 16) & 1u)) >> 16)
#define IS_NAN(bits) (((bits) & 0x7fffffffu) > 0x7f800000u)
#define QUIET_HALF(bits) (((bits) >> 16) | 0x40u)

static void narrow(const float *x, size_t count, uint16_t *y) {
  size_t i = 0;
  for (; i + VL <= count; i += VL) {
    words bits = *(const words_anywhere *)(const void *)(x + i);
    words half = IS_NAN(bits) ? QUIET_HALF(bits) : NEAREST_HALF(bits);
    *(halves_anywhere *)(void *)(y + i) = __builtin_convertvector(half, halves);
  }
  for (; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    y[i] = (uint16_t)(IS_NAN(bits) ? QUIET_HALF(bits) : NEAREST_HALF(bits));
  }
}

static void widen(const uint16_t *x, size_t count, float *y) {
  size_t i = 0;
  for (; i + VL <= count; i += VL) {
    halves half = *(const halves_anywhere *)(const void *)(x + i);
    *(words_anywhere *)(void *)(y + i) = __builtin_convertvector(half, words) << 16;
  }
  for (; i < count; i++) {
    uint32_t bits = (uint32_t)x[i] << 16;
    memcpy(y + i, &bits, sizeof bits);
  }
}

#endif
