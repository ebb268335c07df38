import CKernels

extension CPUBackend {
  /// Maximum over windows.
  package func maxPool(_ input: Tensor, window: PoolingWindow, into output: Tensor) {
    let kernel = window.kernel(input: input.shape, output: output.shape)
    if input.elementType == .uint8 {
      maxPoolBytes(input, kernel, into: output)
      return
    }
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
    let overwrites = !target.accumulate && window.isDisjoint
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

  /// Mean over what windows have of the input.
  package func averagePool(_ input: Tensor, window: PoolingWindow, into output: Tensor) {
    let kernel = window.kernel(input: input.shape, output: output.shape)
    let (x, y) = (input.kernel, output.kernel)
    let (perInput, perOutput) = (input.shape.countPerImage, output.shape.countPerImage)
    forEachImageLine(
      batch: input.shape.batch, lines: output.shape.height,
      lineSize: output.shape.width * output.shape.channels
    ) { image, first, last in
      var kernel = kernel
      ck_avgpool(x + image * perInput, &kernel, first, last, y + image * perOutput)
    }
  }

  /// Gradient of ``averagePool(_:window:into:)``; windows overlap, so one image is one chunk.
  package func averagePoolGradient(
    of outputGradient: Tensor, window: PoolingWindow, into target: GradientTarget
  ) {
    if !target.accumulate { fill(target.tensor, with: 0) }
    let shape = target.tensor.shape
    let kernel = window.kernel(input: shape, output: outputGradient.shape)
    let (d, dx) = (outputGradient.kernel, target.tensor.kernel)
    let perOutput = outputGradient.shape.countPerImage
    pool.forEach(count: shape.batch) { image in
      var kernel = kernel
      ck_avgpool_backward(d + image * perOutput, &kernel, dx + image * shape.countPerImage)
    }
  }
}

extension PoolingWindow {
  /// Whether windows lie side by side.
  var isDisjoint: Bool { height == strideY && width == strideX }

  /// Whether windows side by side reach every pixel.
  func covers(_ input: Shape) -> Bool {
    guard let output = outputShape(of: input) else { return false }
    return output.height * height - padding / 2 >= input.height
      && output.width * width - padding / 2 >= input.width
  }

  func kernel(input: Shape, output: Shape) -> ck_pooling {
    ck_pooling(
      height: input.height, width: input.width, channels: input.channels,
      out_height: output.height, out_width: output.width, kernel_height: height,
      kernel_width: width, stride_y: strideY, stride_x: strideX, pad_top: padding / 2,
      pad_left: padding / 2)
  }
}
