import Compute
package import Layers

extension ConvBayes {
  /// Adds to the parameters' gradients, through μ and σ² at the noise that forward drew, and through
  /// the loss's own dL/dσ².
  ///
  /// Overwrites the output gradient, with dL/dσ².
  package func backward(_ pass: BackwardPass) {
    let backend = pass.backend
    let (input, gradient) = (pass.inputs[0], pass.outputGradient)
    if activation != .linear {
      backend.activationGradient(gradient, output: pass.output, activation)
    }
    if let biasGradient = biases.gradient {
      backend.biasGradient(of: gradient, into: biasGradient)
    }
    if let weightGradient = weights.gradient {
      backend.convolutionWeightGradient(
        of: gradient, input: input, geometry: geometry, into: weightGradient)
    }
    if let target = pass.inputGradients[0] {
      backend.convolutionInputGradient(
        of: gradient, weights: weights.values, geometry: geometry, into: target)
    }
    let ofLoss = varianceGradient(in: pass.saved)
    guard !isCertain, draws || ofLoss != nil else { return }
    let variance = drawnVariance(in: pass.saved)
    if draws {
      backend.addNoiseGradient(
        of: gradient, variance: variance, noise: pass.saved[2], floor: ConvBayes.varianceFloor,
        into: gradient)
    } else {
      backend.fill(gradient, with: 0)
    }
    if let ofLoss {
      backend.copy(ofLoss, into: GradientTarget(gradient, accumulate: true))
    }
    backwardThroughVariance(pass, variance)
  }

  private func backwardThroughVariance(_ pass: BackwardPass, _ variance: Tensor) {
    let backend = pass.backend
    let (input, gradient) = (pass.inputs[0], pass.outputGradient)
    updateVarianceWeights(backend)
    if let target = pass.inputGradients[0] {
      backend.convolveSquaresInputGradient(
        of: gradient, input: input, weights: varianceWeights, geometry: geometry,
        into: GradientTarget(target.tensor, accumulate: true))
    }
    if let weightGradient = weights.gradient {
      // d(λ k²)/dk = 2 λ k.
      backend.fill(varianceWeightGradient, with: 0)
      backend.convolveSquaresWeightGradient(
        of: gradient, input: input, geometry: geometry, into: varianceWeightGradient)
      scaleFilters(varianceWeightGradient, backend)
      backend.scale(varianceWeightGradient, by: 2)
      backend.multiply(
        varianceWeightGradient, weights.values,
        into: GradientTarget(weightGradient, accumulate: true))
    }
    if let logGradient = logRelativeVariances?.gradient {
      // dσ²/d(ln λ) = σ².
      backend.multiply(gradient, variance, into: GradientTarget(gradient, accumulate: false))
      backend.biasGradient(of: gradient, into: logGradient)
      addDivergenceGradient(to: logGradient, images: gradient.shape.batch)
    }
  }

  /// The weighted divergence that is part of each image's loss after `iteration` updates; 0 for a fixed
  /// λ.
  ///
  /// The backward pass that follows takes the same share of it: min(1, (iteration + 1) / warm-up). A λ
  /// that starts small would be driven up by the divergence before the data have said anything.
  package func weightedDivergence(at iteration: Int) -> Double {
    divergenceShare =
      divergenceWarmUp > 0 ? min(1, Double(iteration + 1) / Double(divergenceWarmUp)) : 1
    guard case .learned(_, let weight) = relativeVariance, let logRelativeVariances else {
      return 0
    }
    let perFilter = divergenceShare * Double(weights.values.count / filters) * Double(weight)
    return logRelativeVariances.values.values.reduce(0) {
      $0 + perFilter * RelativeVariance.divergence(logarithm: Double($1))
    }
  }

  /// Gradients are summed over images, and each image's loss has the divergence.
  private func addDivergenceGradient(to gradient: Tensor, images: Int) {
    guard case .learned(_, let weight) = relativeVariance, let logRelativeVariances else { return }
    let factor =
      divergenceShare * Double(images) * Double(weight) * Double(weights.values.count / filters)
    let logarithms = logRelativeVariances.values.values
    gradient.withMutableHostValues { values in
      for i in values.indices {
        values[i] += Float(
          factor * RelativeVariance.divergenceSlope(logarithm: Double(logarithms[i])))
      }
    }
  }
}
