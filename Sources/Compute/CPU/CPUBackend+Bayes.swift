import CKernels

extension CPUBackend {
  /// Squares that are held at a time, floats: few against the activations of a network.
  private static let squareLimit = 1 << 20

  /// Overwrites `output` with factor · x².
  package func square(_ input: Tensor, factor: Float, into output: Tensor) {
    let (x, y) = (input.kernel, output.kernel)
    forEachElementRange(input.count) { first, count in
      ck_square(factor, x + first, y + first, count)
    }
  }

  /// Overwrites `output` with x² * weights.
  package func convolveSquares(
    _ input: Tensor, weights: Tensor, geometry: ConvolutionGeometry, into output: Tensor
  ) {
    forEachSquared(input) { images, squares in
      convolve(
        squares, weights: weights, bias: nil, activation: .linear, geometry: geometry,
        into: output.images(images))
    }
  }

  /// Adds dL/dweights of x² * weights.
  package func convolveSquaresWeightGradient(
    of outputGradient: Tensor, input: Tensor, geometry: ConvolutionGeometry, into gradient: Tensor
  ) {
    forEachSquared(input) { images, squares in
      convolutionWeightGradient(
        of: outputGradient.images(images), input: squares, geometry: geometry, into: gradient)
    }
  }

  /// dL/dx of x² * weights: 2x times the gradient by the squares.
  package func convolveSquaresInputGradient(
    of outputGradient: Tensor, input: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    into target: GradientTarget
  ) {
    let accumulate = target.accumulate
    forEachImageGroup(input) { images, held in
      convolutionInputGradient(
        of: outputGradient.images(images), weights: weights, geometry: geometry,
        into: GradientTarget(held, accumulate: false))
      let (x, d, dx) = (
        input.images(images).kernel, held.kernel, target.tensor.images(images).kernel
      )
      forEachElementRange(held.count) { first, count in
        ck_square_backward(x + first, d + first, dx + first, count, accumulate)
      }
    }
  }

  /// Overwrites every value with deviation · N(0, 1).
  package func fillNormal(_ tensor: Tensor, deviation: Float, random: RandomStream) {
    let y = tensor.kernel
    forEachElementRange(tensor.count) { first, count in
      // A stream for each chunk: the noise does not depend on who draws it.
      var stream = random.split(UInt64(first))
      let chunk = y + first
      for i in 0..<count { chunk[i] = deviation * stream.normal() }
    }
  }

  /// Overwrites `output` with mean + noise · √(variance + floor).
  package func addNoise(
    mean: Tensor, variance: Tensor, noise: Tensor, floor: Float, into output: Tensor
  ) {
    let (m, v, y) = (mean.kernel, variance.kernel, output.kernel)
    forEachNoiseRange(noise, of: mean.shape) { e, first, count in
      ck_add_noise(m + first, v + first, e, floor, y + first, count)
    }
  }

  /// Overwrites `varianceGradient` with dL/doutput · noise / (2 √(variance + floor)).
  package func addNoiseGradient(
    of outputGradient: Tensor, variance: Tensor, noise: Tensor, floor: Float,
    into varianceGradient: Tensor
  ) {
    let (d, v, g) = (outputGradient.kernel, variance.kernel, varianceGradient.kernel)
    forEachNoiseRange(noise, of: outputGradient.shape) { e, first, count in
      ck_add_noise_backward(d + first, v + first, e, floor, g + first, count)
    }
  }

  /// Overwrites mean and variance with those of the rectified values.
  package func rectifyMoments(mean: Tensor, variance: Tensor, slope: Float) {
    precondition(mean.count == variance.count, "means and variances of different counts")
    let (m, v) = (mean.kernel, variance.kernel)
    forEachElementRange(mean.count) { first, count in
      let (m, v) = (m + first, v + first)
      for i in 0..<count {
        let result = RectifiedNormal(
          mean: Double(m[i]), variance: Double(v[i]), slope: Double(slope))
        m[i] = Float(result.mean)
        v[i] = Float(result.variance)
      }
    }
  }

  /// Calls `body` with noise, offset and count of stretches of a tensor of this shape.
  private func forEachNoiseRange(
    _ noise: Tensor, of shape: Shape,
    _ body: @Sendable (UnsafePointer<Float>, Int, Int) -> Void
  ) {
    let e = noise.kernel
    if noise.count == shape.count {
      forEachElementRange(shape.count) { first, count in body(e + first, first, count) }
      return
    }
    precondition(noise.count == shape.batch * shape.channels, "noise of another shape")
    let channels = shape.channels
    let pixels = shape.height * shape.width
    pool.forEachRange(count: shape.rows, grain: CPUBackend.rowGrain(channels: channels)) { rows in
      for row in rows { body(e + row / pixels * channels, row * channels, channels) }
    }
  }

  /// Calls `body` with ranges of images and their squares.
  private func forEachSquared(_ input: Tensor, _ body: (Range<Int>, Tensor) -> Void) {
    forEachImageGroup(input) { images, held in
      square(input.images(images), factor: 1, into: held)
      body(images, held)
    }
  }

  /// Calls `body` with ranges of images and a workspace of their shape.
  private func forEachImageGroup(_ input: Tensor, _ body: (Range<Int>, Tensor) -> Void) {
    let perImage = max(1, input.shape.countPerImage)
    let group = max(1, CPUBackend.squareLimit / perImage)
    for first in stride(from: 0, to: input.shape.batch, by: group) {
      let images = first..<min(input.shape.batch, first + group)
      var shape = input.shape
      shape.batch = images.count
      body(images, squareScratch(shape))
    }
  }
}
