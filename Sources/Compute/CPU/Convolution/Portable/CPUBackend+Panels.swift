import CKernels
import COpenBLAS

/// Convolutions as products of long patches by OpenBLAS: all threads fill a panel of patches, then
/// share out the product.
extension CPUBackend {
  func convolvePanels(
    _ input: Tensor, weights: Tensor, _ plan: PatchPlan, epilogue: KernelEpilogue,
    into output: Tensor
  ) {
    for group in 0..<plan.geometry.groups {
      let filter = group * plan.groupFilters
      let b = Matrix(weights.pointer + filter, stride: plan.filters)
      let own = epilogue.from(channel: filter)
      forEachPanel(input, plan, group: group) { panel, a in
        let c = Matrix(
          output.pointer + panel.lowerBound * plan.filters + filter, stride: plan.filters)
        gemm(
          a, b, into: c, rows: panel.count, columns: plan.groupFilters, inner: plan.patch,
          accumulate: false, epilogue: own)
      }
    }
  }

  /// Products with the transposed weights, gathered from patches.
  func panelInputGradient(
    of outputGradient: Tensor, weights: Tensor, _ plan: PatchPlan, into target: GradientTarget
  ) {
    for group in 0..<plan.geometry.groups {
      let b = Matrix(
        weights.pointer + group * plan.groupFilters, stride: plan.filters, transposed: true)
      if plan.geometry.isPointwise {
        let channel = group * plan.groupChannels
        gemm(
          Matrix(outputGradient.pointer + group * plan.groupFilters, stride: plan.filters), b,
          into: Matrix(target.tensor.pointer + channel, stride: plan.window.channels),
          rows: plan.rows, columns: plan.groupChannels, inner: plan.groupFilters,
          accumulate: target.accumulate)
        continue
      }
      let images = plan.imagesPerPanel
      let columns = scratch(images * plan.rowsPerImage * plan.patch)
      for first in stride(from: 0, to: plan.batch, by: images) {
        let count = min(images, plan.batch - first)
        let row = first * plan.rowsPerImage
        gemm(
          Matrix(
            outputGradient.pointer + row * plan.filters + group * plan.groupFilters,
            stride: plan.filters), b, into: Matrix(columns.base, stride: plan.patch),
          rows: count * plan.rowsPerImage, columns: plan.patch, inner: plan.groupFilters,
          accumulate: false)
        let height = plan.window.height
        let base = target.tensor.kernel
        let accumulate = target.accumulate
        pool.forEachRange(count: count * height, grain: plan.imageRowGrain) { range in
          var window = plan.window
          for line in range {
            let image = line / height
            ck_col2im_row(
              columns + image * plan.rowsPerImage * plan.patch, &window,
              group * plan.groupChannels, plan.groupChannels, line % height,
              base + (first + image) * plan.inputPerImage, accumulate)
          }
        }
      }
    }
  }

  /// Transposed patches times the output gradient.
  ///
  /// Small weight tensors give too few blocks for all threads; then the pixels are cut into a fixed
  /// number of slices whose partial sums are added in order.
  func panelWeightGradient(
    of outputGradient: Tensor, input: Tensor, _ plan: PatchPlan, into gradient: Tensor
  ) {
    let size = plan.patch * plan.groupFilters
    let slices = size <= 1 << 16 ? 16 : 1
    for group in 0..<plan.geometry.groups {
      let out = Matrix(gradient.pointer + group * plan.groupFilters, stride: plan.filters)
      let partialCount = slices > 1 ? slices * size : 0
      forEachPanel(input, plan, group: group, extraScratch: partialCount) { panel, a, partials in
        let d = Matrix(
          outputGradient.pointer + panel.lowerBound * plan.filters + group * plan.groupFilters,
          stride: plan.filters)
        let transposed = Matrix(a.pointer.base, stride: a.stride, transposed: true)
        if slices == 1 {
          gemm(
            transposed, d, into: out, rows: plan.patch, columns: plan.groupFilters,
            inner: panel.count, accumulate: true)
          return
        }
        let grain = (panel.count + slices - 1) / slices
        let used = (panel.count + grain - 1) / grain
        pool.forEach(count: used) { slice in
          let first = slice * grain
          cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(plan.patch), Int32(plan.groupFilters),
            Int32(min(grain, panel.count - first)), 1, a.at(first, 0), Int32(a.stride),
            d.at(first, 0), Int32(d.stride), 0, partials + slice * size, Int32(plan.groupFilters))
        }
        addSlices(partials, count: used, plan, to: out.pointer.base)
      }
    }
  }

  /// Calls `body` for consecutive ranges of output pixels with the matrix of their patches.
  private func forEachPanel(
    _ input: Tensor, _ plan: PatchPlan, group: Int, _ body: (Range<Int>, Matrix) -> Void
  ) {
    forEachPanel(input, plan, group: group, extraScratch: 0) { panel, matrix, _ in
      body(panel, matrix)
    }
  }

  private func forEachPanel(
    _ input: Tensor, _ plan: PatchPlan, group: Int, extraScratch: Int,
    _ body: (Range<Int>, Matrix, KernelPointer) -> Void
  ) {
    let channel = group * plan.groupChannels
    if plan.geometry.isPointwise {
      let extra = scratch(extraScratch)
      body(
        0..<plan.rows, Matrix(input.pointer + channel, stride: plan.window.channels), extra)
      return
    }
    let panelRows = plan.rowsPerPanel
    let columns = scratch(panelRows * plan.patch + extraScratch)
    let extra = KernelPointer(columns + panelRows * plan.patch)
    let source = input.kernel
    for first in stride(from: 0, to: plan.rows, by: panelRows) {
      let panel = first..<min(plan.rows, first + panelRows)
      pool.forEachRange(count: panel.count, grain: plan.patchGrain) { range in
        plan.fill(
          columns + range.lowerBound * plan.patch,
          rows: first + range.lowerBound..<first + range.upperBound, group: group, from: source)
      }
      body(panel, Matrix(columns.base, stride: plan.patch), extra)
    }
  }
}
