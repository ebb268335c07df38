// Steps of optimisers: every element by itself, so that a share of a tensor can be done by any thread.
#include <stddef.h>

#include "CKernels.h"
#include "multiversion.h"

CK_KERNEL
void ck_sgd(
    float *w, float *v, const float *gradient, size_t count, float rate, float momentum,
    float decay, float gradient_scale) {
  for (size_t i = 0; i < count; i++) {
    float step = momentum * v[i] + (gradient[i] * gradient_scale + decay * w[i]);
    v[i] = step;
    w[i] -= rate * step;
  }
}

CK_KERNEL
void ck_nesterov(
    float *w, float *v, const float *gradient, size_t count, float rate, float momentum,
    float decay, float gradient_scale) {
  CK_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float pull = gradient[i] * gradient_scale + decay * w[i];
    float velocity = momentum * v[i] + pull;
    v[i] = velocity;
    w[i] -= rate * (pull + momentum * velocity);
  }
}

CK_KERNEL
void ck_adam(
    float *w, float *m, float *v, const float *gradient, size_t count, ck_adam_step step) {
  float first = 1.0f - step.beta1;
  float second = 1.0f - step.beta2;
  CK_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float pull = gradient[i] * step.gradient_scale + step.decay * w[i];
    float mean = m[i] + first * (pull - m[i]);
    float square = step.beta2 * v[i] + second * pull * pull;
    m[i] = mean;
    v[i] = square;
    float root = __builtin_elementwise_sqrt(square) * step.root_correction + step.epsilon;
    w[i] = step.shrink * w[i] - step.rate * mean / root;
  }
}

CK_KERNEL
void ck_rmsprop(
    float *w, float *squares, const float *gradient, size_t count, ck_rmsprop_step step) {
  CK_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float pull = gradient[i] * step.gradient_scale + step.decay * w[i];
    float square = step.alpha * squares[i] + (1.0f - step.alpha) * pull * pull;
    squares[i] = square;
    w[i] -= step.rate * pull / (__builtin_elementwise_sqrt(square) + step.epsilon);
  }
}

CK_KERNEL
void ck_rmsprop_momentum(
    float *w, float *v, float *squares, const float *gradient, size_t count,
    ck_rmsprop_step step) {
  CK_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float pull = gradient[i] * step.gradient_scale + step.decay * w[i];
    float square = step.alpha * squares[i] + (1.0f - step.alpha) * pull * pull;
    squares[i] = square;
    float velocity =
        step.momentum * v[i] + pull / (__builtin_elementwise_sqrt(square) + step.epsilon);
    v[i] = velocity;
    w[i] -= step.rate * velocity;
  }
}

CK_KERNEL
void ck_moving_average(float *average, const float *w, size_t count, float keep) {
  for (size_t i = 0; i < count; i++) average[i] += (1.0f - keep) * (w[i] - average[i]);
}
