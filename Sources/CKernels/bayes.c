// Elementwise parts of the Bayesian convolution.
#include "CKernels.h"
#include "multiversion.h"

CK_KERNEL
void ck_square(float scale, const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = scale * x[i] * x[i];
}

CK_KERNEL
void ck_square_backward(const float *x, const float *d, float *dx, size_t count, bool accumulate) {
  if (accumulate)
    for (size_t i = 0; i < count; i++) dx[i] += 2.0f * x[i] * d[i];
  else
    for (size_t i = 0; i < count; i++) dx[i] = 2.0f * x[i] * d[i];
}

CK_KERNEL
void ck_add_noise(
    const float *mean, const float *variance, const float *noise, float floor, float *y,
    size_t count) {
  for (size_t i = 0; i < count; i++)
    y[i] = mean[i] + noise[i] * __builtin_elementwise_sqrt(variance[i] + floor);
}

CK_KERNEL
void ck_add_noise_backward(
    const float *dy, const float *variance, const float *noise, float floor, float *dv,
    size_t count) {
  for (size_t i = 0; i < count; i++)
    dv[i] = dy[i] * noise[i] / (2.0f * __builtin_elementwise_sqrt(variance[i] + floor));
}
