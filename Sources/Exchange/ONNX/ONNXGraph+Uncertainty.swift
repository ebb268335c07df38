import Compute
import Layers
import Uncertainty

extension ONNXGraph {
  /// Adds mean and variance of a Bayesian layer's output, of the same shape as it.
  ///
  ///     μ = x * k + b,   σ² = x² * (λ k²)
  mutating func moments(_ x: String, _ layer: ConvBayes) -> (mean: String, variance: String) {
    let weights = layer.weights.values.values
    let factors = layer.factors.values
    let squares = weights.enumerated().map { index, weight in
      weight * weight * factors[index % factors.count]
    }
    let variance = convolve(
      add("Mul", [x, x]), weights: squares, shape: layer.weights.values.shape, bias: [],
      layer.geometry)
    return (mean(x, layer), variance)
  }

  /// Adds the mean of a Bayesian layer's sums.
  mutating func mean(_ x: String, _ layer: ConvBayes) -> String {
    convolve(
      x, weights: layer.weights.values.values, shape: layer.weights.values.shape,
      bias: layer.biases.values.values, layer.geometry)
  }

  /// Adds the closed form of ``BALD`` in bits, at least 0.
  mutating func closedForm(mean: String, variance: String, scale: BALD.LogitScale) -> String {
    let factor: Float = scale.factor()
    let distance = add("Abs", [multiply(mean, by: factor)])
    let spread = multiply(variance, by: factor * factor)
    let root = add("Sqrt", [add(spread, 1)])
    // Φ(−a) of the marginal; a logarithm must not meet 0.
    let a = multiply(add("Div", [distance, root]), by: Float(0.5).squareRoot())
    let tail = clip(
      add(multiply(add("Erf", [a]), by: -0.5), 0.5), Float.leastNormalMagnitude, nil)
    let rest = add(multiply(tail, by: -1), 1)
    let nats = add(
      "Add",
      [add("Mul", [tail, add("Log", [tail])]), add("Mul", [rest, add("Log", [rest])])])
    let width = add(spread, BALD.squaredWidth())
    let square = add("Mul", [distance, distance])
    let decline = add("Exp", [multiply(add("Div", [square, width]), by: -0.5)])
    let top = (BALD.squaredWidth() as Float).squareRoot()
    let expected = add("Mul", [add("Div", [constant(top), add("Sqrt", [width])]), decline])
    let bits = multiply(nats, by: -1 / Float.logarithm(2))
    return add("Relu", [add("Sub", [bits, expected])])
  }
}
