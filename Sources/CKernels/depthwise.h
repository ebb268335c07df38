// Depthwise convolution, one filter a channel: sums in registers, a vector of channels at a time.
#include "simd.h"

// The range of kernel offsets that fall inside 0..<size for a window starting at `start`.
CK_INLINE void taps_inside(
    ptrdiff_t start, size_t kernel, size_t size, size_t *first, size_t *last) {
  ptrdiff_t low = start < 0 ? -start : 0;
  ptrdiff_t high = (ptrdiff_t)size - start;
  if (high > (ptrdiff_t)kernel) high = (ptrdiff_t)kernel;
  *first = (size_t)low;
  *last = high < low ? (size_t)low : (size_t)high;
}

CK_INLINE vec load_channels(bool whole, const float *p, size_t count) {
  return whole ? load(p) : load_some(p, count);
}

CK_INLINE void store_channels(bool whole, float *p, vec v, size_t count) {
  if (whole)
    store(p, v);
  else
    store_some(p, v, count);
}

// One line, `count` channels from channel c. Weights of 3 x 3 kernels stay in registers.
CK_INLINE void depthwise_line(
    bool whole, ck_activation f, const ck_window *w, const float *x, const float *weights,
    affine a, size_t p, size_t count, float *y) {
  const size_t channels = w->channels;
  const ptrdiff_t line = (ptrdiff_t)(w->width * channels);
  const ptrdiff_t y0 = (ptrdiff_t)(p * w->stride) - w->pad_top;
  size_t r0, r1;
  taps_inside(y0, w->kernel_height, w->height, &r0, &r1);
  const bool small = w->kernel_width == 3 && r0 == 0 && r1 == 3 && w->kernel_height == 3;
  vec k[9] = {0};
  if (small)
    for (size_t i = 0; i < 9; i++) k[i] = load_channels(whole, weights + i * channels, count);
  for (size_t q = 0; q < w->out_width; q++) {
    const ptrdiff_t x0 = (ptrdiff_t)(q * w->stride) - w->pad_left;
    size_t s0, s1;
    taps_inside(x0, w->kernel_width, w->width, &s0, &s1);
    vec sum = 0;
    const float *corner = x + y0 * line + x0 * (ptrdiff_t)channels;
    if (small && s0 == 0 && s1 == 3) {
      vec row[3] = {0, 0, 0};
#pragma clang loop unroll(full)
      for (size_t r = 0; r < 3; r++)
#pragma clang loop unroll(full)
        for (size_t s = 0; s < 3; s++)
          row[r] += k[3 * r + s] *
                    load_channels(whole, corner + (ptrdiff_t)r * line + s * channels, count);
      sum += row[0] + row[1] + row[2];
    } else {
      for (size_t r = r0; r < r1; r++)
        for (size_t s = s0; s < s1; s++)
          sum += load_channels(whole, weights + (r * w->kernel_width + s) * channels, count) *
                 load_channels(whole, corner + (ptrdiff_t)r * line + s * channels, count);
    }
    store_channels(
        whole, y + (p * w->out_width + q) * channels,
        activate_vector(f, sum * a.scale + a.bias), count);
  }
}

CK_INLINE void depthwise_lines(
    ck_activation f, const ck_window *w, const float *x, const float *weights, const ck_epilogue *e,
    size_t first, size_t last, float *y) {
  for (size_t p = first; p < last; p++) {
    size_t c = 0;
    for (; c + VL <= w->channels; c += VL)
      depthwise_line(true, f, w, x + c, weights + c, affine_of(e, c, VL), p, VL, y + c);
    if (c < w->channels) {
      size_t count = w->channels - c;
      depthwise_line(
          false, f, w, x + c, weights + c, affine_of(e, c, count), p, count, y + c);
    }
  }
}

static void depthwise(
    const ck_window *w, const float *x, const float *weights, const ck_epilogue *e, size_t first,
    size_t last, float *y) {
  switch (e->activation) {
    case CK_LEAKY: depthwise_lines(CK_LEAKY, w, x, weights, e, first, last, y); break;
    case CK_RELU: depthwise_lines(CK_RELU, w, x, weights, e, first, last, y); break;
    case CK_RELU6: depthwise_lines(CK_RELU6, w, x, weights, e, first, last, y); break;
    default: depthwise_lines(CK_LINEAR, w, x, weights, e, first, last, y); break;
  }
}

// Every input pixel gathers from the outputs that it reached.
CK_INLINE void depthwise_input_line(
    bool whole, bool accumulate, const ck_window *w, const float *dy, const float *weights,
    size_t i, size_t count, float *dx) {
  const size_t channels = w->channels, stride = w->stride;
  const size_t top = i + (size_t)w->pad_top;
  for (size_t j = 0; j < w->width; j++) {
    const size_t left = j + (size_t)w->pad_left;
    vec sum = 0;
    for (size_t r = top % stride; r < w->kernel_height && r <= top; r += stride) {
      const size_t p = (top - r) / stride;
      if (p >= w->out_height) continue;
      for (size_t s = left % stride; s < w->kernel_width && s <= left; s += stride) {
        const size_t q = (left - s) / stride;
        if (q >= w->out_width) continue;
        sum += load_channels(whole, weights + (r * w->kernel_width + s) * channels, count) *
               load_channels(whole, dy + (p * w->out_width + q) * channels, count);
      }
    }
    float *to = dx + (i * w->width + j) * channels;
    if (accumulate) sum += load_channels(whole, to, count);
    store_channels(whole, to, sum, count);
  }
}

static void depthwise_input_gradient(
    const ck_window *w, const float *dy, const float *weights, size_t first, size_t last, float *dx,
    bool accumulate) {
  for (size_t i = first; i < last; i++) {
    size_t c = 0;
    for (; c + VL <= w->channels; c += VL)
      if (accumulate)
        depthwise_input_line(true, true, w, dy + c, weights + c, i, VL, dx + c);
      else
        depthwise_input_line(true, false, w, dy + c, weights + c, i, VL, dx + c);
    if (c < w->channels)
      depthwise_input_line(
          false, accumulate, w, dy + c, weights + c, i, w->channels - c, dx + c);
  }
}

// Adds one line's part of the gradient; that of 3 x 3 kernels stays in registers.
CK_INLINE void depthwise_weight_line(
    bool whole, const ck_window *w, const float *x, const float *dy, size_t p, size_t count,
    float *dw) {
  const size_t channels = w->channels;
  const ptrdiff_t line = (ptrdiff_t)(w->width * channels);
  const ptrdiff_t y0 = (ptrdiff_t)(p * w->stride) - w->pad_top;
  size_t r0, r1;
  taps_inside(y0, w->kernel_height, w->height, &r0, &r1);
  const bool small = w->kernel_width == 3 && r0 == 0 && r1 == 3 && w->kernel_height == 3;
  vec sums[9];
  for (size_t i = 0; i < 9; i++) sums[i] = 0;
  for (size_t q = 0; q < w->out_width; q++) {
    const ptrdiff_t x0 = (ptrdiff_t)(q * w->stride) - w->pad_left;
    size_t s0, s1;
    taps_inside(x0, w->kernel_width, w->width, &s0, &s1);
    const vec d = load_channels(whole, dy + (p * w->out_width + q) * channels, count);
    const float *corner = x + y0 * line + x0 * (ptrdiff_t)channels;
    if (small && s0 == 0 && s1 == 3) {
#pragma clang loop unroll(full)
      for (size_t r = 0; r < 3; r++)
#pragma clang loop unroll(full)
        for (size_t s = 0; s < 3; s++)
          sums[3 * r + s] +=
              d * load_channels(whole, corner + (ptrdiff_t)r * line + s * channels, count);
    } else {
      for (size_t r = r0; r < r1; r++)
        for (size_t s = s0; s < s1; s++) {
          float *to = dw + (r * w->kernel_width + s) * channels;
          vec sum = load_channels(whole, to, count) +
                    d * load_channels(whole, corner + (ptrdiff_t)r * line + s * channels, count);
          store_channels(whole, to, sum, count);
        }
    }
  }
  if (!small) return;
  for (size_t i = 0; i < 9; i++) {
    float *to = dw + i * channels;
    store_channels(whole, to, load_channels(whole, to, count) + sums[i], count);
  }
}

static void depthwise_weight_gradient(
    const ck_window *w, const float *x, const float *dy, size_t first, size_t last, float *dw) {
  for (size_t p = first; p < last; p++) {
    size_t c = 0;
    for (; c + VL <= w->channels; c += VL)
      depthwise_weight_line(true, w, x + c, dy + c, p, VL, dw + c);
    if (c < w->channels)
      depthwise_weight_line(false, w, x + c, dy + c, p, w->channels - c, dw + c);
  }
}
