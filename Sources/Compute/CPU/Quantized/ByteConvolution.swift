import CKernels

/// One convolution of bytes, as the tasks of a loop share it.
struct ByteConvolution: @unchecked Sendable {
  let plan: PatchPlan
  let input: BytePointer
  let quantization: Quantization
  let output: BytePointer
  /// Bytes of an element of the output.
  let outputSize: Int
  let packed: CPUPackedWeights
  let settled: SettledEpilogue
  let kernels: ByteKernelTable
  private let residual: ConvolutionEpilogue.Residual?

  init(
    input: Tensor, output: Tensor, weights: PackedWeights, packed: CPUPackedWeights,
    epilogue: QuantizedEpilogue, kernels: ByteKernelTable
  ) {
    precondition(input.elementType == .uint8, "bytes are convolved here")
    plan = PatchPlan(input: input.shape, output: output.shape, geometry: weights.geometry)
    self.input = input.bytePointer
    quantization = CPUBackend.quantization(of: input)
    self.output = output.bytePointer
    outputSize = output.elementType.size
    self.packed = packed
    self.kernels = kernels
    residual = epilogue.residual
    let key = SettledEpilogue.Key(
      input: quantization,
      output: output.elementType == .uint8 ? CPUBackend.quantization(of: output) : nil,
      activation: epilogue.activation)
    if let settled = weights.settled as? SettledEpilogue, settled.key == key {
      self.settled = settled
    } else {
      settled = SettledEpilogue(
        weights, key, columns: kernels.panels(plan.filters) * kernels.panel)
      weights.settled = settled
    }
  }

  /// The residual of one image.
  func residual(image: Int) -> ConvolutionEpilogue.Residual? {
    residual.map { .init($0.tensor.images(image..<image + 1), comesFirst: $0.comesFirst) }
  }

  /// Copies rows of pixels to where a kernel of 1 × 1 reads them.
  func copyRows(_ rows: Range<Int>, to copy: UnsafeMutablePointer<UInt8>) {
    ck_pad_byte_line(
      input + rows.lowerBound * plan.groupChannels, rows.count, plan.groupChannels, 0, rows.count,
      packed.pixelChannels, 0, kernels.width > 1, copy)
  }

  /// Multiplies patches by panels of the weights.
  ///
  /// There are `groups` times `rows` of them from `source` on, each of runs of `run` numbers at `offsets`;
  /// distances are in bytes. The output begins at element `at`.
  func multiply(
    _ source: UnsafePointer<UInt8>, group: Int, row: Int, groups: Int, rows: Int, offsets: [Int],
    run: Int, panels: Range<Int>, at: Int
  ) {
    settled.withKernel(residual: residual) { start, epilogue in
      offsets.withUnsafeBufferPointer { offsets in
        var g = ck_int8_gemm()
        g.a = source
        g.a_group = group
        g.a_row = row
        g.a_segments = offsets.baseAddress
        g.groups = groups
        g.rows = rows
        g.segments = offsets.count
        g.inner = run / kernels.depth
        g.b = UnsafePointer(BytePointer(packed.memory.bytes).base)
        g.columns = plan.filters
        g.start = start
        g.c = UnsafeMutableRawPointer(output + at * outputSize)
        g.c_group = plan.window.out_width * plan.filters
        g.c_row = plan.filters
        g.epilogue = epilogue
        if let residual = epilogue.residual { g.epilogue.residual = residual + at }
        ck_run_int8_gemm(kernels.pointer, &g, panels.lowerBound, panels.upperBound)
      }
    }
  }
}

/// The lines of a tensor of bytes with zeros around them, pixels filled up to whole words.
struct ByteLines: Sendable {
  /// Pixels and channels of the source, channels of the copy.
  private let height: Int
  private let width: Int
  private let channels: Int
  private let pixelChannels: Int
  private let padding: Int
  /// Lines and pixels of the copy.
  let lines: Int
  let columns: Int
  /// Bytes of a pixel of the copy.
  let pixel: Int

  /// Lines of a plan's input, `width` bytes a number.
  init(_ plan: PatchPlan, pixelChannels: Int, width: Int) {
    let g = plan.geometry
    height = plan.window.height
    self.width = plan.window.width
    channels = plan.groupChannels
    self.pixelChannels = pixelChannels
    padding = g.padding
    lines = (plan.window.out_height - 1) * g.stride + g.extent
    columns = (plan.window.out_width - 1) * g.stride + g.extent
    pixel = pixelChannels * width
  }

  /// Bytes of a line, of an image.
  var line: Int { columns * pixel }
  var image: Int { lines * line }

  /// Where the runs of a pixel's patch begin, bytes.
  func offsets(_ g: ConvolutionGeometry) -> [Int] {
    if g.dilation == 1 || g.size == 1 { return (0..<g.size).map { $0 * line } }
    return (0..<g.size).flatMap { r in
      (0..<g.size).map { s in g.dilation * (r * line + s * pixel) }
    }
  }

  /// Numbers of a run: the taps of a line lie together unless they are dilated.
  func run(_ g: ConvolutionGeometry) -> Int {
    g.dilation == 1 ? g.size * pixelChannels : pixelChannels
  }

  /// Copies padded lines `range` of one image.
  func copy(
    _ range: Range<Int>, of image: UnsafePointer<UInt8>, zero: UInt8, widens: Bool,
    to out: UnsafeMutablePointer<UInt8>
  ) {
    // What lies right of the copy's columns is not needed.
    let count = max(0, min(width, columns - padding))
    for i in range {
      let y = i - padding
      let source = y >= 0 && y < height && count > 0 ? image + y * width * channels : nil
      ck_pad_byte_line(
        source, count, channels, padding, columns, pixelChannels, zero, widens,
        out + (i - range.lowerBound) * line)
    }
  }
}
