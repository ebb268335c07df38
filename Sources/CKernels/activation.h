// Scalar activation functions that compilers vectorise: no branches, no libm.
#ifndef ACTIVATION_H
#define ACTIVATION_H

#include "CKernels.h"
#include "multiversion.h"

#include <math.h>
#include <string.h>

// e^x = scale * (1 + q), for x in [-87, 88]; clamped outside. Returns scale, a power of 2.
CK_INLINE float exp_parts(float x, float *q) {
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
  *q = p * r * r + r;
  int32_t bits = ((int32_t)n + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  return scale;
}

// e^x, relative error below 2e-7 for x in [-87, 88]; clamped outside.
CK_INLINE float fast_exp(float x) {
  float q, scale = exp_parts(x, &q);
  return (q + 1.0f) * scale;
}

// e^x - 1 without cancellation near 0.
CK_INLINE float fast_expm1(float x) {
  float q, scale = exp_parts(x, &q);
  return q * scale + (scale - 1.0f);
}

CK_INLINE float logistic(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

// tanh(ln(1 + e^x)) without cancellation: with e = e^x it is e(e + 2) / (e(e + 2) + 2).
CK_INLINE float tanh_softplus(float x) {
  float e = fast_exp(x > 20.0f ? 20.0f : x);
  float n = e * (e + 2.0f);
  return n / (n + 2.0f);
}

// tanh(x / 2).
CK_INLINE float tanh_half(float x) {
  float t = fast_expm1(x);
  return t / (t + 2.0f);
}

// Twice the argument of GELU's tanh, sqrt(2 / pi) * (x + 0.044715 * x^3), and its slope. At 10 the
// function is its asymptote in single precision.
CK_INLINE float gelu_argument(float x, float *slope) {
  x = x < -10.0f ? -10.0f : x;
  x = x > 10.0f ? 10.0f : x;
  *slope = 1.5957691216f * (1.0f + 3 * 0.044715f * x * x);
  return 1.5957691216f * x * (1.0f + 0.044715f * x * x);
}

// Darknet's digits of SELU's lambda and lambda * alpha.
#define SELU_SCALE 1.0507f
#define SELU_LIMIT (1.0507f * 1.6732f)

CK_INLINE float activate(ck_activation f, float x) {
  switch (f) {
    case CK_LINEAR: return x;
    case CK_LEAKY: return x > 0.0f ? x : 0.1f * x;
    case CK_RELU: return x > 0.0f ? x : 0.0f;
    case CK_RELU6: return x > 0.0f ? (x < 6.0f ? x : 6.0f) : 0.0f;
    case CK_LOGISTIC: return logistic(x);
    case CK_MISH: return x * tanh_softplus(x);
    case CK_SWISH: return x * logistic(x);
    case CK_HARD_MISH: return x > 0.0f ? x : x < -2.0f ? 0.0f : x * (0.5f * x + 1.0f);
    case CK_GELU: {
      float unused;
      return x * logistic(gelu_argument(x, &unused));
    }
    case CK_ELU: return x > 0.0f ? x : fast_expm1(x);
    case CK_SELU: return x > 0.0f ? SELU_SCALE * x : SELU_LIMIT * fast_expm1(x);
    case CK_TANH: return tanh_half(2.0f * x);
    case CK_LOGGY: return tanh_half(x);
    case CK_HARDTAN: return x < -1.0f ? -1.0f : x > 1.0f ? 1.0f : x;
    case CK_RELIE: return x > 0.0f ? x : 0.01f * x;
    case CK_RAMP: return x > 0.0f ? 1.1f * x : 0.1f * x;
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
    case CK_HARD_MISH: return x > 0.0f ? 1.0f : x < -2.0f ? 0.0f : x + 1.0f;
    case CK_GELU: {
      float inner, s = logistic(gelu_argument(x, &inner));
      x = x < -10.0f ? -10.0f : x;
      return s + x * s * (1.0f - s) * inner;
    }
    case CK_ELU: return x > 0.0f ? 1.0f : fast_exp(x);
    case CK_SELU: return x > 0.0f ? SELU_SCALE : SELU_LIMIT * fast_exp(x);
    case CK_TANH: {
      float t = tanh_half(2.0f * x);
      return 1.0f - t * t;
    }
    case CK_LOGGY: {
      float t = tanh_half(x);
      return 0.5f - 0.5f * t * t;
    }
    case CK_HARDTAN: return x > -1.0f && x < 1.0f ? 1.0f : 0.0f;
    case CK_RELIE: return x > 0.0f ? 1.0f : 0.01f;
    case CK_RAMP: return x > 0.0f ? 1.1f : 0.1f;
  }
  return 1.0f;
}

// f'(x) from y = f(x); meaningless for mish, swish, hard_mish and gelu. The others that are not named
// are piecewise linear, and y lies on the side of their bends on which x does.
CK_INLINE float slope_from_output(ck_activation f, float y) {
  switch (f) {
    case CK_LOGISTIC: return y * (1.0f - y);
    case CK_ELU: return y > 0.0f ? 1.0f : y + 1.0f;
    case CK_SELU: return y > 0.0f ? SELU_SCALE : y + SELU_LIMIT;
    case CK_TANH: return 1.0f - y * y;
    case CK_LOGGY: return 0.5f - 0.5f * y * y;
    default: return slope(f, y);
  }
}

// Repeats a statement with the activation as a compile-time constant.
#define WITH_ACTIVATION(name, statement) \
  case name: {                           \
    enum { F = name };                   \
    statement;                           \
  } break;
#define FOR_ACTIVATION(f, statement)           \
  switch (f) {                                 \
    WITH_ACTIVATION(CK_LINEAR, statement)      \
    WITH_ACTIVATION(CK_LEAKY, statement)       \
    WITH_ACTIVATION(CK_RELU, statement)        \
    WITH_ACTIVATION(CK_RELU6, statement)       \
    WITH_ACTIVATION(CK_LOGISTIC, statement)    \
    WITH_ACTIVATION(CK_MISH, statement)        \
    WITH_ACTIVATION(CK_SWISH, statement)       \
    WITH_ACTIVATION(CK_HARD_MISH, statement)   \
    WITH_ACTIVATION(CK_GELU, statement)        \
    WITH_ACTIVATION(CK_ELU, statement)         \
    WITH_ACTIVATION(CK_SELU, statement)        \
    WITH_ACTIVATION(CK_TANH, statement)        \
    WITH_ACTIVATION(CK_LOGGY, statement)       \
    WITH_ACTIVATION(CK_HARDTAN, statement)     \
    WITH_ACTIVATION(CK_RELIE, statement)       \
    WITH_ACTIVATION(CK_RAMP, statement)        \
  }

#endif
