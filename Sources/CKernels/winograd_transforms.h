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
