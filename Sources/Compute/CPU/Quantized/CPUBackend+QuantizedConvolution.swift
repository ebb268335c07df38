import CKernels

extension CPUBackend {
  /// Panels of words for the kernels of bytes.
  package func pack(
    _ weights: QuantizedWeights, geometry: ConvolutionGeometry
  ) throws -> PackedWeights {
    PackedWeights(
      weights, geometry: geometry,
      contents: try CPUPackedWeights(weights, geometry: geometry, kernels: byteKernels))
  }

  /// Convolves bytes.
  package func convolve(
    _ input: Tensor, weights: PackedWeights, epilogue: QuantizedEpilogue, into output: Tensor
  ) {
    guard let packed = weights.contents as? CPUPackedWeights else {
      preconditionFailure("weights of another backend were handed to the CPU's")
    }
    let call = ByteConvolution(
      input: input, output: output, weights: weights, packed: packed, epilogue: epilogue,
      kernels: byteKernels)
    if weights.geometry.groups > 1 {
      convolveDepthwise(call)
    } else if call.plan.geometry.isPointwise {
      convolveRows(call)
    } else {
      convolveLines(call)
    }
  }

  private func convolveDepthwise(_ call: ByteConvolution) {
    let plan = call.plan
    let (x, y, w) = (call.input, call.output, BytePointer(call.packed.memory.bytes))
    let zero = Int32(call.quantization.zeroPoint)
    forEachImageLine(
      plan, lines: plan.window.out_height, lineSize: plan.window.out_width * plan.filters
    ) { image, first, last in
      call.settled.withKernel(residual: call.residual(image: image)) { start, epilogue in
        var window = plan.window
        var epilogue = epilogue
        w.base.withMemoryRebound(to: Int32.self, capacity: 1) { weights in
          ck_run_int8_depthwise(
            call.kernels.pointer, &window, x + image * plan.inputPerImage, weights, start, zero,
            &epilogue, first, last,
            y + image * plan.rowsPerImage * plan.filters * call.outputSize)
        }
      }
    }
  }

  /// Kernels of 1 × 1: rows as they lie, or copied where bytes are widened or pixels fill no words.
  private func convolveRows(_ call: ByteConvolution) {
    let plan = call.plan
    let copies = call.kernels.width > 1 || call.packed.pixelChannels != plan.groupChannels
    let pixel = call.packed.pixelChannels * call.kernels.width
    let panels = call.kernels.panels(plan.filters)
    let wholeParts = max(1, (plan.rows + CPUBackend.taskRows / 2) / CPUBackend.taskRows)
    let panelParts = min(panels, max(1, 16 / wholeParts))
    let blocks = (plan.rows + call.kernels.rows - 1) / call.kernels.rows
    // Few rows and panels: shorter parts, so that threads end together.
    let rowParts = max(wholeParts, min(blocks, (8 + panelParts - 1) / panelParts))
    var source = call.input
    let sharesCopy = copies && panelParts > 1
    if sharesCopy {
      source = byteScratch(plan.rows * pixel)
      let copy = source
      pool.forEachRange(count: plan.rows, grain: 16) { rows in
        call.copyRows(rows, to: copy + rows.lowerBound * pixel)
      }
    }
    let settled = source
    pool.forEach(count: rowParts * panelParts) { task in
      let rows = part(task / panelParts, of: rowParts, plan.rows)
      let own = part(task % panelParts, of: panelParts, panels)
      var from = settled + rows.lowerBound * pixel
      if copies && !sharesCopy {
        from = CPUBackend.threadBytes(rows.count * pixel)
        call.copyRows(rows, to: from)
      }
      call.multiply(
        from, group: 0, row: pixel, groups: 1, rows: rows.count, offsets: [0],
        run: call.packed.pixelChannels, panels: own, at: rows.lowerBound * plan.filters)
    }
  }

  /// Other kernels: lines with zeros around them, copied by each task, or of deep layers with small maps
  /// for all of them, which then share out the panels.
  private func convolveLines(_ call: ByteConvolution) {
    let plan = call.plan
    let (lines, width) = (plan.window.out_height, plan.window.out_width)
    let padded = ByteLines(
      plan, pixelChannels: call.packed.pixelChannels, width: call.kernels.width)
    let offsets = padded.offsets(plan.geometry)
    let panels = call.kernels.panels(plan.filters)
    let perTask = linesPerTask(plan)
    let blocks = (lines + perTask - 1) / perTask
    let step = plan.geometry.stride
    let zero = UInt8(call.quantization.zeroPoint)
    let (x, widens) = (call.input, call.kernels.width > 1)
    @Sendable func multiply(
      _ source: UnsafePointer<UInt8>, image: Int, lines: Range<Int>, panels: Range<Int>
    ) {
      call.multiply(
        source, group: step * padded.line, row: step * padded.pixel, groups: lines.count,
        rows: width, offsets: offsets, run: padded.run(plan.geometry), panels: panels,
        at: (image * plan.rowsPerImage + lines.lowerBound * width)
          * plan.filters)
    }
    if plan.batch * blocks >= 8 && call.packed.memory.byteCount <= CPUBackend.streamedWeights {
      pool.forEach(count: plan.batch * blocks) { task in
        let image = task / blocks
        let range = part(task % blocks, of: blocks, lines)
        let first = range.lowerBound * step
        let last = (range.upperBound - 1) * step + plan.geometry.extent
        let copy = CPUBackend.threadBytes((last - first) * padded.line)
        padded.copy(
          first..<last, of: x + image * plan.inputPerImage, zero: zero, widens: widens, to: copy)
        multiply(copy, image: image, lines: range, panels: 0..<panels)
      }
      return
    }
    let copy = byteScratch(plan.batch * padded.image)
    pool.forEachRange(count: plan.batch * padded.lines, grain: 2) { range in
      for line in range {
        let (image, y) = (line / padded.lines, line % padded.lines)
        padded.copy(
          y..<y + 1, of: x + image * plan.inputPerImage, zero: zero, widens: widens,
          to: copy + (image * padded.image + y * padded.line))
      }
    }
    let lineParts = max(1, min(lines, 16 / panels))
    pool.forEach(count: panels * lineParts) { task in
      let range = part(task / panels, of: lineParts, lines)
      for image in 0..<plan.batch {
        multiply(
          copy + (image * padded.image + range.lowerBound * step * padded.line), image: image,
          lines: range, panels: task % panels..<task % panels + 1)
      }
    }
  }

  /// Lines of a task: each copies the lines above and below its own too, so more where tasks are many.
  private func linesPerTask(_ plan: PatchPlan) -> Int {
    var lines = max(1, CPUBackend.taskRows / plan.window.out_width)
    while lines < 8 && plan.batch * plan.window.out_height >= 2 * lines * 16 { lines *= 2 }
    return lines
  }

  /// Bytes of the calling thread, valid until its next call.
  static func threadBytes(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    BytePointer(threadScratch((count + 3) / 4)).base
  }

  /// Workspace, valid until the next call.
  private func byteScratch(_ count: Int) -> BytePointer {
    BytePointer(scratch((count + 3) / 4).base)
  }
}
