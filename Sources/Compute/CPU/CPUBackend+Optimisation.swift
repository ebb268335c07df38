import CKernels

extension CPUBackend {
  /// One step of SGD with momentum.
  package func updateSGD(
    _ values: Tensor, velocity: Tensor, gradient: Tensor, rate: Float, momentum: Float,
    decay: Float, gradientScale: Float
  ) {
    let (w, v, g) = (values.kernel, velocity.kernel, gradient.kernel)
    forEachElementRange(values.count) { first, count in
      ck_sgd(w + first, v + first, g + first, count, rate, momentum, decay, gradientScale)
    }
  }

  /// One step of SGD with Nesterov's momentum.
  package func updateNesterov(
    _ values: Tensor, velocity: Tensor, gradient: Tensor, rate: Float, momentum: Float,
    decay: Float, gradientScale: Float
  ) {
    let (w, v, g) = (values.kernel, velocity.kernel, gradient.kernel)
    forEachElementRange(values.count) { first, count in
      ck_nesterov(w + first, v + first, g + first, count, rate, momentum, decay, gradientScale)
    }
  }

  /// One step of Adam.
  package func updateAdam(
    _ values: Tensor, firstMoment: Tensor, secondMoment: Tensor, gradient: Tensor, step: AdamStep
  ) {
    let (w, m, v, g) = (
      values.kernel, firstMoment.kernel, secondMoment.kernel, gradient.kernel
    )
    let numbers = ck_adam_step(
      rate: step.rate, beta1: step.beta1, beta2: step.beta2, root_correction: step.rootCorrection,
      epsilon: step.epsilon, decay: step.decay, shrink: step.shrink,
      gradient_scale: step.gradientScale)
    forEachElementRange(values.count) { first, count in
      ck_adam(w + first, m + first, v + first, g + first, count, numbers)
    }
  }

  /// One step of RMSprop.
  package func updateRMSprop(
    _ values: Tensor, velocity: Tensor?, squares: Tensor, gradient: Tensor, step: RMSpropStep
  ) {
    let (w, s, g) = (values.kernel, squares.kernel, gradient.kernel)
    let numbers = ck_rmsprop_step(
      rate: step.rate, alpha: step.alpha, epsilon: step.epsilon, momentum: step.momentum,
      decay: step.decay, gradient_scale: step.gradientScale)
    guard let v = velocity?.kernel else {
      forEachElementRange(values.count) { first, count in
        ck_rmsprop(w + first, s + first, g + first, count, numbers)
      }
      return
    }
    forEachElementRange(values.count) { first, count in
      ck_rmsprop_momentum(w + first, v + first, s + first, g + first, count, numbers)
    }
  }

  /// average ← keep · average + (1 − keep) · values.
  package func updateMovingAverage(_ average: Tensor, of values: Tensor, keep: Float) {
    let (a, w) = (average.kernel, values.kernel)
    forEachElementRange(values.count) { first, count in
      ck_moving_average(a + first, w + first, count, keep)
    }
  }
}
