import CKernels
import COpenBLAS

extension CPUBackend {
  /// Overwrites `output` with what the epilogue makes of input * weights.
  ///
  /// Kernels of the fast engine add a residual as they store; elsewhere it takes a pass.
  package func convolve(
    _ input: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    epilogue: ConvolutionEpilogue, cache: WeightCache?, into output: Tensor
  ) {
    let plan = PatchPlan(input: input.shape, output: output.shape, geometry: geometry)
    var kernel = KernelEpilogue(epilogue)
    let takesResidual = kernels != nil && !plan.isDepthwise && !kernel.needsFinish
    guard let residual = epilogue.residual, !takesResidual else {
      convolve(input, weights: weights, plan, epilogue: kernel, cache: cache, into: output)
      return
    }
    kernel.residual = nil
    if residual.comesFirst { kernel.activation = .linear }
    convolve(input, weights: weights, plan, epilogue: kernel, cache: cache, into: output)
    add(output, residual.tensor, into: output)
    if residual.comesFirst { activate(output, epilogue.activation, into: output) }
  }

  private func convolve(
    _ input: Tensor, weights: Tensor, _ plan: PatchPlan, epilogue: KernelEpilogue,
    cache: WeightCache?, into output: Tensor
  ) {
    if plan.isDepthwise {
      depthwise(input, weights: weights, plan, epilogue: epilogue, into: output)
      return
    }
    if let kernels {
      let cache = keepsDerivedWeights ? cache : nil
      if case .winograd(let m) = scheme(plan) {
        convolveWinograd(
          input, weights: weights, plan, m: m, epilogue: epilogue, cache: cache, kernels: kernels,
          into: output)
      } else {
        convolveDirect(
          input, weights: weights, plan, epilogue: epilogue, cache: cache, kernels: kernels,
          into: output)
      }
      return
    }
    if plan.isTiled {
      convolveTiles(input, weights: weights, plan, epilogue: epilogue, into: output)
      return
    }
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

  /// dL/dinput: products with the transposed weights, gathered from patches.
  package func convolutionInputGradient(
    of outputGradient: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    into target: GradientTarget
  ) {
    let plan = PatchPlan(
      input: target.tensor.shape, output: outputGradient.shape, geometry: geometry)
    if plan.isDepthwise {
      depthwiseInputGradient(of: outputGradient, weights: weights, plan, into: target)
      return
    }
    if let kernels {
      if case .winograd(let m) = scheme(plan) {
        winogradInputGradient(
          of: outputGradient, weights: weights, plan, m: m, kernels: kernels, into: target)
      } else {
        directInputGradient(
          of: outputGradient, weights: weights, plan, kernels: kernels, into: target)
      }
      return
    }
    if plan.isTiled {
      tileInputGradient(of: outputGradient, weights: weights, plan, into: target)
      return
    }
    for group in 0..<geometry.groups {
      let b = Matrix(
        weights.pointer + group * plan.groupFilters, stride: plan.filters, transposed: true)
      if geometry.isPointwise {
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

  /// Adds dL/dweights: transposed patches times the output gradient.
  ///
  /// Small weight tensors give too few blocks for all threads; then the pixels are cut into a fixed
  /// number of slices whose partial sums are added in order.
  package func convolutionWeightGradient(
    of outputGradient: Tensor, input: Tensor, geometry: ConvolutionGeometry, into gradient: Tensor
  ) {
    let plan = PatchPlan(input: input.shape, output: outputGradient.shape, geometry: geometry)
    if plan.isDepthwise {
      depthwiseWeightGradient(of: outputGradient, input: input, plan, into: gradient)
      return
    }
    if let kernels {
      if case .winograd(let m) = scheme(plan) {
        winogradWeightGradient(
          of: outputGradient, input: input, plan, m: m, kernels: kernels, into: gradient)
      } else {
        directWeightGradient(
          of: outputGradient, input: input, plan, kernels: kernels, into: gradient)
      }
      return
    }
    let size = plan.patch * plan.groupFilters
    if plan.isTiled && size <= 1 << 17 {
      tileWeightGradient(of: outputGradient, input: input, plan, into: gradient)
      return
    }
    let slices = size <= 1 << 16 ? 16 : 1
    for group in 0..<geometry.groups {
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

  /// Adds the sums over pixels, blocks of rows in parallel, block sums in order.
  package func biasGradient(of outputGradient: Tensor, into gradient: Tensor) {
    let channels = outputGradient.shape.channels
    let rows = outputGradient.shape.rows
    let grain = CPUBackend.rowGrain(channels: channels)
    let blocks = (rows + grain - 1) / grain
    let sums = scratch(blocks * channels)
    let d = outputGradient.kernel
    pool.forEach(count: blocks) { block in
      let first = block * grain
      ck_column_sums(
        d + first * channels, min(grain, rows - first), channels, sums + block * channels)
    }
    for block in 0..<blocks { ck_axpy(1, sums + block * channels, gradient.pointer, channels) }
  }

  // MARK: - Panels

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

/// The sizes of a convolution as matrix products.
struct PatchPlan: Sendable {
  let geometry: ConvolutionGeometry
  let window: ck_window
  let batch: Int
  let filters: Int
  /// Input channels and filters of one group.
  let groupChannels: Int
  let groupFilters: Int
  /// Output pixels of one image, of all images.
  let rowsPerImage: Int
  let rows: Int
  /// R · S · C / groups: the length of one patch.
  let patch: Int
  let inputPerImage: Int

  init(input: Shape, output: Shape, geometry: ConvolutionGeometry) {
    self.geometry = geometry
    window = ck_window(
      height: input.height, width: input.width, channels: input.channels,
      out_height: output.height, out_width: output.width, kernel_height: geometry.size,
      kernel_width: geometry.size, stride: geometry.stride, pad_top: geometry.padding,
      pad_left: geometry.padding)
    batch = input.batch
    filters = output.channels
    groupChannels = input.channels / geometry.groups
    groupFilters = output.channels / geometry.groups
    rowsPerImage = output.height * output.width
    rows = output.rows
    patch = geometry.size * geometry.size * groupChannels
    inputPerImage = input.countPerImage
  }

  /// One filter a channel: matrix products would be vectors.
  var isDepthwise: Bool { groupChannels == 1 && groupFilters == 1 && geometry.groups > 1 }

  /// 4 M floats of patches at a time: they stay in the last-level cache.
  private static let panelFloats = 1 << 22

  var rowsPerPanel: Int { min(rows, max(256, PatchPlan.panelFloats / patch)) }
  var imagesPerPanel: Int {
    min(batch, max(1, PatchPlan.panelFloats / (patch * rowsPerImage)))
  }
  /// Patches per chunk of the parallel copy.
  var patchGrain: Int { max(1, CPUBackend.elementGrain / patch) }
  /// Input lines per chunk of the parallel gather.
  var imageRowGrain: Int {
    max(1, CPUBackend.elementGrain / (window.width * max(1, groupChannels) * geometry.size))
  }
}
