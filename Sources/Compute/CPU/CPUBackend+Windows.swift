import CKernels

extension CPUBackend {
  /// Maximum over windows.
  package func maxPool(_ input: Tensor, window: PoolingWindow, into output: Tensor) {
    let kernel = window.kernel(input: input.shape, output: output.shape)
    let (x, y) = (input.kernel, output.kernel)
    let (perInput, perOutput) = (input.shape.countPerImage, output.shape.countPerImage)
    forEachImageLine(
      batch: input.shape.batch, lines: output.shape.height,
      lineSize: output.shape.width * output.shape.channels
    ) { image, first, last in
      var kernel = kernel
      ck_maxpool(x + image * perInput, &kernel, first, last, y + image * perOutput)
    }
  }

  /// Gives each window's gradient to its first maximum; windows overlap, so one image is one chunk.
  package func maxPoolGradient(
    of outputGradient: Tensor, input: Tensor, window: PoolingWindow, into target: GradientTarget
  ) {
    let kernel = window.kernel(input: input.shape, output: outputGradient.shape)
    // Windows side by side write every pixel once: there is nothing to add to.
    let overwrites = !target.accumulate && window.size == window.stride
    if !target.accumulate && !(overwrites && window.covers(input.shape)) {
      fill(target.tensor, with: 0)
    }
    let (x, d, dx) = (input.kernel, outputGradient.kernel, target.tensor.kernel)
    let (perInput, perOutput) = (input.shape.countPerImage, outputGradient.shape.countPerImage)
    pool.forEach(count: input.shape.batch) { image in
      var kernel = kernel
      ck_maxpool_backward(
        x + image * perInput, d + image * perOutput, &kernel, !overwrites, dx + image * perInput)
    }
  }

  /// Mean over H and W.
  package func averagePool(_ input: Tensor, into output: Tensor) {
    let shape = input.shape
    let pixels = shape.height * shape.width
    let (x, y) = (input.kernel, output.kernel)
    pool.forEach(count: shape.batch) { image in
      let out = y + image * shape.channels
      ck_column_sums(x + image * shape.countPerImage, pixels, shape.channels, out)
      ck_scale(1 / Float(pixels), out, shape.channels)
    }
  }

  /// Gradient of ``averagePool(_:into:)``.
  package func averagePoolGradient(of outputGradient: Tensor, into target: GradientTarget) {
    if !target.accumulate { fill(target.tensor, with: 0) }
    let shape = target.tensor.shape
    let pixels = shape.height * shape.width
    let (d, dx) = (outputGradient.kernel, target.tensor.kernel)
    pool.forEach(count: shape.batch) { image in
      for pixel in 0..<pixels {
        ck_axpy(
          1 / Float(pixels), d + image * shape.channels,
          dx + (image * pixels + pixel) * shape.channels, shape.channels)
      }
    }
  }

  /// Nearest-neighbour enlargement.
  package func upsample(_ input: Tensor, stride: Int, scale: Float, into output: Tensor) {
    let shape = input.shape
    let line = shape.width * shape.channels
    let (x, y) = (input.kernel, output.kernel)
    pool.forEachRange(
      count: shape.batch * shape.height,
      grain: CPUBackend.rowShare(shape.batch * shape.height, of: line * stride * stride)
    ) { rows in
      for row in rows {
        ck_upsample_row(
          x + row * line, y + row * stride * stride * line, shape.width, shape.channels, stride,
          scale)
      }
    }
  }

  /// Gradient of ``upsample(_:stride:scale:into:)``.
  package func upsampleGradient(
    of outputGradient: Tensor, stride: Int, scale: Float, into target: GradientTarget
  ) {
    let shape = target.tensor.shape
    let line = shape.width * shape.channels
    let (d, dx) = (outputGradient.kernel, target.tensor.kernel)
    let accumulate = target.accumulate
    pool.forEachRange(
      count: shape.batch * shape.height,
      grain: CPUBackend.rowShare(shape.batch * shape.height, of: line * stride * stride)
    ) { rows in
      for row in rows {
        ck_upsample_row_backward(
          d + row * stride * stride * line, dx + row * line, shape.width, shape.channels, stride,
          scale, accumulate)
      }
    }
  }

  // MARK: - Matrices

  /// Overwrites `output` with `input` · `weights` (+ bias).
  package func connect(_ input: Tensor, weights: Tensor, bias: Tensor?, into output: Tensor) {
    let (batch, inputs, outputs) = (input.shape.batch, weights.shape.width, weights.shape.channels)
    gemm(
      Matrix(input.pointer, stride: inputs), Matrix(weights.pointer, stride: outputs),
      into: Matrix(output.pointer, stride: outputs), rows: batch, columns: outputs, inner: inputs,
      accumulate: false,
      epilogue: KernelEpilogue(ConvolutionEpilogue(bias: bias)))
  }

  /// dL/dinput of ``connect(_:weights:bias:into:)``.
  package func connectInputGradient(
    of outputGradient: Tensor, weights: Tensor, into target: GradientTarget
  ) {
    let (inputs, outputs) = (weights.shape.width, weights.shape.channels)
    gemm(
      Matrix(outputGradient.pointer, stride: outputs),
      Matrix(weights.pointer, stride: outputs, transposed: true),
      into: Matrix(target.tensor.pointer, stride: inputs), rows: outputGradient.shape.batch,
      columns: inputs, inner: outputs, accumulate: target.accumulate)
  }

  /// Adds dL/dweights of ``connect(_:weights:bias:into:)``.
  package func connectWeightGradient(
    of outputGradient: Tensor, input: Tensor, into gradient: Tensor
  ) {
    let (inputs, outputs) = (gradient.shape.width, gradient.shape.channels)
    gemm(
      Matrix(input.pointer, stride: inputs, transposed: true),
      Matrix(outputGradient.pointer, stride: outputs),
      into: Matrix(gradient.pointer, stride: outputs), rows: inputs, columns: outputs,
      inner: input.shape.batch, accumulate: true)
  }
}

extension PoolingWindow {
  /// Whether windows side by side reach every pixel.
  func covers(_ input: Shape) -> Bool {
    guard let output = outputShape(of: input) else { return false }
    return output.height * size - padding / 2 >= input.height
      && output.width * size - padding / 2 >= input.width
  }

  func kernel(input: Shape, output: Shape) -> ck_window {
    ck_window(
      height: input.height, width: input.width, channels: input.channels,
      out_height: output.height, out_width: output.width, kernel_height: size, kernel_width: size,
      stride: stride, pad_top: padding / 2, pad_left: padding / 2)
  }
}
