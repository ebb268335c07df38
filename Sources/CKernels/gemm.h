// Blocks of C in registers: up to MAX_ROWS rows of two vectors, each step one row of a panel of B
// times MAX_ROWS broadcast elements of A.
#include "simd.h"

enum { PANEL = 2 * VL };

typedef void (*tile_kernel)(
    const ck_gemm *g, const float *a, const float *b, float *c, size_t column, size_t columns);
typedef void (*transposed_kernel)(
    const ck_gemm_transposed *g, const float *a, const float *b, float *c, size_t columns);

// The activations as min(max(z, slope * z, floor), cap), so that one piece of code stores them all.
typedef struct {
  vec slope, floor, cap;
} bounds;

CK_INLINE bounds bounds_of(ck_activation f) {
  const float none = __builtin_inff();
  return (bounds){
      .slope = (vec)(f == CK_LEAKY ? 0.1f : 1.0f),
      .floor = (vec)(f == CK_RELU || f == CK_RELU6 ? 0.0f : -none),
      .cap = (vec)(f == CK_RELU6 ? 6.0f : none)};
}

// NaN stays NaN.
CK_INLINE vec bounded(vec z, const bounds *b) {
  vec scaled = z * b->slope;
  z = z > scaled ? z : scaled;
  z = z < b->floor ? b->floor : z;
  return z > b->cap ? b->cap : z;
}

CK_INLINE void store_rows(
    bool whole, const ck_epilogue *e, size_t rows, size_t vectors, vec (*acc)[2], float *c,
    const float *residual, ptrdiff_t stride, size_t column, size_t columns) {
  const bounds b = bounds_of(e->activation);
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) {
    const size_t count = whole ? VL : columns > v * VL ? columns - v * VL : 0;
    const affine a = affine_of(e, column + v * VL, count);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const ptrdiff_t at = (ptrdiff_t)r * stride + (ptrdiff_t)(v * VL);
      vec z = acc[r][v] * a.scale + a.bias;
      if (residual) {
        vec added = whole ? load(residual + at) : load_some(residual + at, count);
        z = e->residual_first ? bounded(z + added, &b) : bounded(z, &b) + added;
      } else {
        z = bounded(z, &b);
      }
      if (whole)
        store(c + at, z);
      else
        store_some(c + at, z, count);
    }
  }
}

CK_INLINE void store_tile(
    const ck_epilogue *e, size_t rows, size_t vectors, vec (*acc)[2], float *c,
    const float *residual, ptrdiff_t stride, size_t column, size_t columns) {
  const bool isPlain = e->activation == CK_LINEAR && !e->scale && !e->bias;
  if (columns < vectors * VL) {
    store_rows(false, e, rows, vectors, acc, c, residual, stride, column, columns);
  } else if (!isPlain) {
    store_rows(true, e, rows, vectors, acc, c, residual, stride, column, columns);
  } else {
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
      for (size_t v = 0; v < vectors; v++) {
        const ptrdiff_t at = (ptrdiff_t)r * stride + (ptrdiff_t)(v * VL);
        store(c + at, residual ? acc[r][v] + load(residual + at) : acc[r][v]);
      }
  }
}

// Rows three by three share a base: x86 addresses base + {0, 1, 2} * stride from two registers.
CK_INLINE void tile(
    size_t rows, size_t vectors, const ck_gemm *g, const float *a, const float *b, float *c,
    size_t column, size_t columns) {
  vec acc[MAX_ROWS][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) acc[r][0] = acc[r][1] = 0;
  const ptrdiff_t stride = g->a_row;
  const size_t inner = g->inner;
  for (size_t s = 0; s < g->segments; s++) {
    const float *base[(MAX_ROWS + 2) / 3];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < (rows + 2) / 3; i++)
      base[i] = a + g->a_segments[s] + 3 * (ptrdiff_t)i * stride;
    for (size_t k = 0; k < inner; k++, b += PANEL) {
      vec b0 = load(b), b1 = vectors > 1 ? load(b + VL) : (vec)0;
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) {
        vec x = (vec)base[r / 3][(ptrdiff_t)(r % 3) * stride + (ptrdiff_t)k];
        acc[r][0] += x * b0;
        if (vectors > 1) acc[r][1] += x * b1;
      }
    }
  }
  const ck_epilogue *e = &g->epilogue;
  store_tile(
      e, rows, vectors, acc, c, e->residual ? e->residual + (c - g->c) : NULL, g->c_row,
      column, columns);
}

CK_INLINE void transposed_tile(
    size_t rows, size_t vectors, const ck_gemm_transposed *g, const float *a, const float *b,
    float *c, size_t columns) {
  vec acc[MAX_ROWS][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) acc[r][0] = acc[r][1] = 0;
  for (size_t i = 0; i < g->groups; i++) {
    const float *p = a + (ptrdiff_t)i * g->a_group, *q = b + (ptrdiff_t)i * g->b_group;
    for (size_t k = 0; k < g->inner; k++, p += g->a_step, q += g->b_step) {
      vec b0 = load(q), b1 = vectors > 1 ? load(q + VL) : (vec)0;
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) {
        vec x = (vec)p[r];
        acc[r][0] += x * b0;
        if (vectors > 1) acc[r][1] += x * b1;
      }
    }
  }
  static const ck_epilogue plain = {.activation = CK_LINEAR};
  store_tile(
      &plain, rows, vectors, acc, c, g->accumulate ? c : NULL, g->c_row, 0, columns);
}

#define TILE(R, V)                                                                             \
  static void tile_##R##_##V(                                                                  \
      const ck_gemm *g, const float *a, const float *b, float *c, size_t column,               \
      size_t columns) {                                                                        \
    tile(R, V, g, a, b, c, column, columns);                                                   \
  }                                                                                            \
  static void transposed_tile_##R##_##V(                                                       \
      const ck_gemm_transposed *g, const float *a, const float *b, float *c, size_t columns) { \
    transposed_tile(R, V, g, a, b, c, columns);                                                \
  }
#define TILES(R) TILE(R, 1) TILE(R, 2)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#if MAX_ROWS > 6
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12) TILES(13)
#define EACH(N, V)                                                                              \
  {N##1_##V, N##2_##V, N##3_##V, N##4_##V, N##5_##V, N##6_##V, N##7_##V, N##8_##V, N##9_##V,    \
   N##10_##V, N##11_##V, N##12_##V, N##13_##V}
#else
#define EACH(N, V) {N##1_##V, N##2_##V, N##3_##V, N##4_##V, N##5_##V, N##6_##V}
#endif

static const tile_kernel tiles[2][MAX_ROWS] = {EACH(tile_, 1), EACH(tile_, 2)};
static const transposed_kernel transposed_tiles[2][MAX_ROWS] = {
    EACH(transposed_tile_, 1), EACH(transposed_tile_, 2)};

// Row i * rows / blocks: blocks of nearly equal height, since short ones are slower.
CK_INLINE size_t cut(size_t rows, size_t blocks, size_t i) { return rows * i / blocks; }

static void gemm(const ck_gemm *g, size_t first, size_t last) {
  const size_t blocks = (g->rows + MAX_ROWS - 1) / MAX_ROWS;
  const size_t depth = g->segments * g->inner;
  for (size_t panel = first; panel < last; panel++) {
    const size_t column = panel * PANEL;
    const size_t columns = g->columns - column < PANEL ? g->columns - column : PANEL;
    const tile_kernel *row = tiles[columns > VL];
    const float *b = g->b + panel * depth * PANEL;
    for (size_t group = 0; group < g->groups; group++)
      for (size_t i = 0; i < blocks; i++) {
        size_t top = cut(g->rows, blocks, i), height = cut(g->rows, blocks, i + 1) - top;
        row[height - 1](
            g, g->a + (ptrdiff_t)group * g->a_group + (ptrdiff_t)top * g->a_row, b,
            g->c + (ptrdiff_t)group * g->c_group + (ptrdiff_t)top * g->c_row + column, column,
            columns);
      }
  }
}

static void gemm_transposed(
    const ck_gemm_transposed *g, size_t row_first, size_t row_last, size_t first, size_t last) {
  const size_t rows = row_last - row_first;
  const size_t blocks = (rows + MAX_ROWS - 1) / MAX_ROWS;
  for (size_t panel = first; panel < last; panel++) {
    const size_t column = panel * PANEL;
    const size_t columns = g->columns - column < PANEL ? g->columns - column : PANEL;
    const transposed_kernel *row = transposed_tiles[columns > VL];
    const float *b = g->b + (ptrdiff_t)panel * g->b_panel;
    for (size_t i = 0; i < blocks; i++) {
      size_t top = row_first + cut(rows, blocks, i);
      size_t height = row_first + cut(rows, blocks, i + 1) - top;
      row[height - 1](g, g->a + top, b, g->c + (ptrdiff_t)top * g->c_row + column, columns);
    }
  }
}

static void pack(
    const float *w, ptrdiff_t stride, bool transposed, size_t inner, size_t columns, size_t first,
    size_t last, float *out, ptrdiff_t panel_stride) {
  for (size_t panel = first; panel < last; panel++) {
    const size_t column = panel * PANEL;
    const size_t count = columns - column < PANEL ? columns - column : PANEL;
    float *to = out + (ptrdiff_t)panel * panel_stride;
    if (!transposed) {
      for (size_t k = 0; k < inner; k++, to += PANEL) {
        const float *from = w + (ptrdiff_t)k * stride + column;
        store(to, load_some(from, count));
        store(to + VL, load_some(from + VL, count > VL ? count - VL : 0));
      }
      continue;
    }
    // Square blocks, so that a line of w is read while it is in the cache.
    for (size_t k0 = 0; k0 < inner; k0 += VL) {
      const size_t depth = inner - k0 < VL ? inner - k0 : VL;
      for (size_t n = 0; n < PANEL; n++) {
        const float *from = w + (ptrdiff_t)(column + n) * stride + k0;
        for (size_t k = 0; k < depth; k++) to[(k0 + k) * PANEL + n] = n < count ? from[k] : 0.0f;
      }
    }
  }
}
