import CKernels

/// Coefficients of weights, packed, [element][panel - firstPanel][inner][panel width].
struct WinogradWeights: Sendable {
  let base: KernelPointer
  let element: Int
  let firstPanel: Int
}

/// The steps of one convolution by Winograd's algorithm.
struct WinogradCall: Sendable {
  let plan: WinogradPlan
  let input: KernelPointer
  let epilogue: KernelEpilogue
  let output: KernelPointer
  let kernels: KernelTable

  /// Takes tiles from the input to the output, some panels of channels at a time.
  func fused(_ tiles: Range<Int>, _ weights: WinogradWeights) {
    let panels = kernels.panels(plan.columns)
    let width = min(panels, max(1, 64 / kernels.panel))
    let count = WinogradMatrix.count(plan, tiles: tiles.count, channels: plan.inner)
    let memory = CPUBackend.threadScratch(
      count
        + WinogradMatrix.count(plan, tiles: tiles.count, channels: width * kernels.panel))
    let v = WinogradMatrix(memory, tiles: tiles.count, channels: plan.inner)
    let products = WinogradMatrix(
      memory + count, tiles: tiles.count, channels: width * kernels.panel)
    transformInput(0..<tiles.count, tiles.lowerBound, v)
    for first in stride(from: 0, to: panels, by: width) {
      let own = first..<min(panels, first + width)
      for element in 0..<plan.elements {
        multiply(
          element: element, tiles: tiles.count, v, weights, products, firstPanel: first, panels: own
        )
      }
      let channel = first * kernels.panel
      transformOutput(
        0..<tiles.count, tiles.lowerBound, products, channel: channel,
        count: min(plan.columns - channel, width * kernels.panel))
    }
  }

  /// `tiles` counts from tile `start`, which is row 0 of the matrices.
  func transformInput(_ tiles: Range<Int>, _ start: Int, _ v: WinogradMatrix) {
    var window = plan.window
    ck_run_winograd_input(
      kernels.pointer, Int32(plan.m), &window, input.base, start + tiles.lowerBound,
      start + tiles.upperBound, v.base + tiles.lowerBound * v.row, v.element, v.row)
  }

  /// Channel 0 of `products` is that of panel `firstPanel`.
  func multiply(
    element: Int, tiles: Int, _ v: WinogradMatrix, _ weights: WinogradWeights,
    _ products: WinogradMatrix, firstPanel: Int, panels: Range<Int>
  ) {
    var zero = 0
    withUnsafePointer(to: &zero) { offset in
      var g = ck_gemm()
      g.a = UnsafePointer(v.base + element * v.element)
      g.a_row = v.row
      g.a_segments = offset
      g.groups = 1
      g.rows = tiles
      g.segments = 1
      g.inner = plan.inner
      g.b = UnsafePointer(
        weights.base
          + (element * weights.element
            + (firstPanel - weights.firstPanel) * plan.inner * kernels.panel))
      // Whole panels: rows of the products have room for them, or the last one is cut.
      g.columns = min(
        products.row, (plan.columns - firstPanel * kernels.panel + 15) / 16 * 16)
      g.c = products.base + element * products.element
      g.c_row = products.row
      ck_run_gemm(
        kernels.pointer, &g, panels.lowerBound - firstPanel, panels.upperBound - firstPanel)
    }
  }

  func transformOutput(
    _ tiles: Range<Int>, _ start: Int, _ products: WinogradMatrix, channel: Int, count: Int
  ) {
    var window = plan.window
    var epilogue = epilogue.fused()
    ck_run_winograd_output(
      kernels.pointer, Int32(plan.m), &window, products.base + tiles.lowerBound * products.row,
      products.element, products.row, start + tiles.lowerBound, start + tiles.upperBound, channel,
      count, &epilogue, output.base)
    guard self.epilogue.needsFinish else { return }
    finish(start + tiles.lowerBound..<start + tiles.upperBound, channel: channel, count: count)
  }

  /// Activations that the kernels do not know, on the outputs of some tiles.
  private func finish(_ tiles: Range<Int>, channel: Int, count: Int) {
    let w = plan.window
    for tile in tiles {
      let inside = tile % plan.tilesPerImage
      let top = inside / w.tiles_wide * plan.m
      let left = inside % w.tiles_wide * plan.m
      for y in top..<min(w.out_height, top + plan.m) {
        for x in left..<min(w.out_width, left + plan.m) {
          let pixel = (tile / plan.tilesPerImage * w.out_height + y) * w.out_width + x
          epilogue.finish(output + (pixel * w.filters + channel), count: count)
        }
      }
    }
  }
}
