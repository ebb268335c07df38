// Matrix products and Winograd transforms, compiled once for each instruction set.
#ifndef CKERNELS_ENGINE_H
#define CKERNELS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  CK_LINEAR = 0,
  CK_LEAKY,
  CK_RELU,
  CK_RELU6,
  CK_LOGISTIC,
  CK_MISH,
  CK_SWISH,
  CK_HARD_MISH,
  CK_GELU,
  CK_ELU,
  CK_SELU,
  CK_TANH,
  CK_LOGGY,
  CK_HARDTAN,
  CK_RELIE,
  CK_RAMP,
} ck_activation;

/// What becomes of a sum z in column n of C: y = f(scale[n] * z + bias[n]).
///
/// A residual of the value at the same place of another tensor of C's layout is added to it after f, or
/// before f.
typedef struct {
  /// Both may be NULL: 1 and 0.
  const float *scale, *bias;
  /// Linear, leaky, relu or relu6.
  ck_activation activation;
  /// May be NULL; may be C itself.
  const float *residual;
  bool residual_first;
} ck_epilogue;

/// C[g][r][n] = f(sum over s, k of A[g][r][s][k] * B[s][k][n]), f the epilogue.
///
/// A is read where it lies: an element is at a + g * a_group + r * a_row + a_segments[s] + k. B is
/// packed in panels [panel][segments * inner][panel width]. C has element (g, r, n) at
/// c + g * c_group + r * c_row + n.
typedef struct {
  const float *a;
  ptrdiff_t a_group, a_row;
  const ptrdiff_t *a_segments;
  size_t groups, rows, segments, inner;
  const float *b;
  size_t columns;
  float *c;
  ptrdiff_t c_group, c_row;
  ck_epilogue epilogue;
} ck_gemm;

/// C[m][n] (+)= sum over g, k of A[g][k][m] * B[g][k][n]: a product with A transposed.
///
/// A has element (g, k, m) at a + g * a_group + k * a_step + m. B has element (g, k, n) at
/// b + g * b_group + k * b_step + n / width * b_panel + n % width, width that of a panel; what lies
/// between `columns` and the next multiple of the width is read, and must be there.
typedef struct {
  const float *a;
  ptrdiff_t a_group, a_step;
  const float *b;
  ptrdiff_t b_group, b_step, b_panel;
  size_t groups, inner, rows, columns;
  float *c;
  ptrdiff_t c_row;
  bool accumulate;
} ck_gemm_transposed;

/// Tiles of an NHWC tensor for F(m x m, 3 x 3): out_height * out_width outputs of each image are cut
/// into tiles_high * tiles_wide tiles of m * m, numbered row by row, image after image.
typedef struct {
  size_t height, width, channels;
  size_t out_height, out_width, filters;
  size_t tiles_high, tiles_wide;
  /// Zeros before the first pixel.
  ptrdiff_t padding;
} ck_winograd;

/// A 2-D window over an NHWC image: input size, output size, kernel, stride and zero padding before.
typedef struct {
  size_t height, width, channels;
  size_t out_height, out_width;
  size_t kernel_height, kernel_width;
  size_t stride;
  ptrdiff_t pad_top, pad_left;
  /// Distance of the kernel's taps, pixels; the engines' kernels know 1 only.
  size_t dilation;
} ck_window;

/// The kernels of one instruction set. Matrices of Winograd coefficients are [element][tile][channel]:
/// `element` and `tile` are their strides.
typedef struct {
  const char *name;
  /// Width of a panel of B.
  size_t panel;
  /// Most rows of C that are computed at a time.
  size_t rows;

  /// Columns of panels first..<last of C.
  void (*gemm)(const ck_gemm *g, size_t first, size_t last);
  /// Columns of panels first..<last of C, rows row_first..<row_last.
  void (*gemm_transposed)(
      const ck_gemm_transposed *g, size_t row_first, size_t row_last, size_t first, size_t last);
  /// Packs panels first..<last of B[k][n] = w[k * stride + n], or w[n * stride + k] if `transposed`;
  /// panel p goes to out + p * panel_stride, its last columns filled up with zeros.
  void (*pack)(
      const float *w, ptrdiff_t stride, bool transposed, size_t inner, size_t columns, size_t first,
      size_t last, float *out, ptrdiff_t panel_stride);

  /// Coefficients of the input of tiles first..<last (tile `first` goes to v); m = 2 or 4.
  void (*winograd_input)(
      int m, const ck_winograd *w, const float *x, size_t first, size_t last, float *v,
      ptrdiff_t element, ptrdiff_t tile);
  /// Outputs of tiles first..<last, channels channel..<channel + count, from coefficients whose channel
  /// 0 is output channel `channel`.
  void (*winograd_output)(
      int m, const ck_winograd *w, const float *coefficients, ptrdiff_t element, ptrdiff_t tile,
      size_t first, size_t last, size_t channel, size_t count, const ck_epilogue *epilogue,
      float *y);
  /// Coefficients of the gradient by the output: the adjoint of winograd_output without bias. They
  /// go to panels, [element][panel][tile][panel width]; `panel` is the distance of panels.
  void (*winograd_output_adjoint)(
      int m, const ck_winograd *w, const float *dy, size_t first, size_t last, float *d,
      ptrdiff_t element, ptrdiff_t panel);
  /// Packed coefficients (m + 2)^2 x [panels][channels][panel width] of weights [3][3][channels]
  /// [filters], panels first..<last; panel `first` goes to u. If `flipped`, of the convolution that takes the gradient by
  /// the output to that by the input: channels and filters change roles in the coefficients.
  void (*winograd_weights)(
      int m, const float *weights, size_t channels, size_t filters, bool flipped, size_t first,
      size_t last, float *u, ptrdiff_t element);
  /// Adds the adjoint of winograd_weights: rows of channels first..<last of the coefficients
  /// [element][channel - first][filter] with row stride `row`, for the first `count` filters.
  void (*winograd_weights_adjoint)(
      int m, const float *coefficients, ptrdiff_t element, ptrdiff_t row, size_t channels,
      size_t filters, size_t first, size_t last, size_t count, float *gradient);

  /// Depthwise convolution (one filter a channel), output lines first..<last of one image; takes no
  /// residual.
  void (*depthwise)(
      const ck_window *w, const float *x, const float *weights, const ck_epilogue *epilogue,
      size_t first, size_t last, float *y);
  /// Its gradient by the input, input lines first..<last of one image.
  void (*depthwise_input_gradient)(
      const ck_window *w, const float *dy, const float *weights, size_t first, size_t last,
      float *dx, bool accumulate);
  /// Adds its gradient by the weights, output lines first..<last of one image.
  void (*depthwise_weight_gradient)(
      const ck_window *w, const float *x, const float *dy, size_t first, size_t last, float *dw);

  /// y = the upper halves of the nearest floats that have no lower half; to the even one of two.
  void (*narrow)(const float *x, size_t count, uint16_t *y);
  /// y = the floats of these upper halves.
  void (*widen)(const uint16_t *x, size_t count, float *y);
} ck_engine;

// Kernels of a table, for callers without function pointers.

static inline void ck_run_gemm(const ck_engine *e, const ck_gemm *g, size_t first, size_t last) {
  e->gemm(g, first, last);
}
static inline void ck_run_gemm_transposed(
    const ck_engine *e, const ck_gemm_transposed *g, size_t row_first, size_t row_last,
    size_t first, size_t last) {
  e->gemm_transposed(g, row_first, row_last, first, last);
}
static inline void ck_run_pack(
    const ck_engine *e, const float *w, ptrdiff_t stride, bool transposed, size_t inner,
    size_t columns, size_t first, size_t last, float *out, ptrdiff_t panel_stride) {
  e->pack(w, stride, transposed, inner, columns, first, last, out, panel_stride);
}
static inline void ck_run_winograd_input(
    const ck_engine *e, int m, const ck_winograd *w, const float *x, size_t first, size_t last,
    float *v, ptrdiff_t element, ptrdiff_t tile) {
  e->winograd_input(m, w, x, first, last, v, element, tile);
}
static inline void ck_run_winograd_output(
    const ck_engine *e, int m, const ck_winograd *w, const float *coefficients, ptrdiff_t element,
    ptrdiff_t tile, size_t first, size_t last, size_t channel, size_t count,
    const ck_epilogue *epilogue, float *y) {
  e->winograd_output(
      m, w, coefficients, element, tile, first, last, channel, count, epilogue, y);
}
static inline void ck_run_winograd_output_adjoint(
    const ck_engine *e, int m, const ck_winograd *w, const float *dy, size_t first, size_t last,
    float *d, ptrdiff_t element, ptrdiff_t panel) {
  e->winograd_output_adjoint(m, w, dy, first, last, d, element, panel);
}
static inline void ck_run_winograd_weights(
    const ck_engine *e, int m, const float *weights, size_t channels, size_t filters, bool flipped,
    size_t first, size_t last, float *u, ptrdiff_t element) {
  e->winograd_weights(m, weights, channels, filters, flipped, first, last, u, element);
}
static inline void ck_run_winograd_weights_adjoint(
    const ck_engine *e, int m, const float *coefficients, ptrdiff_t element, ptrdiff_t row,
    size_t channels, size_t filters, size_t first, size_t last, size_t count, float *gradient) {
  e->winograd_weights_adjoint(
      m, coefficients, element, row, channels, filters, first, last, count, gradient);
}

static inline void ck_run_depthwise(
    const ck_engine *e, const ck_window *w, const float *x, const float *weights,
    const ck_epilogue *epilogue, size_t first, size_t last, float *y) {
  e->depthwise(w, x, weights, epilogue, first, last, y);
}
static inline void ck_run_depthwise_input_gradient(
    const ck_engine *e, const ck_window *w, const float *dy, const float *weights, size_t first,
    size_t last, float *dx, bool accumulate) {
  e->depthwise_input_gradient(w, dy, weights, first, last, dx, accumulate);
}
static inline void ck_run_depthwise_weight_gradient(
    const ck_engine *e, const ck_window *w, const float *x, const float *dy, size_t first,
    size_t last, float *dw) {
  e->depthwise_weight_gradient(w, x, dy, first, last, dw);
}
static inline void ck_run_narrow(const ck_engine *e, const float *x, size_t count, uint16_t *y) {
  e->narrow(x, count, y);
}
static inline void ck_run_widen(const ck_engine *e, const uint16_t *x, size_t count, float *y) {
  e->widen(x, count, y);
}

/// The kernels of an instruction set by name (`avx512`, `avx2`, `generic`), or the best that this
/// CPU has for NULL. NULL if this CPU cannot run them or there are none of that name.
const ck_engine *ck_engine_named(const char *name);

#endif
