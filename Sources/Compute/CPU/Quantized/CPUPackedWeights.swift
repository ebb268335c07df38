import CKernels

/// Weights as the kernels of bytes read them.
final class CPUPackedWeights {
  /// Panels of words, or of a depthwise convolution [tap][channel] as 32-bit numbers.
  let memory: CPUBuffer
  /// Channels of a padded pixel: a multiple of 4.
  let pixelChannels: Int

  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  init(
    _ weights: QuantizedWeights, geometry: ConvolutionGeometry, kernels: ByteKernelTable
  ) throws {
    let shape = weights.shape
    let (taps, channels, filters) = (shape.batch * shape.height, shape.width, shape.channels)
    let columns = kernels.panels(filters) * kernels.panel
    if geometry.groups > 1 {
      precondition(
        channels == 1 && geometry.groups == filters, "grouped convolutions have no kernels of bytes"
      )
      pixelChannels = filters
      memory = try CPUBuffer(count: taps * columns, of: .int32)
      let to = memory.bytes.assumingMemoryBound(to: Int32.self)
      for tap in 0..<taps {
        for k in 0..<filters { to[tap * columns + k] = Int32(weights.values[tap * filters + k]) }
      }
      return
    }
    pixelChannels = (channels + 3) / 4 * 4
    let inner = taps * pixelChannels
    memory = try CPUBuffer(count: inner * kernels.width * columns, of: .uint8)
    let to = memory.bytes.assumingMemoryBound(to: UInt8.self)
    if pixelChannels == channels {
      weights.values.withUnsafeBufferPointer {
        guard let base = $0.baseAddress else { return }
        ck_run_int8_pack(kernels.pointer, base, inner, filters, to)
      }
      return
    }
    var padded = [Int8](repeating: 0, count: inner * filters)
    for tap in 0..<taps {
      let row = channels * filters
      padded.replaceSubrange(
        tap * pixelChannels * filters..<tap * pixelChannels * filters + row,
        with: weights.values[tap * row..<(tap + 1) * row])
    }
    ck_run_int8_pack(kernels.pointer, padded, inner, filters, to)
  }
}

/// Scales, biases and starting sums of a convolution between two tensors of bytes.
final class SettledEpilogue {
  /// What it was made for.
  struct Key: Equatable {
    let input: Quantization
    let output: Quantization?
    let activation: Activation
  }

  let key: Key
  /// Whole panels.
  private let scale: [Float]
  private let bias: [Float]
  private let start: [Int32]

  init(_ weights: PackedWeights, _ key: Key, columns: Int) {
    self.key = key
    let unit = 1 / (key.output?.scale ?? 1)
    let padding = columns - weights.scales.count
    scale =
      weights.scales.map { $0 * key.input.scale * unit } + [Float](repeating: 0, count: padding)
    bias = weights.biases.map { $0 * unit } + [Float](repeating: 0, count: padding)
    start =
      weights.sums.map { -Int32(key.input.zeroPoint) * $0 } + [Int32](repeating: 0, count: padding)
  }

  /// Calls `body` with the starting sums and the epilogue for kernels.
  func withKernel(
    residual: ConvolutionEpilogue.Residual?,
    _ body: (UnsafePointer<Int32>, ck_int8_epilogue) -> Void
  ) {
    scale.withUnsafeBufferPointer { scale in
      bias.withUnsafeBufferPointer { bias in
        start.withUnsafeBufferPointer { start in
          guard let sums = start.baseAddress else { return }
          let unit = 1 / (key.output?.scale ?? 1)
          var e = ck_int8_epilogue()
          e.scale = scale.baseAddress
          e.bias = bias.baseAddress
          e.slope = key.activation == .leaky ? 0.1 : 1
          e.floor = [.relu, .relu6].contains(key.activation) ? 0 : -.infinity
          e.cap = key.activation == .relu6 ? 6 * unit : .infinity
          if let residual {
            let own = CPUBackend.quantization(of: residual.tensor)
            e.residual = UnsafePointer(residual.tensor.bytePointer.base)
            e.residual_scale = own.scale * unit
            e.residual_zero = Int32(own.zeroPoint)
            e.residual_first = residual.comesFirst
          }
          e.to_bytes = key.output != nil
          e.zero = Int32(key.output?.zeroPoint ?? 0)
          body(sums, e)
        }
      }
    }
  }
}
