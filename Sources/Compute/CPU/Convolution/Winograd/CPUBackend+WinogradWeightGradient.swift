import CKernels

/// Gradients of 3×3 convolutions by the weights as the adjoint of Winograd's algorithm: the
/// coefficients of input and output gradient, multiplied and summed over tiles, give those of the
/// weights' gradient.
extension CPUBackend {
  /// Coefficients of gradients of up to this many floats are summed in slices of the tiles.
  private static let slicedCoefficients = 36 * 64 * 128
  private static let slices = 16

  func winogradWeightGradient(
    of outputGradient: Tensor, input: Tensor, _ plan: PatchPlan, m: Int, kernels: KernelTable,
    into gradient: Tensor
  ) {
    let winograd = WinogradPlan(
      m: m, input: input.shape, output: outputGradient.shape, padding: plan.geometry.padding)
    let job = WinogradGradientJob(
      plan: winograd, kernels: kernels, input: input.kernel, gradient: outputGradient.kernel)
    if winograd.elements * winograd.inner * winograd.columns <= CPUBackend.slicedCoefficients {
      slicedGradient(job, into: gradient)
    } else {
      sharedGradient(job, into: gradient)
    }
  }

  /// Each slice of the tiles has sums of its own.
  private func slicedGradient(_ job: WinogradGradientJob, into gradient: Tensor) {
    let plan = job.plan
    let tiles = max(26, min(104, (1 << 20) / 4 / plan.elements / plan.inner))
    let blocks = (plan.tiles + tiles - 1) / tiles
    let slices = min(CPUBackend.slices, blocks)
    let panels = job.kernels.panels(plan.columns)
    let row = WinogradPlan.row(panels * job.kernels.panel)
    let element = WinogradPlan.element(tiles: plan.inner, row: row)
    let size = plan.elements * element
    let partials = scratch(slices * size)
    pool.forEach(count: slices) { slice in
      let sums = partials + slice * size
      ck_fill(sums, 0, size)
      for block in part(slice, of: slices, blocks) {
        let own = part(block, of: blocks, plan.tiles)
        let count = WinogradMatrix.count(plan, tiles: own.count, channels: plan.inner)
        let memory = CPUBackend.threadScratch(
          count + WinogradPanels.count(plan, tiles: own.count, panels: panels, job.kernels))
        let v = WinogradMatrix(memory, tiles: own.count, channels: plan.inner)
        let d = WinogradPanels(memory + count, tiles: own.count, panels: panels, job.kernels)
        job.transform(0..<own.count, own.lowerBound, v, d)
        for e in 0..<plan.elements {
          job.multiply(
            element: e, tiles: own.count, v, d, channels: 0..<plan.inner,
            panels: 0..<panels, into: sums + e * element, row: row,
            accumulate: true)
        }
      }
    }
    forEachElementRange(size) { first, count in
      for slice in 1..<max(1, slices) {
        ck_axpy(1, partials + (slice * size + first), partials + first, count)
      }
    }
    addWeights(job, partials, element: element, row: row, panels: 0..<panels, into: gradient)
  }

  /// The coefficients of some images at a time; sums for some filters at a time, so that they stay in
  /// the third-level cache until they are transformed.
  private func sharedGradient(_ job: WinogradGradientJob, into gradient: Tensor) {
    let (plan, kernels) = (job.plan, job.kernels)
    let perImage = plan.elements * plan.tilesPerImage * (plan.inner + plan.columns)
    let images = max(1, min(plan.tiles / plan.tilesPerImage, (7 << 20) / perImage))
    let group = min(plan.tiles, images * plan.tilesPerImage)
    let countV = WinogradMatrix.count(plan, tiles: group, channels: plan.inner)
    let panels = kernels.panels(plan.columns)
    let countD = WinogradPanels.count(plan, tiles: group, panels: panels, kernels)
    let most = max(1, (2 << 20) / (plan.elements * plan.inner * kernels.panel))
    let blocks = (panels + most - 1) / most
    let block = (panels + blocks - 1) / blocks
    let row = WinogradPlan.row(block * kernels.panel)
    let element = WinogradPlan.element(tiles: plan.inner, row: row)
    let memory = scratch(countV + countD + plan.elements * element)
    let sums = KernelPointer(memory + (countV + countD))
    for start in stride(from: 0, to: plan.tiles, by: group) {
      let count = min(group, plan.tiles - start)
      let v = WinogradMatrix(memory.base, tiles: count, channels: plan.inner)
      let d = WinogradPanels(memory + countV, tiles: count, panels: panels, kernels)
      let parts = max(1, min(count, max(8, count * plan.columns / 4096)))
      pool.forEach(count: parts) { job.transform(part($0, of: parts, count), start, v, d) }
      for first in stride(from: 0, to: panels, by: block) {
        let own = first..<min(panels, first + block)
        pool.forEach(count: plan.elements * 2) { task in
          job.multiply(
            element: task / 2, tiles: count, v, d,
            channels: part(task % 2, of: 2, plan.inner), panels: own,
            into: sums + task / 2 * element, row: row, accumulate: false)
        }
        addWeights(job, sums, element: element, row: row, panels: own, into: gradient)
      }
    }
  }

  private func addWeights(
    _ job: WinogradGradientJob, _ sums: KernelPointer, element: Int, row: Int,
    panels: Range<Int>, into gradient: Tensor
  ) {
    let plan = job.plan
    let filter = panels.lowerBound * job.kernels.panel
    let count = min(plan.columns - filter, panels.count * job.kernels.panel)
    let out = gradient.kernel
    pool.forEachRange(count: plan.inner, grain: max(1, 2048 / count)) { range in
      ck_run_winograd_weights_adjoint(
        job.kernels.pointer, Int32(plan.m), sums + range.lowerBound * row, element, row, plan.inner,
        plan.columns, range.lowerBound, range.upperBound, count, out + filter)
    }
  }
}

private struct WinogradGradientJob: Sendable {
  let plan: WinogradPlan
  let kernels: KernelTable
  let input: KernelPointer
  let gradient: KernelPointer

  /// `tiles` counts from tile `start`, which is row 0 of the matrices.
  func transform(_ tiles: Range<Int>, _ start: Int, _ v: WinogradMatrix, _ d: WinogradPanels) {
    var window = plan.window
    ck_run_winograd_input(
      kernels.pointer, Int32(plan.m), &window, input.base, start + tiles.lowerBound,
      start + tiles.upperBound, v.base + tiles.lowerBound * v.row, v.element, v.row)
    ck_run_winograd_output_adjoint(
      kernels.pointer, Int32(plan.m), &window, gradient.base, start + tiles.lowerBound,
      start + tiles.upperBound, d.base + tiles.lowerBound * kernels.panel, d.element, d.panel)
  }

  /// Sums over tiles for some channels and panels; channel 0 of the first panel goes to `out`.
  func multiply(
    element: Int, tiles: Int, _ v: WinogradMatrix, _ d: WinogradPanels, channels: Range<Int>,
    panels: Range<Int>, into out: UnsafeMutablePointer<Float>, row: Int, accumulate: Bool
  ) {
    // Tiles at a time whose rows of both factors stay in the first-level cache.
    let chunk = 160
    for first in stride(from: 0, to: tiles, by: chunk) {
      var product = ck_gemm_transposed()
      product.a = UnsafePointer(v.base + (element * v.element + first * v.row))
      product.a_step = v.row
      product.b = UnsafePointer(
        d.base + (element * d.element + panels.lowerBound * d.panel + first * kernels.panel))
      product.b_step = kernels.panel
      product.b_panel = d.panel
      product.groups = 1
      product.inner = min(chunk, tiles - first)
      product.rows = plan.inner
      // Whole vectors: what lies beyond the last filter is zero.
      product.columns = min(
        panels.count * kernels.panel,
        (plan.columns - panels.lowerBound * kernels.panel + 15) / 16 * 16)
      product.c = out
      product.c_row = row
      product.accumulate = accumulate || first > 0
      ck_run_gemm_transposed(
        kernels.pointer, &product, channels.lowerBound, channels.upperBound, 0, panels.count)
    }
  }
}

/// Coefficients of the output gradient, [element][panel][tile][panel width].
private struct WinogradPanels: Sendable {
  let base: KernelPointer
  let element: Int
  let panel: Int

  init(_ base: UnsafeMutablePointer<Float>, tiles: Int, panels: Int, _ kernels: KernelTable) {
    self.base = KernelPointer(base)
    panel = tiles * kernels.panel
    element = panels * panel + 16
  }

  static func count(
    _ plan: WinogradPlan, tiles: Int, panels: Int, _ kernels: KernelTable
  ) -> Int {
    plan.elements * (panels * tiles * kernels.panel + 16)
  }
}
