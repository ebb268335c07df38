import CKernels

/// A product over lines: out[u][v] = f(Σ source[u · step + dy][v · step + dx] · weights), f the
/// epilogue.
///
/// A forward convolution is one of these, a gradient by the input one for each place of an input
/// pixel within the stride.
struct LineProduct: Sendable {
  /// Offsets in the padded source of the runs that a pixel's patch consists of.
  var offsets: [Int]
  /// Floats of a run.
  var inner: Int
  /// Step in the padded source, lines and pixels.
  var step: Int
  /// Lines and pixels of the output.
  var lines: Int
  var width: Int
  /// Packed weights.
  var weights: KernelPointer
  var columns: Int
  /// The first output, and distances of pixels, lines and images.
  var out: KernelPointer
  var outPixel: Int
  var outLine: Int
  var outImage: Int
  var epilogue: KernelEpilogue

  /// Multiplies lines `range` of image `image`, whose padded line `range.lowerBound * step` lies at
  /// `source`, by panels `panels` of the weights.
  func run(
    _ kernels: KernelTable, source: UnsafePointer<Float>, padded: PaddedLines, image: Int,
    lines range: Range<Int>, panels: Range<Int>
  ) {
    offsets.withUnsafeBufferPointer { offsets in
      var g = ck_gemm()
      g.a = source
      g.a_group = step * padded.line
      g.a_row = step * padded.pixel
      g.a_segments = offsets.baseAddress
      g.groups = range.count
      g.rows = width
      g.segments = offsets.count
      g.inner = inner
      g.b = UnsafePointer(weights.base)
      g.columns = columns
      let first = image * outImage + range.lowerBound * outLine
      g.c = out + first
      g.c_group = outLine
      g.c_row = outPixel
      g.epilogue = epilogue.fused(at: first)
      ck_run_gemm(kernels.pointer, &g, panels.lowerBound, panels.upperBound)
    }
  }

  /// The rest of an activation that the kernels do not know, on part of the output.
  func finish(image: Int, lines range: Range<Int>, panels: Range<Int>, panel: Int) {
    guard epilogue.needsFinish else { return }
    let first = panels.lowerBound * panel
    let count = min(columns, panels.upperBound * panel) - first
    for line in range {
      for x in 0..<width {
        let pixel = image * outImage + line * outLine + x * outPixel
        epilogue.finish(out + (pixel + first), count: count)
      }
    }
  }
}

extension CPUBackend {
  /// Rows of a product for one task: enough to use a panel of weights many times.
  static let taskRows = 128
  /// Weights that pass through the cache again for every task, bytes.
  static let streamedWeights = 4 << 20

  /// Runs products that share a padded source.
  ///
  /// Where tasks have rows enough, each copies its lines and multiplies them by all panels; deep
  /// layers with small maps copy all lines first and share out the panels.
  ///
  /// `span` padded lines belong to one output line; `scratch` has room for all padded images where
  /// ``needsSharedCopy(_:batch:_:)`` says so.
  func multiply(
    _ products: [LineProduct], source: KernelPointer, sourceImage: Int, padded: PaddedLines,
    batch: Int, span: Int, kernels: KernelTable, scratch: KernelPointer
  ) {
    guard let first = products.first else { return }
    let lines = products.map(\.lines).max() ?? 0
    let panels = kernels.panels(first.columns)
    if !needsSharedCopy(products, batch: batch, kernels) {
      let count = linesPerTask(first)
      let blocks = (lines + count - 1) / count
      pool.forEach(count: batch * blocks) { task in
        let image = task / blocks
        let range = part(task % blocks, of: blocks, lines)
        let from = range.lowerBound * first.step
        let to = min(padded.lines, (range.upperBound - 1) * first.step + span)
        let copy = CPUBackend.threadScratch((to - from) * padded.line)
        padded.copy(from..<to, of: source + image * sourceImage, to: copy)
        for product in products {
          let own = range.clamped(to: 0..<product.lines)
          if own.isEmpty { continue }
          product.run(
            kernels, source: copy, padded: padded, image: image, lines: own, panels: 0..<panels)
          product.finish(image: image, lines: own, panels: 0..<panels, panel: kernels.panel)
        }
      }
      return
    }
    pool.forEachRange(count: batch * padded.lines, grain: 4) { range in
      for line in range {
        let (image, y) = (line / padded.lines, line % padded.lines)
        padded.copy(
          y..<y + 1, of: source + image * sourceImage,
          to: scratch + (image * padded.image + y * padded.line))
      }
    }
    // Images apart only where there are few panels: a panel serves all of them from the cache.
    let imageParts = panels >= 16 ? 1 : batch
    let lineParts = max(1, min(lines, 16 / (panels * imageParts)))
    pool.forEach(count: panels * imageParts * lineParts) { task in
      let panel = task % panels
      let rest = task / panels
      let range = part(rest % lineParts, of: lineParts, lines)
      for image in part(rest / lineParts, of: imageParts, batch) {
        let from = scratch + (image * padded.image + range.lowerBound * first.step * padded.line)
        for product in products {
          let own = range.clamped(to: 0..<product.lines)
          if own.isEmpty { continue }
          product.run(
            kernels, source: from, padded: padded, image: image, lines: own,
            panels: panel..<panel + 1
          )
          product.finish(
            image: image, lines: own, panels: panel..<panel + 1, panel: kernels.panel)
        }
      }
    }
  }

  /// Whether ``multiply(_:source:sourceImage:padded:batch:span:kernels:scratch:)`` copies all lines
  /// before it starts.
  func needsSharedCopy(_ products: [LineProduct], batch: Int, _ kernels: KernelTable) -> Bool {
    guard let first = products.first else { return false }
    let depth = products.reduce(0) { $0 + $1.offsets.count * $1.inner }
    let weights = depth * kernels.panels(first.columns) * kernels.panel * MemoryLayout<Float>.stride
    let lines = products.map(\.lines).max() ?? 0
    let count = linesPerTask(first)
    return weights > CPUBackend.streamedWeights || batch * ((lines + count - 1) / count) < 8
  }

  private func linesPerTask(_ product: LineProduct) -> Int {
    max(1, CPUBackend.taskRows / max(1, product.width))
  }
}
