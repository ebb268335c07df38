// The kernels of one instruction set. The including file sets VL (floats of a vector), MAX_ROWS
// (rows of C in registers) and ENGINE (the name).
#include "bfloat16.h"
#include "depthwise.h"
#include "gemm.h"
#include "winograd.h"

static void winograd_input(
    int m, const ck_winograd *w, const float *x, size_t first, size_t last, float *v,
    ptrdiff_t element, ptrdiff_t tile) {
  if (m == 2)
    input_tiles(2, w, x, first, last, v, element, tile);
  else
    input_tiles(4, w, x, first, last, v, element, tile);
}

static void winograd_output(
    int m, const ck_winograd *w, const float *coefficients, ptrdiff_t element, ptrdiff_t tile,
    size_t first, size_t last, size_t channel, size_t count, const ck_epilogue *epilogue, float *y) {
#define OUTPUT(M, F) \
  output_tiles(M, F, w, coefficients, element, tile, first, last, channel, count, epilogue, y)
#define OUTPUT_BY_ACTIVATION(M)                   \
  switch (epilogue->activation) {                 \
    case CK_LEAKY: OUTPUT(M, CK_LEAKY); break;    \
    case CK_RELU: OUTPUT(M, CK_RELU); break;      \
    case CK_RELU6: OUTPUT(M, CK_RELU6); break;    \
    default: OUTPUT(M, CK_LINEAR); break;         \
  }
  if (m == 2) {
    OUTPUT_BY_ACTIVATION(2)
  } else {
    OUTPUT_BY_ACTIVATION(4)
  }
}

static void winograd_output_adjoint(
    int m, const ck_winograd *w, const float *dy, size_t first, size_t last, float *d,
    ptrdiff_t element, ptrdiff_t panel) {
  if (m == 2)
    adjoint_tiles(2, w, dy, first, last, d, element, panel);
  else
    adjoint_tiles(4, w, dy, first, last, d, element, panel);
}

static void winograd_weights(
    int m, const float *weights, size_t channels, size_t filters, bool flipped, size_t first,
    size_t last, float *u, ptrdiff_t element) {
  if (m == 2) {
    if (flipped)
      flipped_panels(2, weights, channels, filters, first, last, u, element);
    else
      weight_panels(2, weights, channels, filters, first, last, u, element);
  } else {
    if (flipped)
      flipped_panels(4, weights, channels, filters, first, last, u, element);
    else
      weight_panels(4, weights, channels, filters, first, last, u, element);
  }
}

static void winograd_weights_adjoint(
    int m, const float *coefficients, ptrdiff_t element, ptrdiff_t row, size_t channels,
    size_t filters, size_t first, size_t last, size_t count, float *gradient) {
  if (m == 2)
    weights_adjoint(2, coefficients, element, row, channels, filters, first, last, count, gradient);
  else
    weights_adjoint(4, coefficients, element, row, channels, filters, first, last, count, gradient);
}

#define NAME_OF_(x) #x
#define NAME_OF(x) NAME_OF_(x)
#define TABLE_OF_(x) ck_engine_##x
#define TABLE_OF(x) TABLE_OF_(x)

extern const ck_engine TABLE_OF(ENGINE);
const ck_engine TABLE_OF(ENGINE) = {
    .name = NAME_OF(ENGINE),
    .panel = PANEL,
    .rows = MAX_ROWS,
    .gemm = gemm,
    .gemm_transposed = gemm_transposed,
    .pack = pack,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
    .winograd_output_adjoint = winograd_output_adjoint,
    .winograd_weights = winograd_weights,
    .winograd_weights_adjoint = winograd_weights_adjoint,
    .depthwise = depthwise,
    .depthwise_input_gradient = depthwise_input_gradient,
    .depthwise_weight_gradient = depthwise_weight_gradient,
    .narrow = narrow,
    .widen = widen,
};
