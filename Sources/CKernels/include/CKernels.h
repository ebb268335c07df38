// Hot loops of the CPU backend. Every kernel is serial and works on a range that the caller chose;
// tensors are NHWC float. "rows" are pixels (N*H*W), "channels" the innermost dimension.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ckernels_engine.h"
#include "ckernels_int8.h"

// ---------------------------------------------------------------- thread pool (pool.c)

typedef struct ck_pool ck_pool;
typedef void (*ck_body)(void *context, size_t index);
typedef void (*ck_task)(void *context);

/// Starts `threads - 1` workers; the caller of `ck_pool_run` is the remaining one. NULL on failure.
ck_pool *ck_pool_create(unsigned threads);
/// Finishes pending tasks, joins the workers, frees the pool. A task of the pool may call it.
void ck_pool_destroy(ck_pool *pool);
/// Calls `body(context, i)` for i in 0..<count on all threads, one index at a time, and waits.
/// Called from inside a body or a task it runs serially on the calling thread.
void ck_pool_run(ck_pool *pool, size_t count, ck_body body, void *context);
/// Queues a background task; workers prefer it to chunks of `ck_pool_run`.
void ck_pool_submit(ck_pool *pool, ck_task task, void *context);
/// Runs one queued task on the calling thread. False if there was none.
bool ck_pool_help(ck_pool *pool);
/// Flushes denormals to zero (FTZ and DAZ) in the calling thread.
void ck_flush_denormals(void);
/// Thread-local scratch memory of at least `count` floats, 64-byte aligned, valid until the
/// next call on the same thread. NULL if there is no memory.
float *ck_scratch(size_t count);

// ---------------------------------------------------------------- elementwise (pointwise.c)

/// y = f(x); in place allowed.
void ck_activate(ck_activation f, const float *x, float *y, size_t count);
/// dx = dy * f'(x), from the pre-activation x; in place on dy allowed.
void ck_activate_backward(
    ck_activation f, const float *x, const float *dy, float *dx, size_t count);
/// dx = dy * f'(x), from the output y; not of mish, swish, hard_mish and gelu.
void ck_activate_backward_from_output(
    ck_activation f, const float *y, const float *dy, float *dx, size_t count);
/// y = f(x * scale[c] + shift[c]); in place allowed.
void ck_scale_shift_activate(
    ck_activation f, const float *x, const float *scale, const float *shift, float *y, size_t rows,
    size_t channels);
/// y = f(scale[c] * y + bias[c]) on rows that lie `stride` floats apart; NULL: 1 and 0.
void ck_affine_activate(
    ck_activation f, const float *scale, const float *bias, float *y, size_t stride, size_t rows,
    size_t channels);
void ck_fill(float *y, float value, size_t count);
/// y = a + b.
void ck_add(const float *a, const float *b, float *y, size_t count);
/// y += a * x.
void ck_axpy(float a, const float *x, float *y, size_t count);
/// y = a * y.
void ck_scale(float a, float *y, size_t count);
/// y = x * m, or y += x * m.
void ck_multiply(const float *x, const float *m, float *y, size_t count, bool accumulate);
/// Sum of squares in double.
double ck_sum_of_squares(const float *x, size_t count);
/// True if every element is finite.
bool ck_all_finite(const float *x, size_t count);
/// Copies `rows` rows of `width` floats between strided matrices; adds if `accumulate`.
void ck_copy_rows(
    const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows, size_t width,
    bool accumulate);
/// Softmax of `rows` rows of `count` values each, with temperature 1; in place allowed.
void ck_softmax(const float *x, float *y, size_t rows, size_t count);
/// dx (+)= y * (dy - sum(y * dy)), by row.
void ck_softmax_backward(
    const float *y, const float *dy, float *dx, size_t rows, size_t count, bool accumulate);

// ---------------------------------------------------------------- optimisers (optimiser.c)

/// SGD with momentum as Darknet: v = momentum * v + gradient * gradient_scale + decay * w;
/// w -= rate * v.
void ck_sgd(
    float *w, float *v, const float *gradient, size_t count, float rate, float momentum,
    float decay, float gradient_scale);
/// The same with Nesterov's momentum: g = gradient * gradient_scale + decay * w;
/// v = momentum * v + g; w -= rate * (g + momentum * v).
void ck_nesterov(
    float *w, float *v, const float *gradient, size_t count, float rate, float momentum,
    float decay, float gradient_scale);

/// The numbers of a step of Adam.
typedef struct {
  /// The learning rate divided by 1 - beta1^t.
  float rate;
  float beta1;
  float beta2;
  /// 1 / sqrt(1 - beta2^t).
  float root_correction;
  float epsilon;
  /// Factor of the weights in their gradient.
  float decay;
  /// Factor on the weights before the step, 1 for none.
  float shrink;
  float gradient_scale;
} ck_adam_step;
/// g = gradient * gradient_scale + decay * w; m += (1 - beta1) * (g - m);
/// v = beta2 * v + (1 - beta2) * g^2;
/// w = shrink * w - rate * m / (sqrt(v) * root_correction + epsilon).
void ck_adam(
    float *w, float *m, float *v, const float *gradient, size_t count, ck_adam_step step);

/// The numbers of a step of RMSprop.
typedef struct {
  float rate;
  float alpha;
  float epsilon;
  float momentum;
  float decay;
  float gradient_scale;
} ck_rmsprop_step;
/// g = gradient * gradient_scale + decay * w; s = alpha * s + (1 - alpha) * g^2;
/// w -= rate * g / (sqrt(s) + epsilon).
void ck_rmsprop(
    float *w, float *squares, const float *gradient, size_t count, ck_rmsprop_step step);
/// The same with momentum: v = momentum * v + g / (sqrt(s) + epsilon); w -= rate * v.
void ck_rmsprop_momentum(
    float *w, float *v, float *squares, const float *gradient, size_t count,
    ck_rmsprop_step step);
/// average += (1 - keep) * (w - average).
void ck_moving_average(float *average, const float *w, size_t count, float keep);

// ---------------------------------------------------------------- Bayesian convolution (bayes.c)

/// y = scale * x * x; in place allowed.
void ck_square(float scale, const float *x, float *y, size_t count);
/// dx = 2 * x * d, or dx += 2 * x * d; in place on d allowed.
void ck_square_backward(const float *x, const float *d, float *dx, size_t count, bool accumulate);
/// y = mean + noise * sqrt(variance + floor).
void ck_add_noise(
    const float *mean, const float *variance, const float *noise, float floor, float *y,
    size_t count);
/// dv = dy * noise / (2 * sqrt(variance + floor)).
void ck_add_noise_backward(
    const float *dy, const float *variance, const float *noise, float floor, float *dv,
    size_t count);

// ---------------------------------------------------------------- batch normalisation (norm.c)

/// Mean and sum of squared deviations of each channel over `rows` rows.
void ck_moments(const float *x, size_t rows, size_t channels, float *mean, float *m2);
/// out[c] = sum of x over rows.
void ck_column_sums(const float *x, size_t rows, size_t channels, float *out);
/// Backward reduction of y = f(scale * xhat + bias), xhat = (z - mean) * inverse:
/// d_bias[c] = sum dy, d_scale[c] = sum dy * xhat, dy = da * f'(y).
void ck_norm_backward_reduce(
    ck_activation f, const float *z, const float *da, const float *mean, const float *inverse,
    const float *scale, const float *bias, size_t rows, size_t channels, float *d_bias,
    float *d_scale);
/// dz = scale * inverse * (dy - mean_dy - xhat * mean_dy_xhat); in place on da allowed.
void ck_norm_backward_apply(
    ck_activation f, const float *z, const float *da, const float *mean, const float *inverse,
    const float *scale, const float *bias, const float *mean_dy, const float *mean_dy_xhat,
    size_t rows, size_t channels, float *dz);

// ---------------------------------------------------------------- windows (window.c)

/// Patches of output pixels first..<first+count of one image, channels
/// channel..<channel+channel_count, as rows [kernel_height][kernel_width][channel_count].
void ck_im2col(
    const float *x, const ck_window *w, size_t channel, size_t channel_count, size_t first,
    size_t count, float *columns);
/// Adjoint of ck_im2col for input row `y` of one image: gathers from all patches; adds if
/// `accumulate`, otherwise overwrites the row's channels.
void ck_col2im_row(
    const float *columns, const ck_window *w, size_t channel, size_t channel_count, size_t y,
    float *x, bool accumulate);
/// Nearest-neighbour enlargement of one image row into `factor` output rows.
void ck_upsample_row(
    const float *x, float *y, size_t width, size_t channels, size_t factor, float scale);
/// Adjoint of ck_upsample_row.
void ck_upsample_row_backward(
    const float *dy, float *dx, size_t width, size_t channels, size_t factor, float scale,
    bool accumulate);

/// Copies `width` pixels of `channels` floats, `x_pixel` apart, to a line of `out_width` pixels
/// `out_pixel` floats apart, with zeros before (`left` pixels) and after; NULL gives a line of zeros.
void ck_pad_line(
    const float *x, size_t width, size_t channels, size_t x_pixel, size_t left, size_t out_width,
    float *out, size_t out_pixel);

// ---------------------------------------------------------------- pooling (pooling.c)

/// Windows over an NHWC image; what lies outside does not count. No window may lie outside as a whole.
typedef struct {
  size_t height, width, channels;
  size_t out_height, out_width;
  size_t kernel_height, kernel_width;
  size_t stride_y, stride_x;
  ptrdiff_t pad_top, pad_left;
} ck_pooling;

/// Maxima, output rows first..<last of one image.
void ck_maxpool(const float *x, const ck_pooling *w, size_t first, size_t last, float *y);
/// The same of bytes.
void ck_maxpool_bytes(
    const uint8_t *x, const ck_pooling *w, size_t first, size_t last, uint8_t *y);
/// Adds dy to the first maximum of each window of one image; dx must be zeroed or hold a gradient.
/// Without `accumulate`, for windows that do not overlap, the pixels of windows are overwritten.
void ck_maxpool_backward(
    const float *x, const float *dy, const ck_pooling *w, bool accumulate, float *dx);
/// Means, output rows first..<last of one image.
void ck_avgpool(const float *x, const ck_pooling *w, size_t first, size_t last, float *y);
/// Adds to dx, of one image, the share of dy of each pixel of a window.
void ck_avgpool_backward(const float *dy, const ck_pooling *w, float *dx);

#endif
