import CKernels

extension CPUBackend {
  /// Rounds to bytes.
  package func quantize(_ input: Tensor, into output: Tensor) {
    let quantization = Self.quantization(of: output)
    precondition(input.count == output.count, "quantize between sizes")
    let (x, y) = (input.kernel, output.bytePointer)
    let (inverse, zero) = (1 / quantization.scale, Int32(quantization.zeroPoint))
    forEachElementRange(input.count) { start, count in
      ck_quantize(x + start, count, inverse, zero, y + start)
    }
  }

  /// Gives bytes their values.
  package func dequantize(_ input: Tensor, into output: Tensor) {
    let quantization = Self.quantization(of: input)
    precondition(input.count == output.count, "dequantize between sizes")
    let (x, y) = (input.bytePointer, output.kernel)
    let (scale, zero) = (quantization.scale, Int32(quantization.zeroPoint))
    forEachElementRange(input.count) { start, count in
      ck_dequantize(x + start, count, scale, zero, y + start)
    }
  }

  /// What the bytes of a tensor stand for; a tensor without is a mistake.
  static func quantization(of tensor: Tensor) -> Quantization {
    guard let quantization = tensor.quantization else {
      preconditionFailure("bytes that stand for nothing")
    }
    return quantization
  }

  func maxPoolBytes(_ input: Tensor, _ kernel: ck_pooling, into output: Tensor) {
    precondition(input.quantization == output.quantization, "bytes of other values")
    let (x, y) = (input.bytePointer, output.bytePointer)
    let (perInput, perOutput) = (input.shape.countPerImage, output.shape.countPerImage)
    forEachImageLine(
      batch: input.shape.batch, lines: output.shape.height,
      lineSize: output.shape.width * output.shape.channels
    ) { image, first, last in
      var kernel = kernel
      ck_maxpool_bytes(x + image * perInput, &kernel, first, last, y + image * perOutput)
    }
  }

  func upsampleBytes(_ input: Tensor, stride: Int, into output: Tensor) {
    precondition(input.quantization == output.quantization, "bytes of other values")
    let shape = input.shape
    let line = shape.width * shape.channels
    let (x, y) = (input.bytePointer, output.bytePointer)
    pool.forEachRange(
      count: shape.batch * shape.height,
      grain: CPUBackend.rowShare(shape.batch * shape.height, of: line * stride * stride)
    ) { rows in
      for row in rows {
        ck_upsample_byte_row(
          x + row * line, y + row * stride * stride * line, shape.width, shape.channels, stride)
      }
    }
  }

  func copyByteChannels(
    _ source: Tensor, from sourceChannel: Int, into target: Tensor, at targetChannel: Int,
    count: Int
  ) {
    precondition(source.quantization == target.quantization, "bytes of other values")
    let (x, y) = (source.bytePointer, target.bytePointer)
    let (from, to) = (source.shape.channels, target.shape.channels)
    pool.forEachRange(
      count: source.shape.rows, grain: CPUBackend.rowShare(source.shape.rows, of: count)
    ) { rows in
      ck_copy_byte_rows(
        x + (rows.lowerBound * from + sourceChannel), from,
        y + (rows.lowerBound * to + targetChannel), to, rows.count, count)
    }
  }
}
