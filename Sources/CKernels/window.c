// Operations over 2-D windows of one NHWC image: patches and resizing.
#include "window.h"

#include <string.h>

CK_KERNEL
void ck_im2col(
    const float *x, const ck_window *w, size_t channel, size_t channel_count, size_t first,
    size_t count, float *columns) {
  const size_t row = w->kernel_height * w->kernel_width * channel_count;
  const size_t line = w->kernel_width * channel_count;
  const ptrdiff_t step = (ptrdiff_t)w->dilation;
  for (size_t p = first; p < first + count; p++, columns += row) {
    ptrdiff_t y0 = (ptrdiff_t)(p / w->out_width * w->stride) - w->pad_top;
    ptrdiff_t x0 = (ptrdiff_t)(p % w->out_width * w->stride) - w->pad_left;
    size_t r0, r1, s0, s1;
    inside(y0, w->kernel_height, w->height, step, &r0, &r1);
    inside(x0, w->kernel_width, w->width, step, &s0, &s1);
    if (r1 - r0 < w->kernel_height || s1 - s0 < w->kernel_width)
      memset(columns, 0, row * sizeof(float));
    if (s0 == s1) continue;
    for (size_t r = r0; r < r1; r++) {
      const float *in = x + ((size_t)(y0 + (ptrdiff_t)r * step) * w->width +
                             (size_t)(x0 + (ptrdiff_t)s0 * step)) * w->channels + channel;
      float *out = columns + r * line + s0 * channel_count;
      if (step == 1 && channel_count == w->channels) {
        memcpy(out, in, (s1 - s0) * channel_count * sizeof(float));
      } else {
        for (size_t s = s0; s < s1; s++, in += w->dilation * w->channels, out += channel_count)
          memcpy(out, in, channel_count * sizeof(float));
      }
    }
  }
}

CK_KERNEL
void ck_col2im_row(
    const float *columns, const ck_window *w, size_t channel, size_t channel_count, size_t y,
    float *x, bool accumulate) {
  const size_t row = w->kernel_height * w->kernel_width * channel_count;
  const ptrdiff_t step = (ptrdiff_t)w->dilation;
  float *line = x + y * w->width * w->channels + channel;
  if (!accumulate)
    for (size_t i = 0; i < w->width; i++)
      memset(line + i * w->channels, 0, channel_count * sizeof(float));
  for (size_t r = 0; r < w->kernel_height; r++) {
    ptrdiff_t top = (ptrdiff_t)y + w->pad_top - (ptrdiff_t)r * step;
    if (top < 0 || (size_t)top % w->stride) continue;
    size_t p = (size_t)top / w->stride;
    if (p >= w->out_height) continue;
    for (size_t q = 0; q < w->out_width; q++) {
      ptrdiff_t x0 = (ptrdiff_t)(q * w->stride) - w->pad_left;
      size_t s0, s1;
      inside(x0, w->kernel_width, w->width, step, &s0, &s1);
      const float *in =
          columns + (p * w->out_width + q) * row + (r * w->kernel_width + s0) * channel_count;
      for (size_t s = s0; s < s1; s++, in += channel_count) {
        float *out = line + (size_t)(x0 + (ptrdiff_t)s * step) * w->channels;
        for (size_t c = 0; c < channel_count; c++) out[c] += in[c];
      }
    }
  }
}

CK_KERNEL
void ck_upsample_row(
    const float *x, float *y, size_t width, size_t channels, size_t factor, float scale) {
  float *out = y;
  for (size_t i = 0; i < width; i++)
    for (size_t k = 0; k < factor; k++, out += channels)
      for (size_t c = 0; c < channels; c++) out[c] = scale * x[i * channels + c];
  size_t line = width * factor * channels;
  for (size_t k = 1; k < factor; k++) memcpy(y + k * line, y, line * sizeof(float));
}

CK_KERNEL
void ck_upsample_row_backward(
    const float *dy, float *dx, size_t width, size_t channels, size_t factor, float scale,
    bool accumulate) {
  size_t line = width * factor * channels;
  for (size_t i = 0; i < width; i++) {
    float *out = dx + i * channels;
    if (!accumulate) memset(out, 0, channels * sizeof(float));
    for (size_t k = 0; k < factor; k++)
      for (size_t l = 0; l < factor; l++) {
        const float *in = dy + k * line + (i * factor + l) * channels;
        for (size_t c = 0; c < channels; c++) out[c] += scale * in[c];
      }
  }
}
