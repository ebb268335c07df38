import CKernels

/// Gradients of convolutions by the weights: products with the transposed input.
///
/// Both factors are copied, the input with zeros around it, the output gradient in panels. Small
/// gradients are summed over slices of the lines, whose partial sums are added in order; large ones
/// are shared out among the threads, each part summed over all lines.
extension CPUBackend {
  /// Gradients of up to this many floats are summed in slices.
  private static let slicedGradient = 1 << 19
  private static let slices = 16
  /// Pixels whose lines of both factors stay in the first-level cache.
  private static let chunkPixels = 192

  func directWeightGradient(
    of outputGradient: Tensor, input: Tensor, _ plan: PatchPlan, kernels: KernelTable,
    into gradient: Tensor
  ) {
    let g = plan.geometry
    let width = plan.window.out_width
    let height = plan.window.out_height
    let padded = PaddedLines(
      input.shape, channels: plan.groupChannels, top: g.padding, left: g.padding,
      lines: (height - 1) * g.stride + g.size, columns: (width - 1) * g.stride + g.size,
      step: g.stride)
    let panels = kernels.panels(plan.groupFilters)
    let size = plan.patch * plan.groupFilters
    let lines = plan.batch * height
    for group in 0..<g.groups {
      let job = WeightGradientJob(
        kernels: kernels, plan: plan, padded: padded, panels: panels,
        source: KernelPointer(input.pointer + group * plan.groupChannels),
        gradient: KernelPointer(outputGradient.pointer + group * plan.groupFilters))
      let out = KernelPointer(gradient.pointer + group * plan.groupFilters)
      let chunk = max(1, CPUBackend.chunkPixels / width)
      if size <= CPUBackend.slicedGradient {
        let count = min(CPUBackend.slices, (lines + chunk - 1) / chunk)
        let partials = scratch(count * size)
        pool.forEach(count: count) { slice in
          let partial = partials + slice * size
          ck_fill(partial, 0, size)
          job.forEachChunk(part(slice, of: count, lines), chunk) { image, range in
            let sourceLines = (range.count - 1) * g.stride + g.size
            let memory = CPUBackend.threadScratch(
              sourceLines * padded.line + panels * range.count * width * kernels.panel)
            let panel = memory + sourceLines * padded.line
            job.copySource(
              image, range.lowerBound * g.stride..<range.lowerBound * g.stride + sourceLines,
              to: memory)
            job.copyGradient(image, range, to: panel, panelLines: range.count)
            for tap in 0..<job.taps {
              job.multiply(
                tap: tap, source: memory, gradient: panel, panelLines: range.count,
                lines: range.count, rows: 0..<job.rows, panels: 0..<panels, into: partial,
                stride: plan.groupFilters)
            }
          }
        }
        addSlices(partials, count: count, plan, to: out.base)
        continue
      }
      // Images at a time whose copies fit a third-level cache.
      let perImage = padded.image + panels * height * width * kernels.panel
      let images = min(plan.batch, max(1, (3 << 20) / perImage))
      let copies = scratch(images * perImage)
      let panelBase = KernelPointer(copies + images * padded.image)
      // Parts of the gradient of some 32 k floats, a dozen at least.
      let panelParts = max(1, panels / 8)
      let size = job.rows * plan.groupFilters / panelParts
      let rowParts = min(
        max(1, job.rows / 26), max(size >> 15, 12 / (job.taps * panelParts), 1))
      for first in stride(from: 0, to: plan.batch, by: images) {
        let count = min(images, plan.batch - first)
        pool.forEachRange(count: count * padded.lines, grain: 4) { range in
          for line in range {
            let (image, y) = (line / padded.lines, line % padded.lines)
            job.copySource(
              first + image, y..<y + 1, to: copies + (image * padded.image + y * padded.line))
          }
        }
        pool.forEachRange(count: count * height, grain: 4) { range in
          for line in range {
            job.copyGradient(
              first + line / height, line % height..<line % height + 1,
              to: panelBase + line * width * kernels.panel, panelLines: count * height)
          }
        }
        pool.forEach(count: job.taps * rowParts * panelParts) { task in
          let own = part(task % panelParts, of: panelParts, panels)
          let rest = task / panelParts
          let rows = part(rest % rowParts, of: rowParts, job.rows)
          job.forEachChunk(0..<count * height, chunk) { image, range in
            job.multiply(
              tap: rest / rowParts,
              source: copies + (image * padded.image + range.lowerBound * g.stride * padded.line),
              gradient: panelBase + (image * height + range.lowerBound) * width * kernels.panel,
              panelLines: count * height, lines: range.count, rows: rows, panels: own,
              into: out.base, stride: plan.filters)
          }
        }
      }
    }
  }
}

/// The factors of one gradient by the weights.
private struct WeightGradientJob: Sendable {
  let kernels: KernelTable
  let plan: PatchPlan
  let padded: PaddedLines
  let panels: Int
  let source: KernelPointer
  let gradient: KernelPointer

  /// Whether the pixels of a patch's line lie together, so that it counts as one tap.
  private var isJoined: Bool { padded.pixel == padded.channels }
  var taps: Int { plan.geometry.size * (isJoined ? 1 : plan.geometry.size) }
  /// Rows of the gradient that belong to a tap.
  var rows: Int { plan.patch / taps }

  /// Cuts lines, counted over images, into chunks that do not span images.
  func forEachChunk(_ lines: Range<Int>, _ count: Int, _ body: (Int, Range<Int>) -> Void) {
    let height = plan.window.out_height
    var line = lines.lowerBound
    while line < lines.upperBound {
      let y = line % height
      let end = min(lines.upperBound - line + y, height, y + count)
      body(line / height, y..<end)
      line += end - y
    }
  }

  func copySource(_ image: Int, _ lines: Range<Int>, to out: UnsafeMutablePointer<Float>) {
    padded.copy(lines, of: source + image * plan.inputPerImage, to: out)
  }

  /// Copies lines to the panels, which hold `panelLines` lines each.
  func copyGradient(
    _ image: Int, _ lines: Range<Int>, to out: UnsafeMutablePointer<Float>, panelLines: Int
  ) {
    let width = plan.window.out_width
    let from = gradient + (image * plan.rowsPerImage + lines.lowerBound * width) * plan.filters
    ck_run_pack(
      kernels.pointer, from, plan.filters, false, lines.count * width, plan.groupFilters, 0, panels,
      out, panelLines * width * kernels.panel)
  }

  /// Adds the products of some lines for rows `rows` of a tap.
  func multiply(
    tap: Int, source: UnsafePointer<Float>, gradient: UnsafePointer<Float>, panelLines: Int,
    lines: Int, rows: Range<Int>, panels: Range<Int>, into out: UnsafeMutablePointer<Float>,
    stride: Int
  ) {
    let g = plan.geometry
    let width = plan.window.out_width
    let offset =
      isJoined ? tap * padded.line : tap / g.size * padded.line + tap % g.size * padded.pixel
    var product = ck_gemm_transposed()
    product.a = source + offset
    product.a_group = g.stride * padded.line
    product.a_step = g.stride * padded.pixel
    product.b = gradient
    product.b_group = width * kernels.panel
    product.b_step = kernels.panel
    product.b_panel = panelLines * width * kernels.panel
    product.groups = lines
    product.inner = width
    product.rows = self.rows
    product.columns = plan.groupFilters
    product.c = out + tap * self.rows * stride
    product.c_row = stride
    product.accumulate = true
    ck_run_gemm_transposed(
      kernels.pointer, &product, rows.lowerBound, rows.upperBound, panels.lowerBound,
      panels.upperBound)
  }
}
