// Blocks of sums in registers: up to MAX_ROWS rows of two vectors, each step one row of a panel of B
// times MAX_ROWS broadcast words of A. The including file sets VL (lanes of a vector), MAX_ROWS, DEPTH
// (numbers in a word), ENGINE (the name) and, around it, the instruction set; it defines dot().
#include "simd.h"

enum { PANEL = 2 * VL };

typedef int32_t word_anywhere __attribute__((aligned(1), may_alias));
typedef ivec ivec_anywhere __attribute__((aligned(4), may_alias));
typedef uint8_t bvec __attribute__((ext_vector_type(VL)));
typedef bvec bvec_anywhere __attribute__((aligned(1)));

CK_INLINE ivec words(const void *p) { return *(const ivec_anywhere *)p; }
CK_INLINE ivec broadcast(const uint8_t *p) { return (ivec)(*(const word_anywhere *)p); }

// Keeps the compiler from joining a product and a sum in one rounding, which not every CPU can.
CK_INLINE vec apart(vec v) {
#if defined(__x86_64__) && VL == 16
  __asm__("" : "+v"(v));
#elif defined(__x86_64__)
  __asm__("" : "+x"(v));
#elif defined(__aarch64__)
  __asm__("" : "+w"(v));
#else
#error "how this CPU keeps a product apart from a sum is not known"
#endif
  return v;
}

CK_INLINE ivec load_bytes(const uint8_t *p, size_t count) {
  bvec bytes = 0;
  if (count == VL)
    bytes = *(const bvec_anywhere *)p;
  else
    for (size_t i = 0; i < count; i++) ((uint8_t *)&bytes)[i] = p[i];
  return __builtin_convertvector(bytes, ivec);
}

// Stores what the epilogue makes of `count` sums of one vector; `at` counts elements of C.
CK_INLINE void finish_vector(
    bool to_bytes, bool has_residual, const ck_int8_epilogue *e, ivec sums, vec scale, vec bias,
    void *c, ptrdiff_t at, size_t count) {
  vec z = apart(__builtin_convertvector(sums, vec) * scale) + bias;
  vec r = 0;
  if (has_residual) {
    ivec steps = load_bytes(e->residual + at, count) - (ivec)e->residual_zero;
    r = apart(__builtin_convertvector(steps, vec) * e->residual_scale);
    if (e->residual_first) z += r;
  }
  vec scaled = z * e->slope;
  z = z > scaled ? z : scaled;
  float low = e->floor, high = e->cap;
  const float least = (float)-e->zero, most = (float)(255 - e->zero);
  if (has_residual || !to_bytes) {
    z = z < low ? (vec)low : z;
    z = z > high ? (vec)high : z;
    if (has_residual && !e->residual_first) z += r;
    low = least;
    high = most;
  } else {
    low = low > least ? low : least;
    high = high < most ? high : most;
  }
  if (!to_bytes) {
    store_some((float *)c + at, z, count);
    return;
  }
  z = z > low ? z : (vec)low;
  z = z < high ? z : (vec)high;
  // At 1.5 * 2^23 single precision has steps of 1: the sum rounds, and its last byte is the number.
  ivec bits = (ivec)(z + (12582912.0f + (float)e->zero));
  bvec bytes = __builtin_convertvector(bits, bvec);
  uint8_t *to = (uint8_t *)c + at;
  if (count == VL)
    *(bvec_anywhere *)to = bytes;
  else
    for (size_t i = 0; i < count; i++) to[i] = bytes[i];
}

CK_INLINE void finish_rows(
    bool to_bytes, bool has_residual, const ck_int8_gemm *g, const int32_t *sums, size_t rows,
    ptrdiff_t at, size_t column, size_t columns) {
  const ck_int8_epilogue *e = &g->epilogue;
  for (size_t v = 0; v * VL < columns; v++) {
    const vec scale = load(e->scale + column + v * VL), bias = load(e->bias + column + v * VL);
    const size_t count = columns - v * VL < VL ? columns - v * VL : VL;
    const ptrdiff_t first = at + (ptrdiff_t)(v * VL);
    if (count == VL)
      for (size_t r = 0; r < rows; r++)
        finish_vector(
            to_bytes, has_residual, e, words(sums + r * PANEL + v * VL), scale, bias, g->c,
            first + (ptrdiff_t)r * g->c_row, VL);
    else
      for (size_t r = 0; r < rows; r++)
        finish_vector(
            to_bytes, has_residual, e, words(sums + r * PANEL + v * VL), scale, bias, g->c,
            first + (ptrdiff_t)r * g->c_row, count);
  }
}

static void store_sums(
    const ck_int8_gemm *g, const int32_t *sums, size_t rows, ptrdiff_t at, size_t column,
    size_t columns) {
  if (g->epilogue.to_bytes && g->epilogue.residual)
    finish_rows(true, true, g, sums, rows, at, column, columns);
  else if (g->epilogue.to_bytes)
    finish_rows(true, false, g, sums, rows, at, column, columns);
  else if (g->epilogue.residual)
    finish_rows(false, true, g, sums, rows, at, column, columns);
  else
    finish_rows(false, false, g, sums, rows, at, column, columns);
}

typedef void (*tile_kernel)(
    const ck_int8_gemm *g, const uint8_t *a, const uint8_t *b, ptrdiff_t at, size_t column,
    size_t columns);

// Rows three by three share a base: x86 addresses base + {0, 1, 2} * stride from two registers.
CK_INLINE void tile(
    size_t rows, size_t vectors, const ck_int8_gemm *g, const uint8_t *a, const uint8_t *b,
    ptrdiff_t at, size_t column, size_t columns) {
  ivec acc[MAX_ROWS][2];
  const ivec start0 = words(g->start + column), start1 = words(g->start + column + VL);
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    acc[r][0] = start0;
    acc[r][1] = start1;
  }
  const ptrdiff_t stride = g->a_row;
  const size_t inner = g->inner;
  for (size_t s = 0; s < g->segments; s++) {
    const uint8_t *base[(MAX_ROWS + 2) / 3];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < (rows + 2) / 3; i++)
      base[i] = a + g->a_segments[s] + 3 * (ptrdiff_t)i * stride;
    for (size_t k = 0; k < inner; k++, b += 4 * PANEL) {
      ivec b0 = words(b), b1 = vectors > 1 ? words(b + 4 * VL) : (ivec)0;
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) {
        ivec x = broadcast(base[r / 3] + (ptrdiff_t)(r % 3) * stride + 4 * (ptrdiff_t)k);
        acc[r][0] = dot(acc[r][0], x, b0);
        if (vectors > 1) acc[r][1] = dot(acc[r][1], x, b1);
      }
    }
  }
  const ck_int8_epilogue *e = &g->epilogue;
  if (e->to_bytes && !e->residual && columns == vectors * VL) {
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) {
      const size_t shift = v * VL;
      const vec scale = load(e->scale + column + shift), bias = load(e->bias + column + shift);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++)
        finish_vector(
            true, false, e, acc[r][v], scale, bias, g->c,
            at + (ptrdiff_t)r * g->c_row + (ptrdiff_t)shift, VL);
    }
    return;
  }
  int32_t sums[MAX_ROWS * PANEL] __attribute__((aligned(64)));
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++)
      *(ivec_anywhere *)(sums + r * PANEL + v * VL) = acc[r][v];
  store_sums(g, sums, rows, at, column, columns);
}

#define TILE(R, V)                                                                           \
  static void tile_##R##_##V(                                                                \
      const ck_int8_gemm *g, const uint8_t *a, const uint8_t *b, ptrdiff_t at, size_t column, \
      size_t columns) {                                                                      \
    tile(R, V, g, a, b, at, column, columns);                                                \
  }
#define TILES(R) TILE(R, 1) TILE(R, 2)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#if MAX_ROWS > 6
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12) TILES(13)
#define EACH(V)                                                                               \
  {tile_1_##V, tile_2_##V,  tile_3_##V,  tile_4_##V,  tile_5_##V,  tile_6_##V, tile_7_##V,    \
   tile_8_##V, tile_9_##V, tile_10_##V, tile_11_##V, tile_12_##V, tile_13_##V}
#else
#define EACH(V) {tile_1_##V, tile_2_##V, tile_3_##V, tile_4_##V, tile_5_##V, tile_6_##V}
#endif

static const tile_kernel tiles[2][MAX_ROWS] = {EACH(1), EACH(2)};

static void gemm(const ck_int8_gemm *g, size_t first, size_t last) {
  const size_t blocks = (g->rows + MAX_ROWS - 1) / MAX_ROWS;
  const size_t depth = g->segments * g->inner;
  for (size_t panel = first; panel < last; panel++) {
    const size_t column = panel * PANEL;
    const size_t columns = g->columns - column < PANEL ? g->columns - column : PANEL;
    const tile_kernel *row = tiles[columns > VL];
    const uint8_t *b = g->b + panel * depth * 4 * PANEL;
    for (size_t group = 0; group < g->groups; group++)
      for (size_t i = 0; i < blocks; i++) {
        // Blocks of nearly equal height, since short ones are slower.
        size_t top = g->rows * i / blocks, height = g->rows * (i + 1) / blocks - top;
        row[height - 1](
            g, g->a + (ptrdiff_t)group * g->a_group + (ptrdiff_t)top * g->a_row, b,
            (ptrdiff_t)group * g->c_group + (ptrdiff_t)top * g->c_row + (ptrdiff_t)column, column,
            columns);
      }
  }
}

static void pack(const int8_t *w, size_t inner, size_t columns, uint8_t *out) {
  const size_t panels = (columns + PANEL - 1) / PANEL;
  for (size_t panel = 0; panel < panels; panel++)
    for (size_t k = 0; k < inner; k += DEPTH)
      for (size_t n = 0; n < PANEL; n++, out += 4) {
        const size_t column = panel * PANEL + n;
        for (size_t i = 0; i < DEPTH; i++) {
          const int16_t value = column < columns ? w[(k + i) * columns + column] : 0;
#if DEPTH == 4
          out[i] = (uint8_t)(int8_t)value;
#else
          memcpy(out + 2 * i, &value, 2);
#endif
        }
      }
}

// One line, `count` channels from channel c on; taps of 3 x 3 kernels stay in registers.
CK_INLINE void depthwise_line(
    bool whole, bool to_bytes, bool has_residual, const ck_window *w, const uint8_t *x,
    const int32_t *weights, ivec start, ivec zero, const ck_int8_epilogue *e, size_t p, size_t c,
    size_t count, void *y) {
  const size_t channels = w->channels, row = (channels + PANEL - 1) / PANEL * PANEL;
  const ptrdiff_t y0 = (ptrdiff_t)(p * w->stride) - w->pad_top;
  const vec scale = load(e->scale + c), bias = load(e->bias + c);
  ptrdiff_t at = (ptrdiff_t)(p * w->out_width * channels + c);
  // The outputs whose windows lie inside.
  size_t q0 = 0, q1 = 0;
  ivec kept[9];
  if (w->kernel_height == 3 && w->kernel_width == 3 && y0 >= 0 && y0 + 3 <= (ptrdiff_t)w->height &&
      w->width >= 3) {
    for (size_t i = 0; i < 9; i++) kept[i] = words(weights + i * row + c);
    q0 = ((size_t)w->pad_left + w->stride - 1) / w->stride;
    q1 = (w->width - 3 + (size_t)w->pad_left) / w->stride + 1;
    if (q1 > w->out_width) q1 = w->out_width;
    if (q0 > q1) q0 = q1;
  }
  for (size_t q = 0; q < w->out_width; q++, at += (ptrdiff_t)channels) {
    ivec sum = start;
    if (q >= q0 && q < q1) {
      const size_t x0 = q * w->stride - (size_t)w->pad_left;
      const uint8_t *corner = x + ((size_t)y0 * w->width + x0) * channels + c;
#pragma clang loop unroll(full)
      for (size_t r = 0; r < 3; r++, corner += w->width * channels)
#pragma clang loop unroll(full)
        for (size_t s = 0; s < 3; s++)
          sum = multiply_add(
              sum, load_bytes(corner + s * channels, whole ? VL : count), kept[3 * r + s]);
    } else {
      const ptrdiff_t x0 = (ptrdiff_t)(q * w->stride) - w->pad_left;
      for (size_t r = 0; r < w->kernel_height; r++)
        for (size_t s = 0; s < w->kernel_width; s++) {
          const ptrdiff_t i = y0 + (ptrdiff_t)r, j = x0 + (ptrdiff_t)s;
          const bool isIn = i >= 0 && j >= 0 && i < (ptrdiff_t)w->height && j < (ptrdiff_t)w->width;
          ivec value =
              isIn ? load_bytes(x + ((size_t)i * w->width + (size_t)j) * channels + c,
                                whole ? VL : count)
                   : zero;
          sum = multiply_add(sum, value, words(weights + (r * w->kernel_width + s) * row + c));
        }
    }
    finish_vector(
        to_bytes, has_residual, e, sum, scale, bias, y, at, whole ? VL : count);
  }
}

CK_INLINE void depthwise_lines(
    bool to_bytes, bool has_residual, const ck_window *w, const uint8_t *x, const int32_t *weights,
    const int32_t *start, int32_t zero, const ck_int8_epilogue *e, size_t first, size_t last,
    void *y) {
  for (size_t p = first; p < last; p++)
    for (size_t c = 0; c < w->channels; c += VL) {
      const size_t count = w->channels - c;
      if (count >= VL)
        depthwise_line(
            true, to_bytes, has_residual, w, x, weights, words(start + c), (ivec)zero, e, p, c, VL, y);
      else
        depthwise_line(
            false, to_bytes, has_residual, w, x, weights, words(start + c), (ivec)zero, e, p, c,
            count, y);
    }
}

static void depthwise(
    const ck_window *w, const uint8_t *x, const int32_t *weights, const int32_t *start,
    int32_t zero, const ck_int8_epilogue *e, size_t first, size_t last, void *y) {
  if (e->to_bytes && e->residual)
    depthwise_lines(true, true, w, x, weights, start, zero, e, first, last, y);
  else if (e->to_bytes)
    depthwise_lines(true, false, w, x, weights, start, zero, e, first, last, y);
  else if (e->residual)
    depthwise_lines(false, true, w, x, weights, start, zero, e, first, last, y);
  else
    depthwise_lines(false, false, w, x, weights, start, zero, e, first, last, y);
}

#define NAME_OF_(x) #x
#define NAME_OF(x) NAME_OF_(x)
#define TABLE_OF_(x) ck_int8_engine_##x
#define TABLE_OF(x) TABLE_OF_(x)

extern const ck_int8_engine TABLE_OF(ENGINE);
const ck_int8_engine TABLE_OF(ENGINE) = {
    .name = NAME_OF(ENGINE),
    .panel = PANEL,
    .rows = MAX_ROWS,
    .depth = DEPTH,
    .gemm = gemm,
    .pack = pack,
    .depthwise = depthwise,
};
