import CKernels

extension CPUBackend {
  /// Nearest-neighbour enlargement.
  package func upsample(_ input: Tensor, stride: Int, scale: Float, into output: Tensor) {
    let shape = input.shape
    let line = shape.width * shape.channels
    if input.elementType == .uint8 {
      precondition(scale == 1, "bytes are not scaled")
      upsampleBytes(input, stride: stride, into: output)
      return
    }
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
