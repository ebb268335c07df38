// Winograd's algorithm on tiles of an NHWC tensor: to coefficients and back, a vector of channels at a
// time.
#include "winograd_transforms.h"

typedef struct {
  size_t image;
  ptrdiff_t y, x;
} tile_place;

CK_INLINE tile_place place(int m, const ck_winograd *w, size_t tile) {
  size_t per_image = w->tiles_high * w->tiles_wide;
  size_t inside = tile % per_image;
  return (tile_place){
      tile / per_image, (ptrdiff_t)(inside / w->tiles_wide) * m,
      (ptrdiff_t)(inside % w->tiles_wide) * m};
}

// Where a square of side x side pixels lies in an image, and whether it lies inside entirely.
typedef struct {
  const float *corner;
  ptrdiff_t line, pixel;
  ptrdiff_t y, x, height, width;
  bool inside;
} pixel_square;

CK_INLINE pixel_square square_at(
    int side, const float *image, size_t height, size_t width, size_t channels, ptrdiff_t y,
    ptrdiff_t x) {
  pixel_square s = {
      .line = (ptrdiff_t)(width * channels), .pixel = (ptrdiff_t)channels, .y = y, .x = x,
      .height = (ptrdiff_t)height, .width = (ptrdiff_t)width};
  s.corner = image + y * s.line + x * s.pixel;
  s.inside = y >= 0 && x >= 0 && y + side <= s.height && x + side <= s.width;
  return s;
}

// Channels that are copied at a time of squares that reach over the image's edge.
enum { COPIED = 64 };

// Channels c..<c + count of a square in `copy`, with zeros outside the image and behind the channels.
CK_INLINE pixel_square copied_square(
    int side, const pixel_square *s, size_t c, size_t count, float *copy) {
  for (int i = 0; i < side; i++) {
    const bool inside = s->y + i >= 0 && s->y + i < s->height;
    ptrdiff_t first = inside ? -s->x : side, last = inside ? s->width - s->x : side;
    for (int j = 0; j < side; j++, copy += COPIED) {
      const float *from = s->corner + i * s->line + j * s->pixel + (ptrdiff_t)c;
      if (j >= first && j < last)
        for (size_t k = 0; k < count; k += VL) store(copy + k, load_some(from + k, count - k));
      else
        for (size_t k = 0; k < count; k += VL) store(copy + k, (vec)0);
    }
  }
  return (pixel_square){
      .corner = copy - side * side * COPIED, .line = side * COPIED, .pixel = COPIED};
}

CK_INLINE void input_vectors(int m, const pixel_square *s, size_t c, float *v, ptrdiff_t element) {
  const int side = m + 2;
  const float *p = s->corner + c;
  vec e[MAX_SIDE * MAX_SIDE];
#pragma clang loop unroll(full)
  for (int i = 0; i < side; i++) {
    vec d[MAX_SIDE];
#pragma clang loop unroll(full)
    for (int j = 0; j < side; j++) d[j] = load(p + i * s->line + j * s->pixel);
    transform_input(m, d, 1, e + i * side, 1);
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < side; j++) {
    vec o[MAX_SIDE];
    transform_input(m, e + j, side, o, 1);
#pragma clang loop unroll(full)
    for (int i = 0; i < side; i++) store(v + (i * side + j) * element, o[i]);
  }
}

CK_INLINE void input_tiles(
    int m, const ck_winograd *w, const float *x, size_t first, size_t last, float *v,
    ptrdiff_t element, ptrdiff_t tile) {
  float copy[MAX_SIDE * MAX_SIDE * COPIED] __attribute__((aligned(64)));
  for (size_t t = first; t < last; t++, v += tile) {
    tile_place at = place(m, w, t);
    pixel_square s = square_at(
        m + 2, x + at.image * w->height * w->width * w->channels, w->height, w->width, w->channels,
        at.y - w->padding, at.x - w->padding);
    size_t c = 0;
    if (s.inside)
      for (; c + VL <= w->channels; c += VL) input_vectors(m, &s, c, v + c, element);
    while (c < w->channels) {
      const size_t count = w->channels - c < COPIED ? w->channels - c : COPIED;
      const pixel_square near = copied_square(m + 2, &s, c, count, copy);
      for (size_t k = 0; k < count; k += VL) input_vectors(m, &near, k, v + c + k, element);
      c += count;
    }
  }
}

CK_INLINE void output_tiles(
    int m, ck_activation f, const ck_winograd *w, const float *coefficients, ptrdiff_t element,
    ptrdiff_t tile, size_t first, size_t last, size_t channel, size_t count,
    const ck_epilogue *epilogue, float *y) {
  const int side = m + 2;
  for (size_t t = first; t < last; t++, coefficients += tile) {
    tile_place at = place(m, w, t);
    ptrdiff_t high = (ptrdiff_t)w->out_height - at.y, wide = (ptrdiff_t)w->out_width - at.x;
    if (high > m) high = m;
    if (wide > m) wide = m;
    float *corner =
        y + ((at.image * w->out_height + (size_t)at.y) * w->out_width + (size_t)at.x) * w->filters +
        channel;
    for (size_t c = 0; c < count; c += VL) {
      vec d[MAX_SIDE * MAX_SIDE], e[4 * MAX_SIDE], o[16];
#pragma clang loop unroll(full)
      for (int i = 0; i < side * side; i++) d[i] = load(coefficients + i * element + (ptrdiff_t)c);
#pragma clang loop unroll(full)
      for (int j = 0; j < side; j++) transform_output(m, d + j, side, e + j, side);
#pragma clang loop unroll(full)
      for (int i = 0; i < m; i++) transform_output(m, e + i * side, 1, o + i * m, 1);
      const affine a = affine_of(epilogue, channel + c, count - c);
      float *out = corner + c;
      const float *residual = epilogue->residual ? epilogue->residual + (out - y) : NULL;
      if (high == m && wide == m && count - c >= VL) {
#pragma clang loop unroll(full)
        for (int i = 0; i < m; i++)
#pragma clang loop unroll(full)
          for (int j = 0; j < m; j++) {
            size_t at = ((size_t)i * w->out_width + (size_t)j) * w->filters;
            vec added = residual ? load(residual + at) : (vec)0;
            store(out + at, finish(f, epilogue, a, o[i * m + j], added));
          }
      } else {
        for (int i = 0; i < high; i++)
          for (int j = 0; j < wide; j++) {
            size_t at = ((size_t)i * w->out_width + (size_t)j) * w->filters;
            vec added = residual ? load_some(residual + at, count - c) : (vec)0;
            store_some(out + at, finish(f, epilogue, a, o[i * m + j], added), count - c);
          }
      }
    }
  }
}

CK_INLINE void adjoint_vectors(
    int m, const pixel_square *s, size_t c, float *d, ptrdiff_t element) {
  const int side = m + 2;
  const float *p = s->corner + c;
  vec e[4 * MAX_SIDE];
#pragma clang loop unroll(full)
  for (int i = 0; i < m; i++) {
    vec row[4];
#pragma clang loop unroll(full)
    for (int j = 0; j < m; j++) row[j] = load(p + i * s->line + j * s->pixel);
    transform_output_adjoint(m, row, 1, e + i * side, 1);
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < side; j++) {
    vec o[MAX_SIDE];
    transform_output_adjoint(m, e + j, side, o, 1);
#pragma clang loop unroll(full)
    for (int i = 0; i < side; i++) store(d + (i * side + j) * element, o[i]);
  }
}

CK_INLINE void adjoint_tiles(
    int m, const ck_winograd *w, const float *dy, size_t first, size_t last, float *d,
    ptrdiff_t element, ptrdiff_t panel) {
  float copy[4 * 4 * COPIED] __attribute__((aligned(64)));
  for (size_t t = first; t < last; t++, d += 2 * VL) {
    tile_place at = place(m, w, t);
    pixel_square s = square_at(
        m, dy + at.image * w->out_height * w->out_width * w->filters, w->out_height, w->out_width,
        w->filters, at.y, at.x);
    size_t c = 0;
#define TO(c) (d + (ptrdiff_t)((c) / (2 * VL)) * panel + (c) % (2 * VL))
    if (s.inside)
      for (; c + VL <= w->filters; c += VL) adjoint_vectors(m, &s, c, TO(c), element);
    while (c < w->filters) {
      const size_t count = w->filters - c < COPIED ? w->filters - c : COPIED;
      const pixel_square near = copied_square(m, &s, c, count, copy);
      for (size_t k = 0; k < count; k += VL) adjoint_vectors(m, &near, k, TO(c + k), element);
      c += count;
    }
#undef TO
  }
}

CK_INLINE void weight_coefficients(int m, const vec *g, float *u, ptrdiff_t element) {
  const int side = m + 2;
  vec e[3 * MAX_SIDE];
#pragma clang loop unroll(full)
  for (int j = 0; j < 3; j++) transform_weights(m, g + j, 3, e + j, 3);
#pragma clang loop unroll(full)
  for (int i = 0; i < side; i++) {
    vec o[MAX_SIDE];
    transform_weights(m, e + 3 * i, 1, o, 1);
#pragma clang loop unroll(full)
    for (int j = 0; j < side; j++) store(u + (i * side + j) * element, o[j]);
  }
}

CK_INLINE void weight_panels(
    int m, const float *weights, size_t channels, size_t filters, size_t first, size_t last,
    float *u, ptrdiff_t element) {
  for (size_t panel = first; panel < last; panel++)
    for (size_t c = 0; c < channels; c++)
      for (size_t v = 0; v < 2; v++) {
        size_t k = panel * 2 * VL + v * VL;
        vec g[9];
        for (size_t tap = 0; tap < 9; tap++)
          g[tap] = k < filters ? load_some(weights + (tap * channels + c) * filters + k, filters - k)
                               : (vec)0;
        weight_coefficients(m, g, u + ((panel - first) * channels + c) * 2 * VL + v * VL, element);
      }
}

// Panels of channels, rows of filters: weights are transposed block by block on the way.
CK_INLINE void flipped_panels(
    int m, const float *weights, size_t channels, size_t filters, size_t first, size_t last,
    float *u, ptrdiff_t element) {
  enum { DEPTH = 16 };
  for (size_t panel = first; panel < last; panel++)
    for (size_t k0 = 0; k0 < filters; k0 += DEPTH) {
      float block[9][DEPTH][2 * VL] __attribute__((aligned(64)));
      size_t depth = filters - k0 < DEPTH ? filters - k0 : DEPTH;
      for (size_t tap = 0; tap < 9; tap++)
        for (size_t n = 0; n < 2 * VL; n++) {
          size_t c = panel * 2 * VL + n;
          const float *from = weights + ((8 - tap) * channels + c) * filters + k0;
          for (size_t k = 0; k < depth; k++) block[tap][k][n] = c < channels ? from[k] : 0.0f;
        }
      for (size_t k = 0; k < depth; k++)
        for (size_t v = 0; v < 2; v++) {
          vec g[9];
          for (size_t tap = 0; tap < 9; tap++) g[tap] = load(&block[tap][k][v * VL]);
          weight_coefficients(
              m, g, u + ((panel - first) * filters + k0 + k) * 2 * VL + v * VL, element);
        }
    }
}

CK_INLINE void weights_adjoint(
    int m, const float *coefficients, ptrdiff_t element, ptrdiff_t row, size_t channels,
    size_t filters, size_t first, size_t last, size_t count, float *gradient) {
  const int side = m + 2;
  for (size_t c = first; c < last; c++, coefficients += row)
    for (size_t k = 0; k < count; k += VL) {
      vec d[MAX_SIDE * MAX_SIDE], e[3 * MAX_SIDE];
      for (int i = 0; i < side * side; i++) d[i] = load(coefficients + i * element + (ptrdiff_t)k);
#pragma clang loop unroll(full)
      for (int j = 0; j < side; j++) transform_weights_adjoint(m, d + j, side, e + j, side);
#pragma clang loop unroll(full)
      for (int i = 0; i < 3; i++) {
        vec o[3];
        transform_weights_adjoint(m, e + i * side, 1, o, 1);
        for (int j = 0; j < 3; j++) {
          float *to = gradient + ((size_t)(3 * i + j) * channels + c) * filters + k;
          store_some(to, load_some(to, count - k) + o[j], count - k);
        }
      }
    }
}
