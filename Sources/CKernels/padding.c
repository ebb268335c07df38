// Copies of image lines with zeros around them and room between the pixels.
#include "CKernels.h"

#include <string.h>

void ck_pad_line(
    const float *x, size_t width, size_t channels, size_t x_pixel, size_t left, size_t out_width,
    float *out, size_t out_pixel) {
  if (!x) {
    memset(out, 0, out_width * out_pixel * sizeof(float));
    return;
  }
  memset(out, 0, left * out_pixel * sizeof(float));
  float *to = out + left * out_pixel;
  if (x_pixel == channels && out_pixel == channels) {
    memcpy(to, x, width * channels * sizeof(float));
  } else {
    for (size_t i = 0; i < width; i++)
      memcpy(to + i * out_pixel, x + i * x_pixel, channels * sizeof(float));
  }
  size_t right = out_width - left - width;
  memset(to + width * out_pixel, 0, right * out_pixel * sizeof(float));
}
