import CKernels
import Glibc

extension CPUBackend {
  /// Overwrites `output` with f(input).
  package func activate(_ input: Tensor, _ activation: Activation, into output: Tensor) {
    let (x, y) = (input.kernel, output.kernel)
    forEachElementRange(input.count) { first, count in
      ck_activate(activation.kernel, x + first, y + first, count)
    }
  }

  /// Turns dL/doutput into dL/dinput in place, from the input.
  package func activationGradient(_ gradient: Tensor, input: Tensor, _ activation: Activation) {
    guard activation != .linear else { return }
    let (x, d) = (input.kernel, gradient.kernel)
    forEachElementRange(gradient.count) { first, count in
      ck_activate_backward(activation.kernel, x + first, d + first, d + first, count)
    }
  }

  /// Turns dL/doutput into dL/dinput in place, from the output.
  package func activationGradient(_ gradient: Tensor, output: Tensor, _ activation: Activation) {
    precondition(activation.hasGradientFromOutput, "\(activation) needs its input")
    guard activation != .linear else { return }
    let (y, d) = (output.kernel, gradient.kernel)
    forEachElementRange(gradient.count) { first, count in
      ck_activate_backward_from_output(activation.kernel, y + first, d + first, d + first, count)
    }
  }

  /// Sets every value.
  package func fill(_ tensor: Tensor, with value: Float) {
    let y = tensor.kernel
    forEachElementRange(tensor.count) { first, count in ck_fill(y + first, value, count) }
  }

  /// Multiplies every value.
  package func scale(_ tensor: Tensor, by factor: Float) {
    let y = tensor.kernel
    forEachElementRange(tensor.count) { first, count in ck_scale(factor, y + first, count) }
  }

  /// Copies or adds values of equal count.
  package func copy(_ source: Tensor, into target: GradientTarget) {
    precondition(source.count == target.tensor.count, "copy between different counts")
    let (x, y) = (source.kernel, target.tensor.kernel)
    let accumulate = target.accumulate
    forEachElementRange(source.count) { first, count in
      ck_copy_rows(x + first, count, y + first, count, 1, count, accumulate)
    }
  }

  /// Overwrites `output` with a + b.
  package func add(_ a: Tensor, _ b: Tensor, into output: Tensor) {
    precondition(a.count == b.count && a.count == output.count, "sum of different counts")
    let (a, b, y) = (a.kernel, b.kernel, output.kernel)
    forEachElementRange(output.count) { first, count in
      ck_add(a + first, b + first, y + first, count)
    }
  }

  /// Adds the common channels of `source` to `target`, as Darknet's `shortcut_cpu`.
  package func addCommon(_ source: Tensor, into target: Tensor) {
    if source.shape == target.shape {
      copy(source, into: GradientTarget(target, accumulate: true))
      return
    }
    let (s, t) = (source.shape, target.shape)
    let step = max(1, s.width / t.width)
    let sample = max(1, t.width / s.width)
    let height = min(s.height, t.height)
    let width = min(s.width, t.width)
    let channels = min(s.channels, t.channels)
    let (x, y) = (source.kernel, target.kernel)
    forEachImageLine(batch: t.batch, lines: height, lineSize: width * channels) {
      image, first, last in
      for line in first..<last {
        for column in 0..<width {
          let from = ((image * s.height + line * step) * s.width + column * step) * s.channels
          let to = ((image * t.height + line * sample) * t.width + column * sample) * t.channels
          ck_axpy(1, x + from, y + to, channels)
        }
      }
    }
  }

  /// Copies or adds `count` channels from one offset to another.
  package func copyChannels(
    _ source: Tensor, from sourceChannel: Int, into target: GradientTarget,
    at targetChannel: Int, count: Int
  ) {
    precondition(source.shape.rows == target.tensor.shape.rows, "copyChannels between sizes")
    if source.elementType == .uint8 {
      precondition(!target.accumulate, "bytes are not added")
      copyByteChannels(
        source, from: sourceChannel, into: target.tensor, at: targetChannel, count: count)
      return
    }
    let (x, y) = (source.kernel, target.tensor.kernel)
    let (from, to) = (source.shape.channels, target.tensor.shape.channels)
    let accumulate = target.accumulate
    let grain = CPUBackend.rowShare(source.shape.rows, of: count)
    pool.forEachRange(count: source.shape.rows, grain: grain) { rows in
      ck_copy_rows(
        x + (rows.lowerBound * from + sourceChannel), from,
        y + (rows.lowerBound * to + targetChannel), to, rows.count, count, accumulate)
    }
  }

  /// Writes or adds, for each image, value `map[i]` of `source` to value i of the target.
  package func permute(_ source: Tensor, by map: [Int], into target: GradientTarget) {
    let count = map.count
    precondition(source.shape.countPerImage == count && target.tensor.count == source.count)
    let (x, y) = (source.kernel, target.tensor.kernel)
    let accumulate = target.accumulate
    pool.forEach(count: source.shape.batch) { image in
      let from = x + image * count
      let to = y + image * count
      for i in 0..<count { to[i] = (accumulate ? to[i] : 0) + from[map[i]] }
    }
  }

  /// Overwrites `output` with `input` times one gate for each image and channel.
  package func scaleChannels(_ input: Tensor, gates: Tensor, into output: Tensor) {
    let shape = input.shape
    let pixels = shape.height * shape.width
    let (x, g, y) = (input.kernel, gates.kernel, output.kernel)
    forEachImageLine(batch: shape.batch, lines: pixels, lineSize: shape.channels) {
      image, first, last in
      for pixel in first..<last {
        let offset = (image * pixels + pixel) * shape.channels
        ck_multiply(x + offset, g + image * shape.channels, y + offset, shape.channels, false)
      }
    }
  }

  /// Gradients of ``scaleChannels(_:gates:into:)``.
  package func scaleChannelsGradient(
    of outputGradient: Tensor, input: Tensor, gates: Tensor, inputGradient: GradientTarget?,
    gateGradient: GradientTarget?
  ) {
    let shape = input.shape
    let pixels = shape.height * shape.width
    let (x, g, d) = (input.kernel, gates.kernel, outputGradient.kernel)
    if let inputGradient {
      let dx = inputGradient.tensor.kernel
      let accumulate = inputGradient.accumulate
      forEachImageLine(batch: shape.batch, lines: pixels, lineSize: shape.channels) {
        image, first, last in
        for pixel in first..<last {
          let offset = (image * pixels + pixel) * shape.channels
          ck_multiply(
            d + offset, g + image * shape.channels, dx + offset, shape.channels, accumulate)
        }
      }
    }
    if let gateGradient {
      if !gateGradient.accumulate { fill(gateGradient.tensor, with: 0) }
      let dg = gateGradient.tensor.kernel
      pool.forEach(count: shape.batch) { image in
        for pixel in 0..<pixels {
          let offset = (image * pixels + pixel) * shape.channels
          ck_multiply(
            d + offset, x + offset, dg + image * shape.channels, shape.channels, true)
        }
      }
    }
  }

  /// Fills `mask` and overwrites `output` with input · mask.
  package func dropout(
    _ input: Tensor, probability: Float, random: RandomStream, mask: Tensor, into output: Tensor
  ) {
    let keep = 1 / (1 - probability)
    let (x, m, y) = (input.kernel, mask.kernel, output.kernel)
    forEachElementRange(input.count) { first, count in
      // A stream for each chunk: the mask does not depend on who computes it.
      var stream = random.split(UInt64(first))
      let chunk = m + first
      for i in 0..<count { chunk[i] = stream.uniform() < probability ? 0 : keep }
      ck_multiply(x + first, chunk, y + first, count, false)
    }
  }

  /// Writes or adds the product of two tensors of equal count.
  package func multiply(_ a: Tensor, _ b: Tensor, into target: GradientTarget) {
    let (x, m, y) = (a.kernel, b.kernel, target.tensor.kernel)
    let accumulate = target.accumulate
    forEachElementRange(a.count) { first, count in
      ck_multiply(x + first, m + first, y + first, count, accumulate)
    }
  }

  /// Softmax over `groups` equal parts of each image's values.
  package func softmax(_ input: Tensor, groups: Int, into output: Tensor) {
    let length = input.shape.countPerImage / groups
    let (x, y) = (input.kernel, output.kernel)
    pool.forEach(count: input.shape.batch) { image in
      let offset = image * groups * length
      ck_softmax(x + offset, y + offset, groups, length)
    }
  }

  /// Gradient of ``softmax(_:groups:into:)`` from its output.
  package func softmaxGradient(
    of outputGradient: Tensor, output: Tensor, groups: Int, into target: GradientTarget
  ) {
    let length = output.shape.countPerImage / groups
    let (y, d, dx) = (output.kernel, outputGradient.kernel, target.tensor.kernel)
    let accumulate = target.accumulate
    pool.forEach(count: output.shape.batch) { image in
      let offset = image * groups * length
      ck_softmax_backward(y + offset, d + offset, dx + offset, groups, length, accumulate)
    }
  }

  /// Swaps the values of two tensors of equal count.
  package func exchange(_ a: Tensor, _ b: Tensor) {
    precondition(a.count == b.count, "exchange of different counts")
    let (x, y) = (a.kernel, b.kernel)
    forEachElementRange(a.count) { first, count in
      let (x, y) = (x + first, y + first)
      for i in 0..<count { swap(&x[i], &y[i]) }
    }
  }

  /// Σ x² in double precision, chunk sums added in order.
  package func sumOfSquares(_ tensor: Tensor) -> Double {
    let x = tensor.kernel
    return stride(from: 0, to: tensor.count, by: CPUBackend.elementGrain).reduce(0) { sum, first in
      sum + ck_sum_of_squares(x + first, min(CPUBackend.elementGrain, tensor.count - first))
    }
  }

  /// Whether no value is NaN or infinite.
  package func isFinite(_ tensor: Tensor) -> Bool { ck_all_finite(tensor.pointer, tensor.count) }
}
