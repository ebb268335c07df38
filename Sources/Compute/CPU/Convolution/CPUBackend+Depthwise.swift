import CKernels

extension CPUBackend {
  /// No matrix product serves here, so both engines use these.
  private var depthwiseKernels: KernelTable { kernels ?? KernelTable(nil) }

  func depthwise(
    _ input: Tensor, weights: Tensor, _ plan: PatchPlan, epilogue: KernelEpilogue,
    into output: Tensor
  ) {
    let height = plan.window.out_height
    let width = plan.window.out_width * plan.filters
    let kernels = depthwiseKernels
    let (x, w, y) = (input.kernel, weights.kernel, output.kernel)
    forEachImageLine(plan, lines: height, lineSize: width) { image, first, last in
      var window = plan.window
      var fused = epilogue.fused()
      let out = y + image * plan.rowsPerImage * plan.filters
      ck_run_depthwise(
        kernels.pointer, &window, x + image * plan.inputPerImage, w.base, &fused, first, last, out)
      epilogue.finish(out + first * width, count: (last - first) * width)
    }
  }

  func depthwiseInputGradient(
    of outputGradient: Tensor, weights: Tensor, _ plan: PatchPlan, into target: GradientTarget
  ) {
    let (d, w, dx) = (outputGradient.kernel, weights.kernel, target.tensor.kernel)
    let accumulate = target.accumulate
    let kernels = depthwiseKernels
    forEachImageLine(
      plan, lines: plan.window.height, lineSize: plan.window.width * plan.window.channels
    ) { image, first, last in
      var window = plan.window
      ck_run_depthwise_input_gradient(
        kernels.pointer, &window, d + image * plan.rowsPerImage * plan.filters, w.base, first, last,
        dx + image * plan.inputPerImage, accumulate)
    }
  }

  func depthwiseWeightGradient(
    of outputGradient: Tensor, input: Tensor, _ plan: PatchPlan, into gradient: Tensor
  ) {
    let size = gradient.count
    let lines = plan.window.out_height
    let grain = max(1, CPUBackend.elementGrain / (plan.window.out_width * plan.filters))
    let blocksPerImage = (lines + grain - 1) / grain
    let blocks = plan.batch * blocksPerImage
    let partials = scratch(blocks * size)
    let kernels = depthwiseKernels
    let (x, d) = (input.kernel, outputGradient.kernel)
    pool.forEach(count: blocks) { block in
      var window = plan.window
      let image = block / blocksPerImage
      let first = block % blocksPerImage * grain
      let partial = partials + block * size
      ck_fill(partial, 0, size)
      ck_run_depthwise_weight_gradient(
        kernels.pointer, &window, x + image * plan.inputPerImage,
        d + image * plan.rowsPerImage * plan.filters, first, min(lines, first + grain), partial)
    }
    for block in 0..<blocks { ck_axpy(1, partials + block * size, gradient.pointer, size) }
  }

  /// Calls `body(image, firstLine, lastLine)` for blocks of lines of every image.
  func forEachImageLine(
    _ plan: PatchPlan, lines: Int, lineSize: Int, _ body: @Sendable (Int, Int, Int) -> Void
  ) {
    forEachImageLine(batch: plan.batch, lines: lines, lineSize: lineSize, body)
  }

  func forEachImageLine(
    batch: Int, lines: Int, lineSize: Int, _ body: @Sendable (Int, Int, Int) -> Void
  ) {
    let grain = CPUBackend.rowShare(batch * lines, of: lineSize)
    let blocksPerImage = (lines + grain - 1) / grain
    pool.forEach(count: batch * blocksPerImage) { block in
      let first = block % blocksPerImage * grain
      body(block / blocksPerImage, first, min(lines, first + grain))
    }
  }
}
