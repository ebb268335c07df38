import CKernels

/// ε inside the root of batch normalisation, as on Darknet's GPU path and in AlexeyAB's fork.
package let batchNormEpsilon: Float = 1e-5

extension CPUBackend {
  /// Normalises by the statistics of this batch.
  package func normalize(
    _ input: Tensor, scale: Tensor, bias: Tensor, activation: Activation, statistics: Tensor,
    rollingMean: Tensor, rollingVariance: Tensor, momentum: Float, into output: Tensor
  ) {
    let channels = input.shape.channels
    let rows = input.shape.rows
    let grain = CPUBackend.rowGrain(channels: channels)
    let blocks = (rows + grain - 1) / grain
    let moments = scratch(blocks * 2 * channels)
    let x = input.kernel
    pool.forEach(count: blocks) { block in
      let first = block * grain
      let mean = moments + block * 2 * channels
      ck_moments(x + first * channels, min(grain, rows - first), channels, mean, mean + channels)
    }
    let mean = statistics.pointer
    let inverse = mean + channels
    let (rollingMean, rollingVariance) = (rollingMean.pointer, rollingVariance.pointer)
    let own = (0..<channels).map { c in
      var all = Moments()
      for block in 0..<blocks {
        all += Moments(
          count: Double(min(grain, rows - block * grain)),
          mean: Double((moments + block * 2 * channels)[c]),
          deviations: Double((moments + (block * 2 + 1) * channels)[c]))
      }
      return all
    }
    for (c, all) in ofAllRanks(own).enumerated() {
      let variance = all.deviations / all.count
      mean[c] = Float(all.mean)
      inverse[c] = Float(1 / (variance + Double(batchNormEpsilon)).squareRoot())
      let unbiased = Float(all.deviations / max(1, all.count - 1))
      rollingMean[c] += momentum * (mean[c] - rollingMean[c])
      rollingVariance[c] += momentum * (unbiased - rollingVariance[c])
    }
    normalizeAgain(
      input, scale: scale, bias: bias, activation: activation, statistics: statistics, into: output)
  }

  /// Normalises by statistics that are known.
  package func normalizeAgain(
    _ input: Tensor, scale: Tensor, bias: Tensor, activation: Activation, statistics: Tensor,
    into output: Tensor
  ) {
    let channels = input.shape.channels
    let rows = input.shape.rows
    let factor = scratch(2 * channels)
    let shift = KernelPointer(factor + channels)
    let (scale, bias, statistics) = (scale.pointer, bias.pointer, statistics.pointer)
    for c in 0..<channels {
      factor.base[c] = scale[c] * statistics[channels + c]
      shift.base[c] = bias[c] - statistics[c] * factor.base[c]
    }
    let (x, y) = (input.kernel, output.kernel)
    let grain = CPUBackend.rowGrain(channels: channels)
    pool.forEachRange(count: rows, grain: grain) { range in
      let offset = range.lowerBound * channels
      ck_scale_shift_activate(
        activation.kernel, x + offset, factor.base, shift.base, y + offset, range.count, channels)
    }
  }

  /// Turns dL/doutput into dL/dinput in place; adds to the gradients of scale and bias.
  package func normalizeGradient(
    _ gradient: Tensor, input: Tensor, scale: Tensor, bias: Tensor, activation: Activation,
    statistics: Tensor, scaleGradient: Tensor, biasGradient: Tensor
  ) {
    let channels = input.shape.channels
    let rows = input.shape.rows
    let grain = CPUBackend.rowGrain(channels: channels)
    let blocks = (rows + grain - 1) / grain
    let sums = scratch(blocks * 2 * channels + 2 * channels)
    let (z, d, s, b) = (input.kernel, gradient.kernel, scale.kernel, bias.kernel)
    let mean = statistics.kernel
    let inverse = KernelPointer(mean + channels)
    pool.forEach(count: blocks) { block in
      let first = block * grain
      let out = sums + block * 2 * channels
      ck_norm_backward_reduce(
        activation.kernel, z + first * channels, d + first * channels, mean.base, inverse.base,
        s.base, b.base, min(grain, rows - first), channels, out, out + channels)
    }
    let meanDy = KernelPointer(sums + blocks * 2 * channels)
    let meanDyXhat = KernelPointer(meanDy + channels)
    let (scaleGradient, biasGradient) = (scaleGradient.pointer, biasGradient.pointer)
    var own = [Double](repeating: 0, count: 2 * channels + 1)
    for c in 0..<channels {
      for block in 0..<blocks {
        own[c] += Double((sums + block * 2 * channels)[c])
        own[channels + c] += Double((sums + (block * 2 + 1) * channels)[c])
      }
      // The gradients of the ranks are added up later, with all others.
      biasGradient[c] += Float(own[c])
      scaleGradient[c] += Float(own[channels + c])
    }
    own[2 * channels] = Double(rows)
    let all = sumsOfAllRanks(own)
    for c in 0..<channels {
      meanDy.base[c] = Float(all[c] / all[2 * channels])
      meanDyXhat.base[c] = Float(all[channels + c] / all[2 * channels])
    }
    pool.forEachRange(count: rows, grain: grain) { range in
      let offset = range.lowerBound * channels
      ck_norm_backward_apply(
        activation.kernel, z + offset, d + offset, mean.base, inverse.base, s.base, b.base,
        meanDy.base, meanDyXhat.base, range.count, channels, d + offset)
    }
  }
}
