// Chooses the kernels of bytes for this CPU; loops over bytes that are no sums.
#include "CKernels.h"
#include "multiversion.h"

#include <string.h>

extern const ck_int8_engine ck_int8_engine_generic;
#if defined(__x86_64__)
extern const ck_int8_engine ck_int8_engine_avx2, ck_int8_engine_avxvnni, ck_int8_engine_avx512vnni;
#endif

const ck_int8_engine *ck_int8_engine_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
  bool has_avxvnni = has_avx2 && __builtin_cpu_supports("avxvnni");
  if (has_avx512 && (!name || strcmp(name, "avx512vnni") == 0)) return &ck_int8_engine_avx512vnni;
  if (has_avxvnni && (!name || strcmp(name, "avxvnni") == 0)) return &ck_int8_engine_avxvnni;
  if (has_avx2 && (!name || strcmp(name, "avx2") == 0)) return &ck_int8_engine_avx2;
#endif
  return !name || strcmp(name, "generic") == 0 ? &ck_int8_engine_generic : NULL;
}

CK_KERNEL
void ck_quantize(const float *x, size_t count, float inverse, int32_t zero, uint8_t *y) {
  const float low = (float)-zero, high = (float)(255 - zero);
  const float shift = 12582912.0f + (float)zero;
  for (size_t i = 0; i < count; i++) {
    float z = x[i] * inverse;
    z = z > low ? z : low;
    z = z < high ? z : high;
    // At 1.5 * 2^23 single precision has steps of 1: the sum rounds, and its last byte is the number.
    z += shift;
    int32_t bits;
    memcpy(&bits, &z, sizeof bits);
    y[i] = (uint8_t)bits;
  }
}

CK_KERNEL
void ck_dequantize(const uint8_t *x, size_t count, float step, int32_t zero, float *y) {
  for (size_t i = 0; i < count; i++) y[i] = (float)((int32_t)x[i] - zero) * step;
}

// The first three bytes of four.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ONE_PIXEL 0x00ffffffu
#else
#define ONE_PIXEL 0xffffff00u
#endif

static void copy_pixels(
    const uint8_t *x, size_t width, size_t channels, size_t out_channels, uint8_t *out) {
  if (channels == out_channels) {
    memcpy(out, x, width * channels);
    return;
  }
  if (channels == 3 && out_channels == 4) {
    // A pixel and the byte behind it, but for the last one, which has none.
    for (; width > 1; width--, x += 3, out += 4) {
      uint32_t pixel;
      memcpy(&pixel, x, 4);
      pixel &= ONE_PIXEL;
      memcpy(out, &pixel, 4);
    }
  }
  for (size_t i = 0; i < width; i++, x += channels, out += out_channels) {
    memcpy(out, x, channels);
    memset(out + channels, 0, out_channels - channels);
  }
}

CK_KERNEL
static void widen_pixels(
    const uint8_t *x, size_t width, size_t channels, size_t out_channels, uint16_t *out) {
  if (channels == out_channels) {
    for (size_t i = 0; i < width * channels; i++) out[i] = x[i];
    return;
  }
  if (channels == 3 && out_channels == 4) {
    for (size_t i = 0; i < width; i++) {
      out[4 * i] = x[3 * i];
      out[4 * i + 1] = x[3 * i + 1];
      out[4 * i + 2] = x[3 * i + 2];
      out[4 * i + 3] = 0;
    }
    return;
  }
  for (size_t i = 0; i < width; i++, x += channels, out += out_channels) {
    for (size_t c = 0; c < channels; c++) out[c] = x[c];
    for (size_t c = channels; c < out_channels; c++) out[c] = 0;
  }
}

void ck_pad_byte_line(
    const uint8_t *x, size_t width, size_t channels, size_t left, size_t out_width,
    size_t out_channels, uint8_t zero, bool widens, void *out) {
  if (!x) width = 0;
  if (!x) left = out_width;
  const size_t before = left * out_channels, after = (out_width - left - width) * out_channels;
  if (!widens) {
    uint8_t *to = out;
    memset(to, zero, before);
    copy_pixels(x, width, channels, out_channels, to + before);
    memset(to + before + width * out_channels, zero, after);
    return;
  }
  uint16_t *to = out;
  for (size_t i = 0; i < before; i++) to[i] = zero;
  widen_pixels(x, width, channels, out_channels, to + before);
  uint16_t *rest = to + before + width * out_channels;
  for (size_t i = 0; i < after; i++) rest[i] = zero;
}

void ck_copy_byte_rows(
    const uint8_t *x, size_t x_stride, uint8_t *y, size_t y_stride, size_t rows, size_t width) {
  for (size_t i = 0; i < rows; i++) memcpy(y + i * y_stride, x + i * x_stride, width);
}

void ck_upsample_byte_row(
    const uint8_t *x, uint8_t *y, size_t width, size_t channels, size_t factor) {
  uint8_t *out = y;
  for (size_t i = 0; i < width; i++)
    for (size_t k = 0; k < factor; k++, out += channels) memcpy(out, x + i * channels, channels);
  const size_t line = width * factor * channels;
  for (size_t k = 1; k < factor; k++) memcpy(y + k * line, y, line);
}
