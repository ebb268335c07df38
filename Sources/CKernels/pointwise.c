// Elementwise operations. Reductions run over a fixed number of lanes, so that the order of
// additions depends on nothing but the count.
#include "activation.h"

#include <stdlib.h>

CK_KERNEL
void ck_activate(ck_activation f, const float *x, float *y, size_t count) {
  FOR_ACTIVATION(f, CK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = activate(F, x[i]))
}

CK_KERNEL
void ck_activate_backward(
    ck_activation f, const float *x, const float *dy, float *dx, size_t count) {
  FOR_ACTIVATION(f, CK_ELEMENTWISE for (size_t i = 0; i < count; i++) dx[i] = dy[i] * slope(F, x[i]))
}

CK_KERNEL
void ck_activate_backward_from_output(
    ck_activation f, const float *y, const float *dy, float *dx, size_t count) {
  FOR_ACTIVATION(f, CK_ELEMENTWISE for (size_t i = 0; i < count; i++) dx[i] = dy[i] * slope_from_output(F, y[i]))
}

CK_KERNEL
void ck_scale_shift_activate(
    ck_activation f, const float *x, const float *restrict scale, const float *restrict shift,
    float *y, size_t rows, size_t channels) {
  FOR_ACTIVATION(f, for (size_t r = 0; r < rows; r++) {
    const float *in = x + r * channels;
    float *out = y + r * channels;
    CK_ELEMENTWISE
    for (size_t c = 0; c < channels; c++) out[c] = activate(F, in[c] * scale[c] + shift[c]);
  })
}

CK_KERNEL
void ck_affine_activate(
    ck_activation f, const float *restrict scale, const float *restrict bias, float *y,
    size_t stride, size_t rows, size_t channels) {
  if (!scale && !bias && f == CK_LINEAR) return;
  FOR_ACTIVATION(f, for (size_t r = 0; r < rows; r++) {
    float *out = y + r * stride;
    if (scale)
      for (size_t c = 0; c < channels; c++) out[c] *= scale[c];
    if (bias)
      for (size_t c = 0; c < channels; c++) out[c] = activate(F, out[c] + bias[c]);
    else
      for (size_t c = 0; c < channels; c++) out[c] = activate(F, out[c]);
  })
}

CK_KERNEL
void ck_fill(float *y, float value, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = value;
}

CK_KERNEL
void ck_add(const float *a, const float *b, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

CK_KERNEL
void ck_axpy(float a, const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += a * x[i];
}

CK_KERNEL
void ck_scale(float a, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] *= a;
}

CK_KERNEL
void ck_multiply(const float *x, const float *m, float *y, size_t count, bool accumulate) {
  if (accumulate)
    for (size_t i = 0; i < count; i++) y[i] += x[i] * m[i];
  else
    for (size_t i = 0; i < count; i++) y[i] = x[i] * m[i];
}

CK_KERNEL
double ck_sum_of_squares(const float *x, size_t count) {
  double lanes[16] = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (size_t k = 0; k < 16; k++) lanes[k] += (double)x[i + k] * x[i + k];
  double sum = 0;
  for (; i < count; i++) sum += (double)x[i] * x[i];
  for (size_t k = 0; k < 16; k++) sum += lanes[k];
  return sum;
}

CK_KERNEL
bool ck_all_finite(const float *x, size_t count) {
  uint32_t bad = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bad |= (bits & 0x7f800000u) == 0x7f800000u;
  }
  return bad == 0;
}

CK_KERNEL
void ck_copy_rows(
    const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows, size_t width,
    bool accumulate) {
  for (size_t r = 0; r < rows; r++) {
    const float *in = x + r * x_stride;
    float *out = y + r * y_stride;
    if (accumulate)
      for (size_t i = 0; i < width; i++) out[i] += in[i];
    else
      memcpy(out, in, width * sizeof(float));
  }
}

CK_KERNEL
void ck_softmax(const float *x, float *y, size_t rows, size_t count) {
  for (size_t r = 0; r < rows; r++) {
    const float *in = x + r * count;
    float *out = y + r * count;
    float largest = -INFINITY;
    for (size_t i = 0; i < count; i++) largest = in[i] > largest ? in[i] : largest;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
      out[i] = fast_exp(in[i] - largest);
      sum += out[i];
    }
    float inverse = (float)(1.0 / sum);
    for (size_t i = 0; i < count; i++) out[i] *= inverse;
  }
}

CK_KERNEL
void ck_softmax_backward(
    const float *y, const float *dy, float *dx, size_t rows, size_t count, bool accumulate) {
  for (size_t r = 0; r < rows; r++) {
    const float *p = y + r * count, *d = dy + r * count;
    float *out = dx + r * count;
    double dot = 0;
    for (size_t i = 0; i < count; i++) dot += (double)p[i] * d[i];
    for (size_t i = 0; i < count; i++) {
      float g = p[i] * (d[i] - (float)dot);
      out[i] = accumulate ? out[i] + g : g;
    }
  }
}
