// Convolutions of bytes: exact sums of 8-bit products, compiled once for each instruction set.
//
// A byte x of a tensor stands for (x - zero) * step. Sums are whole numbers and the same whatever the
// order; what is made of them afterwards rounds every operation to single precision by itself, so that
// all instruction sets give the same bits.
#ifndef CKERNELS_INT8_H
#define CKERNELS_INT8_H

#include "ckernels_engine.h"

/// What becomes of a sum s in column n: z = s * scale[n] + bias[n], y = f(z), where
/// f(z) = min(max(z, slope * z, floor), cap).
///
/// A residual r = (byte - residual_zero) * residual_scale of the same place in a tensor of C's layout is
/// added to it after f, or before f. y is stored as it is, or as the byte nearest to y + zero, ties to
/// the even byte; scales are then in steps of C's bytes.
typedef struct {
  /// Whole panels.
  const float *scale, *bias;
  /// Of 0...1; 1 for none.
  float slope;
  float floor, cap;
  /// May be NULL.
  const uint8_t *residual;
  float residual_scale;
  int32_t residual_zero;
  bool residual_first;
  /// Whether C's elements are bytes; else they are floats.
  bool to_bytes;
  int32_t zero;
} ck_int8_epilogue;

/// C[g][r][n] = f(start[n] + sum over s, k of A[g][r][s][k] * B[s][k][n]), f the epilogue.
///
/// A is read in words of 4 bytes: word (g, r, s, k) lies at a + g * a_group + r * a_row + a_segments[s] +
/// 4 * k, distances in bytes. A word has four bytes without sign, of kernels that widen two 16-bit
/// numbers. B is packed for the same kernels. C has element (g, r, n) at c + g * c_group + r * c_row + n.
typedef struct {
  const uint8_t *a;
  ptrdiff_t a_group, a_row;
  const ptrdiff_t *a_segments;
  /// `inner` counts words.
  size_t groups, rows, segments, inner;
  const uint8_t *b;
  size_t columns;
  /// Whole panels.
  const int32_t *start;
  void *c;
  ptrdiff_t c_group, c_row;
  ck_int8_epilogue epilogue;
} ck_int8_gemm;

/// The kernels of one instruction set.
typedef struct {
  const char *name;
  /// Width of a panel of B, columns.
  size_t panel;
  /// Most rows of C that are computed at a time.
  size_t rows;
  /// Numbers of A in a word: 4 bytes, or 2 of 16 bits where bytes must be widened first.
  size_t depth;

  /// Columns of panels first..<last of C.
  void (*gemm)(const ck_int8_gemm *g, size_t first, size_t last);
  /// Packs B[k][n] = w[k * columns + n]; `inner` is a multiple of 4. A panel takes 4 * panel *
  /// inner / depth bytes; its last columns are filled up with zeros.
  void (*pack)(const int8_t *w, size_t inner, size_t columns, uint8_t *out);
  /// Depthwise convolution, output lines first..<last of one image. `weights` are [tap][channel] in
  /// whole panels of channels; what lies outside the image is `zero`.
  void (*depthwise)(
      const ck_window *w, const uint8_t *x, const int32_t *weights, const int32_t *start,
      int32_t zero, const ck_int8_epilogue *epilogue, size_t first, size_t last, void *y);
} ck_int8_engine;

// Kernels of a table, for callers without function pointers.

static inline void ck_run_int8_gemm(
    const ck_int8_engine *e, const ck_int8_gemm *g, size_t first, size_t last) {
  e->gemm(g, first, last);
}
static inline void ck_run_int8_pack(
    const ck_int8_engine *e, const int8_t *w, size_t inner, size_t columns, uint8_t *out) {
  e->pack(w, inner, columns, out);
}
static inline void ck_run_int8_depthwise(
    const ck_int8_engine *e, const ck_window *w, const uint8_t *x, const int32_t *weights,
    const int32_t *start, int32_t zero, const ck_int8_epilogue *epilogue, size_t first,
    size_t last, void *y) {
  e->depthwise(w, x, weights, start, zero, epilogue, first, last, y);
}

/// The kernels of an instruction set by name (`avx512vnni`, `avxvnni`, `avx2`, `generic`), or the best
/// that this CPU has for NULL. NULL if this CPU cannot run them or there are none of that name.
const ck_int8_engine *ck_int8_engine_named(const char *name);

// ---------------------------------------------------------------- bytes (int8.c)

/// y = the byte nearest to x / step + zero, ties to the even byte; NaN becomes 0. `inverse` is 1 / step.
void ck_quantize(const float *x, size_t count, float inverse, int32_t zero, uint8_t *y);
/// y = (x - zero) * step.
void ck_dequantize(const uint8_t *x, size_t count, float step, int32_t zero, float *y);
/// Copies `width` pixels of `channels` bytes to pixels `left`..< of a line of `out_width` pixels of
/// `out_channels` numbers, which are bytes or, if `widens`, of 16 bits. Pixels around them are `zero`, as
/// is the whole line for NULL; what a pixel has beyond its channels is 0.
void ck_pad_byte_line(
    const uint8_t *x, size_t width, size_t channels, size_t left, size_t out_width,
    size_t out_channels, uint8_t zero, bool widens, void *out);
/// Copies `rows` rows of `width` bytes between strided matrices.
void ck_copy_byte_rows(
    const uint8_t *x, size_t x_stride, uint8_t *y, size_t y_stride, size_t rows, size_t width);
/// Nearest-neighbour enlargement of one image row into `factor` output rows.
void ck_upsample_byte_row(
    const uint8_t *x, uint8_t *y, size_t width, size_t channels, size_t factor);

#endif
