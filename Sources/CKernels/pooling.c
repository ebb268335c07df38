// Maxima and means over windows of one NHWC image.
#include "window.h"

#include <math.h>
#include <string.h>

CK_KERNEL
void ck_maxpool(const float *x, const ck_pooling *w, size_t first, size_t last, float *y) {
  const size_t channels = w->channels;
  for (size_t p = first; p < last; p++) {
    ptrdiff_t y0 = (ptrdiff_t)(p * w->stride_y) - w->pad_top;
    size_t r0, r1;
    inside(y0, w->kernel_height, w->height, 1, &r0, &r1);
    for (size_t q = 0; q < w->out_width; q++) {
      ptrdiff_t x0 = (ptrdiff_t)(q * w->stride_x) - w->pad_left;
      size_t s0, s1;
      inside(x0, w->kernel_width, w->width, 1, &s0, &s1);
      float *restrict out = y + (p * w->out_width + q) * channels;
      for (size_t c = 0; c < channels; c++) out[c] = -INFINITY;
      for (size_t r = r0; r < r1; r++)
        for (size_t s = s0; s < s1; s++) {
          const float *in = x + ((size_t)(y0 + (ptrdiff_t)r) * w->width +
                                 (size_t)(x0 + (ptrdiff_t)s)) * channels;
          for (size_t c = 0; c < channels; c++) out[c] = in[c] > out[c] ? in[c] : out[c];
        }
    }
  }
}

typedef uint8_t bytes16 __attribute__((ext_vector_type(16)));
typedef uint8_t bytes64 __attribute__((ext_vector_type(64)));
typedef bytes16 bytes16_anywhere __attribute__((aligned(1)));
typedef bytes64 bytes64_anywhere __attribute__((aligned(1)));

// Channels by vectors of a type, as many as are whole.
#define MAXIMA(TYPE)                                                                        \
  for (; c + sizeof(TYPE) <= channels; c += sizeof(TYPE)) {                                 \
    TYPE best = 0;                                                                          \
    for (size_t r = 0; r < rows; r++)                                                       \
      for (size_t s = 0; s < columns; s++) {                                                \
        TYPE value = *(const TYPE##_anywhere *)(in + r * line + s * channels + c);          \
        best = value > best ? value : best;                                                 \
      }                                                                                     \
    *(TYPE##_anywhere *)(out + c) = best;                                                   \
  }

CK_INLINE void maxima(
    const uint8_t *in, size_t rows, size_t columns, size_t line, size_t channels, uint8_t *out) {
  size_t c = 0;
  MAXIMA(bytes64)
  MAXIMA(bytes16)
  for (; c < channels; c++) {
    uint8_t best = 0;
    for (size_t r = 0; r < rows; r++)
      for (size_t s = 0; s < columns; s++) {
        uint8_t value = in[r * line + s * channels + c];
        best = value > best ? value : best;
      }
    out[c] = best;
  }
}

CK_KERNEL
void ck_maxpool_bytes(
    const uint8_t *x, const ck_pooling *w, size_t first, size_t last, uint8_t *y) {
  const size_t channels = w->channels, line = w->width * channels;
  for (size_t p = first; p < last; p++) {
    ptrdiff_t y0 = (ptrdiff_t)(p * w->stride_y) - w->pad_top;
    size_t r0, r1;
    inside(y0, w->kernel_height, w->height, 1, &r0, &r1);
    for (size_t q = 0; q < w->out_width; q++) {
      ptrdiff_t x0 = (ptrdiff_t)(q * w->stride_x) - w->pad_left;
      size_t s0, s1;
      inside(x0, w->kernel_width, w->width, 1, &s0, &s1);
      const uint8_t *in = x + (size_t)(y0 + (ptrdiff_t)r0) * line +
                          (size_t)(x0 + (ptrdiff_t)s0) * channels;
      uint8_t *out = y + (p * w->out_width + q) * channels;
      if (r1 - r0 == 2 && s1 - s0 == 2)
        maxima(in, 2, 2, line, channels, out);
      else
        maxima(in, r1 - r0, s1 - s0, line, channels, out);
    }
  }
}

// The gradient goes to the first maximum in row-major order, as in the forward comparison.
CK_KERNEL
void ck_maxpool_backward(
    const float *x, const float *dy, const ck_pooling *w, bool accumulate, float *dx) {
  const size_t channels = w->channels;
  enum { BLOCK = 64 };
  for (size_t p = 0; p < w->out_height; p++) {
    ptrdiff_t y0 = (ptrdiff_t)(p * w->stride_y) - w->pad_top;
    size_t r0, r1;
    inside(y0, w->kernel_height, w->height, 1, &r0, &r1);
    for (size_t q = 0; q < w->out_width; q++) {
      ptrdiff_t x0 = (ptrdiff_t)(q * w->stride_x) - w->pad_left;
      size_t s0, s1;
      inside(x0, w->kernel_width, w->width, 1, &s0, &s1);
      const float *d = dy + (p * w->out_width + q) * channels;
      for (size_t c0 = 0; c0 < channels; c0 += BLOCK) {
        size_t n = channels - c0 < BLOCK ? channels - c0 : BLOCK;
        float best[BLOCK];
        int32_t where[BLOCK];
        for (size_t c = 0; c < n; c++) {
          best[c] = -INFINITY;
          where[c] = -1;
        }
        for (size_t r = r0; r < r1; r++)
          for (size_t s = s0; s < s1; s++) {
            const float *in = x + ((size_t)(y0 + (ptrdiff_t)r) * w->width +
                                   (size_t)(x0 + (ptrdiff_t)s)) * channels + c0;
            int32_t tap = (int32_t)(r * w->kernel_width + s);
            CK_ELEMENTWISE
            for (size_t c = 0; c < n; c++) {
              bool larger = in[c] > best[c];
              where[c] = larger ? tap : where[c];
              best[c] = larger ? in[c] : best[c];
            }
          }
        for (size_t r = r0; r < r1; r++)
          for (size_t s = s0; s < s1; s++) {
            float *out = dx + ((size_t)(y0 + (ptrdiff_t)r) * w->width +
                               (size_t)(x0 + (ptrdiff_t)s)) * channels + c0;
            int32_t tap = (int32_t)(r * w->kernel_width + s);
            if (accumulate) {
              CK_ELEMENTWISE
              for (size_t c = 0; c < n; c++) out[c] += where[c] == tap ? d[c0 + c] : 0.0f;
            } else {
              CK_ELEMENTWISE
              for (size_t c = 0; c < n; c++) out[c] = where[c] == tap ? d[c0 + c] : 0.0f;
            }
          }
      }
    }
  }
}

CK_KERNEL
void ck_avgpool(const float *x, const ck_pooling *w, size_t first, size_t last, float *y) {
  const size_t channels = w->channels;
  for (size_t p = first; p < last; p++) {
    ptrdiff_t y0 = (ptrdiff_t)(p * w->stride_y) - w->pad_top;
    size_t r0, r1;
    inside(y0, w->kernel_height, w->height, 1, &r0, &r1);
    for (size_t q = 0; q < w->out_width; q++) {
      ptrdiff_t x0 = (ptrdiff_t)(q * w->stride_x) - w->pad_left;
      size_t s0, s1;
      inside(x0, w->kernel_width, w->width, 1, &s0, &s1);
      float *restrict out = y + (p * w->out_width + q) * channels;
      memset(out, 0, channels * sizeof(float));
      for (size_t r = r0; r < r1; r++)
        for (size_t s = s0; s < s1; s++) {
          const float *in = x + ((size_t)(y0 + (ptrdiff_t)r) * w->width +
                                 (size_t)(x0 + (ptrdiff_t)s)) * channels;
          for (size_t c = 0; c < channels; c++) out[c] += in[c];
        }
      float share = 1.0f / (float)((r1 - r0) * (s1 - s0));
      for (size_t c = 0; c < channels; c++) out[c] *= share;
    }
  }
}

CK_KERNEL
void ck_avgpool_backward(const float *dy, const ck_pooling *w, float *dx) {
  const size_t channels = w->channels;
  for (size_t p = 0; p < w->out_height; p++) {
    ptrdiff_t y0 = (ptrdiff_t)(p * w->stride_y) - w->pad_top;
    size_t r0, r1;
    inside(y0, w->kernel_height, w->height, 1, &r0, &r1);
    for (size_t q = 0; q < w->out_width; q++) {
      ptrdiff_t x0 = (ptrdiff_t)(q * w->stride_x) - w->pad_left;
      size_t s0, s1;
      inside(x0, w->kernel_width, w->width, 1, &s0, &s1);
      const float *restrict d = dy + (p * w->out_width + q) * channels;
      float share = 1.0f / (float)((r1 - r0) * (s1 - s0));
      for (size_t r = r0; r < r1; r++)
        for (size_t s = s0; s < s1; s++) {
          float *restrict out = dx + ((size_t)(y0 + (ptrdiff_t)r) * w->width +
                                      (size_t)(x0 + (ptrdiff_t)s)) * channels;
          for (size_t c = 0; c < channels; c++) out[c] += share * d[c];
        }
    }
  }
}
