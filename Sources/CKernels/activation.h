// Scalar activation functions that compilers vectorise: no branches, no libm.
#ifndef ACTIVATION_H
#define ACTIVATION_H

#include "CKernels.h"
#include "multiversion.h"

#include <math.h>
#include <string.h>

// e^x, relative error below 2e-7 for x in [-87, 88]; clamped outside.
CK_INLINE float fast_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  float n = __builtin_rintf(x * 1.44269504f);
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t bits = ((int32_t)n + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

CK_INLINE float logistic(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

// tanh(ln(1 + e^x)) without cancellation: with e = e^x it is e(e + 2) / (e(e + 2) + 2).
CK_INLINE float tanh_softplus(float x) {
  float e = fast_exp(x > 20.0f ? 20.0f : x);
  float n = e * (e + 2.0f);
  return n / (n + 2.0f);
}

CK_INLINE float activate(ck_activation f, float x) {
  switch (f) {
    case CK_LINEAR: return x;
    case CK_LEAKY: return x > 0.0f ? x : 0.1f * x;
    case CK_RELU: return x > 0.0f ? x : 0.0f;
    case CK_RELU6: return x > 0.0f ? (x < 6.0f ? x : 6.0f) : 0.0f;
    case CK_LOGISTIC: return logistic(x);
    case CK_MISH: return x * tanh_softplus(x);
    case CK_SWISH: return x * logistic(x);
  }
  return x;
}

// f'(x) from x.
CK_INLINE float slope(ck_activation f, float x) {
  switch (f) {
    case CK_LINEAR: return 1.0f;
    case CK_LEAKY: return x > 0.0f ? 1.0f : 0.1f;
    case CK_RELU: return x > 0.0f ? 1.0f : 0.0f;
    case CK_RELU6: return x > 0.0f && x < 6.0f ? 1.0f : 0.0f;
    case CK_LOGISTIC: {
      float s = logistic(x);
      return s * (1.0f - s);
    }
    case CK_MISH: {
      float t = tanh_softplus(x);
      return t + x * (1.0f - t * t) * logistic(x);
    }
    case CK_SWISH: {
      float s = logistic(x);
      return s + x * s * (1.0f - s);
    }
  }
  return 1.0f;
}

// f'(x) from y = f(x); meaningless for mish and swish.
CK_INLINE float slope_from_output(ck_activation f, float y) {
  return f == CK_LOGISTIC ? y * (1.0f - y) : slope(f, y);
}

// Repeats a statement with the activation as a compile-time constant.
#define FOR_ACTIVATION(f, statement)                                  \
  switch (f) {                                                        \
    case CK_LINEAR: { enum { F = CK_LINEAR }; statement; } break;     \
    case CK_LEAKY: { enum { F = CK_LEAKY }; statement; } break;       \
    case CK_RELU: { enum { F = CK_RELU }; statement; } break;         \
    case CK_RELU6: { enum { F = CK_RELU6 }; statement; } break;       \
    case CK_LOGISTIC: { enum { F = CK_LOGISTIC }; statement; } break; \
    case CK_MISH: { enum { F = CK_MISH }; statement; } break;         \
    case CK_SWISH: { enum { F = CK_SWISH }; statement; } break;       \
  }

#endif
