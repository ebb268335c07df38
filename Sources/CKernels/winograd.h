// Winograd's minimal filtering F(m x m, 3 x 3), m = 2 and 4, by Toom-Cook's points 0, +-P, +-Q and
// infinity (Lavin and Gray 2016). P and Q are chosen for accuracy: against the customary 1 and 2 the
// rounding errors are half as large on average, a quarter at worst.
#include "simd.h"

#define P 0.625f
#define Q 1.5f
#define P2 (P * P)
#define Q2 (Q * Q)

enum { MAX_SIDE = 6 };

// Input: m + 2 pixels to m + 2 coefficients.
CK_INLINE void transform_input(int m, const vec *d, int ds, vec *o, int os) {
#define D(i) d[(i) * ds]
  if (m == 2) {
    o[0] = D(0) - D(2);
    o[os] = D(1) + D(2);
    o[2 * os] = D(2) - D(1);
    o[3 * os] = D(3) - D(1);
    return;
  }
  vec even = D(4) - Q2 * D(2), odd = P * (D(3) - Q2 * D(1));
  vec even2 = D(4) - P2 * D(2), odd2 = Q * (D(3) - P2 * D(1));
  vec first = P2 * Q2 * D(0) - (P2 + Q2) * D(2) + D(4);
  vec last = P2 * Q2 * D(1) - (P2 + Q2) * D(3) + D(5);
#undef D
  o[0] = first;
  o[os] = even + odd;
  o[2 * os] = even - odd;
  o[3 * os] = even2 + odd2;
  o[4 * os] = even2 - odd2;
  o[5 * os] = last;
}

// Output: m + 2 coefficients to m pixels.
CK_INLINE void transform_output(int m, const vec *c, int cs, vec *o, int os) {
#define C(i) c[(i) * cs]
  if (m == 2) {
    vec sum = C(1) + C(2), difference = C(1) - C(2);
    o[0] = C(0) + sum;
    o[os] = difference + C(3);
    return;
  }
  vec sum = C(1) + C(2), difference = C(1) - C(2), sum2 = C(3) + C(4), difference2 = C(3) - C(4);
  o[0] = C(0) + sum + sum2;
  o[os] = P * difference + Q * difference2;
  o[2 * os] = P2 * sum + Q2 * sum2;
  o[3 * os] = P2 * P * difference + Q2 * Q * difference2 + C(5);
#undef C
}

// Adjoint of transform_output: m pixels to m + 2 coefficients.
CK_INLINE void transform_output_adjoint(int m, const vec *d, int ds, vec *o, int os) {
#define D(i) d[(i) * ds]
  if (m == 2) {
    o[0] = D(0);
    o[os] = D(0) + D(1);
    o[2 * os] = D(0) - D(1);
    o[3 * os] = D(1);
    return;
  }
  vec even = D(0) + P2 * D(2), odd = P * D(1) + P2 * P * D(3);
  vec even2 = D(0) + Q2 * D(2), odd2 = Q * D(1) + Q2 * Q * D(3);
  o[0] = D(0);
  o[os] = even + odd;
  o[2 * os] = even - odd;
  o[3 * os] = even2 + odd2;
  o[4 * os] = even2 - odd2;
  o[5 * os] = D(3);
#undef D
}

#define F0 (1 / (P2 * Q2))
#define FP (1 / (2 * P2 * (P2 - Q2)))
#define FQ (1 / (2 * Q2 * (Q2 - P2)))

// Weights: 3 to m + 2 coefficients.
CK_INLINE void transform_weights(int m, const vec *g, int gs, vec *o, int os) {
  vec g0 = g[0], g1 = g[gs], g2 = g[2 * gs];
  if (m == 2) {
    vec even = 0.5f * (g0 + g2), odd = 0.5f * g1;
    o[0] = g0;
    o[os] = even + odd;
    o[2 * os] = even - odd;
    o[3 * os] = g2;
    return;
  }
  vec even = FP * g0 + P2 * FP * g2, odd = P * FP * g1;
  vec even2 = FQ * g0 + Q2 * FQ * g2, odd2 = Q * FQ * g1;
  o[0] = F0 * g0;
  o[os] = even + odd;
  o[2 * os] = even - odd;
  o[3 * os] = even2 + odd2;
  o[4 * os] = even2 - odd2;
  o[5 * os] = g2;
}

// Adjoint of transform_weights: m + 2 coefficients to 3.
CK_INLINE void transform_weights_adjoint(int m, const vec *c, int cs, vec *o, int os) {
#define C(i) c[(i) * cs]
  if (m == 2) {
    vec sum = 0.5f * (C(1) + C(2));
    o[0] = C(0) + sum;
    o[os] = 0.5f * (C(1) - C(2));
    o[2 * os] = sum + C(3);
    return;
  }
  vec sum = FP * (C(1) + C(2)), difference = FP * (C(1) - C(2));
  vec sum2 = FQ * (C(3) + C(4)), difference2 = FQ * (C(3) - C(4));
  o[0] = F0 * C(0) + sum + sum2;
  o[os] = P * difference + Q * difference2;
  o[2 * os] = P2 * sum + Q2 * sum2 + C(5);
#undef C
}

#undef F0
#undef FP
#undef FQ

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

// Loads side x side vectors of an image [height][width][channels]; zeros outside.
CK_INLINE void load_pixels(
    int side, const float *image, size_t height, size_t width, size_t channels, ptrdiff_t y,
    ptrdiff_t x, size_t count, vec *d) {
  const float *corner = image + (y * (ptrdiff_t)width + x) * (ptrdiff_t)channels;
  const ptrdiff_t line = (ptrdiff_t)(width * channels);
  if (count >= VL && y >= 0 && x >= 0 && y + side <= (ptrdiff_t)height &&
      x + side <= (ptrdiff_t)width) {
#pragma clang loop unroll(full)
    for (int i = 0; i < side; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < side; j++)
        d[i * side + j] = load(corner + i * line + j * (ptrdiff_t)channels);
    return;
  }
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++) {
      bool inside = y + i >= 0 && y + i < (ptrdiff_t)height && x + j >= 0 && x + j < (ptrdiff_t)width;
      d[i * side + j] =
          inside ? load_some(corner + i * line + j * (ptrdiff_t)channels, count) : (vec)0;
    }
}

CK_INLINE void input_tiles(
    int m, const ck_winograd *w, const float *x, size_t first, size_t last, float *v,
    ptrdiff_t element, ptrdiff_t tile) {
  const int side = m + 2;
  for (size_t t = first; t < last; t++, v += tile) {
    tile_place at = place(m, w, t);
    const float *image = x + at.image * w->height * w->width * w->channels;
    for (size_t c = 0; c < w->channels; c += VL) {
      vec d[MAX_SIDE * MAX_SIDE], e[MAX_SIDE * MAX_SIDE];
      load_pixels(
          side, image + c, w->height, w->width, w->channels, at.y - w->padding, at.x - w->padding,
          w->channels - c, d);
#pragma clang loop unroll(full)
      for (int j = 0; j < side; j++) transform_input(m, d + j, side, e + j, side);
#pragma clang loop unroll(full)
      for (int i = 0; i < side; i++) {
        vec o[MAX_SIDE];
        transform_input(m, e + i * side, 1, o, 1);
#pragma clang loop unroll(full)
        for (int j = 0; j < side; j++) store(v + (i * side + j) * element + (ptrdiff_t)c, o[j]);
      }
    }
  }
}

CK_INLINE void output_tiles(
    int m, ck_activation f, bool accumulate, const ck_winograd *w, const float *coefficients,
    ptrdiff_t element, ptrdiff_t tile, size_t first, size_t last, size_t channel, size_t count,
    const float *bias, float *y) {
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
      vec offset = bias ? load_some(bias + channel + c, count - c) : (vec)0;
      float *out = corner + c;
      if (high == m && wide == m && count - c >= VL) {
#pragma clang loop unroll(full)
        for (int i = 0; i < m; i++)
#pragma clang loop unroll(full)
          for (int j = 0; j < m; j++) {
            float *to = out + ((size_t)i * w->out_width + (size_t)j) * w->filters;
            vec z = o[i * m + j] + offset;
            if (accumulate) z += load(to);
            store(to, activate_vector(f, z));
          }
      } else {
        for (int i = 0; i < high; i++)
          for (int j = 0; j < wide; j++) {
            float *to = out + ((size_t)i * w->out_width + (size_t)j) * w->filters;
            vec z = o[i * m + j] + offset;
            if (accumulate) z += load_some(to, count - c);
            store_some(to, activate_vector(f, z), count - c);
          }
      }
    }
  }
}

CK_INLINE void adjoint_tiles(
    int m, const ck_winograd *w, const float *dy, size_t first, size_t last, float *d_panels,
    ptrdiff_t element, ptrdiff_t panel) {
  const int side = m + 2;
  for (size_t t = first; t < last; t++, d_panels += 2 * VL) {
    tile_place at = place(m, w, t);
    const float *image = dy + at.image * w->out_height * w->out_width * w->filters;
    for (size_t c = 0; c < w->filters; c += VL) {
      vec d[16], e[4 * MAX_SIDE];
      float *to = d_panels + (ptrdiff_t)(c / (2 * VL)) * panel + c % (2 * VL);
      load_pixels(
          m, image + c, w->out_height, w->out_width, w->filters, at.y, at.x, w->filters - c, d);
#pragma clang loop unroll(full)
      for (int j = 0; j < m; j++) transform_output_adjoint(m, d + j, m, e + j, m);
#pragma clang loop unroll(full)
      for (int i = 0; i < side; i++) {
        vec o[MAX_SIDE];
        transform_output_adjoint(m, e + i * m, 1, o, 1);
#pragma clang loop unroll(full)
        for (int j = 0; j < side; j++) store(to + (i * side + j) * element, o[j]);
      }
    }
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
