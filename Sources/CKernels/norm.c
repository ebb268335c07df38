// Batch normalisation over rows of an NHWC tensor: statistics of a block of rows, and the two
// passes of backward with the activation's slope recomputed from the pre-activation.
#include "activation.h"

CK_KERNEL
void ck_column_sums(const float *x, size_t rows, size_t channels, float *restrict out) {
  memset(out, 0, channels * sizeof(float));
  for (size_t r = 0; r < rows; r++) {
    const float *in = x + r * channels;
    for (size_t c = 0; c < channels; c++) out[c] += in[c];
  }
}

// Sums are taken of differences to the first row: their rounding is relative to the deviation of a
// channel, not to its mean.
CK_KERNEL
void ck_moments(
    const float *x, size_t rows, size_t channels, float *restrict mean, float *restrict m2) {
  memset(mean, 0, channels * sizeof(float));
  for (size_t r = 1; r < rows; r++) {
    const float *in = x + r * channels;
    for (size_t c = 0; c < channels; c++) mean[c] += in[c] - x[c];
  }
  float inverse = 1.0f / (float)rows;
  for (size_t c = 0; c < channels; c++) {
    mean[c] = x[c] + mean[c] * inverse;
    m2[c] = 0;
  }
  for (size_t r = 0; r < rows; r++) {
    const float *in = x + r * channels;
    for (size_t c = 0; c < channels; c++) {
      float d = in[c] - mean[c];
      m2[c] += d * d;
    }
  }
}

CK_KERNEL
void ck_norm_backward_reduce(
    ck_activation f, const float *z, const float *da, const float *restrict mean,
    const float *restrict inverse, const float *restrict scale, const float *restrict bias,
    size_t rows, size_t channels, float *restrict d_bias, float *restrict d_scale) {
  memset(d_bias, 0, channels * sizeof(float));
  memset(d_scale, 0, channels * sizeof(float));
  FOR_ACTIVATION(f, for (size_t r = 0; r < rows; r++) {
    const float *in = z + r * channels;
    const float *d = da + r * channels;
    for (size_t c = 0; c < channels; c++) {
      float xhat = (in[c] - mean[c]) * inverse[c];
      float dy = d[c] * slope(F, scale[c] * xhat + bias[c]);
      d_bias[c] += dy;
      d_scale[c] += dy * xhat;
    }
  })
}

CK_KERNEL
void ck_norm_backward_apply(
    ck_activation f, const float *z, const float *da, const float *restrict mean,
    const float *restrict inverse, const float *restrict scale, const float *restrict bias,
    const float *restrict mean_dy, const float *restrict mean_dy_xhat, size_t rows,
    size_t channels, float *dz) {
  FOR_ACTIVATION(f, for (size_t r = 0; r < rows; r++) {
    const float *in = z + r * channels;
    const float *d = da + r * channels;
    float *out = dz + r * channels;
    CK_ELEMENTWISE
    for (size_t c = 0; c < channels; c++) {
      float xhat = (in[c] - mean[c]) * inverse[c];
      float dy = d[c] * slope(F, scale[c] * xhat + bias[c]);
      out[c] = scale[c] * inverse[c] * (dy - mean_dy[c] - xhat * mean_dy_xhat[c]);
    }
  })
}
