internal import CKernels

/// The sizes of a convolution by Winograd's F(m×m, 3×3), forward or gradient by the input.
struct WinogradPlan: Sendable {
  /// Outputs of a tile, per side.
  let m: Int
  let window: ck_winograd
  /// Channels summed over, channels of the result.
  let inner: Int
  let columns: Int
  /// Tiles of all images, of one.
  let tiles: Int
  let tilesPerImage: Int

  /// A convolution with `padding` zeros around the input.
  init(m: Int, input: Shape, output: Shape, padding: Int) {
    self.m = m
    let high = (output.height + m - 1) / m
    let wide = (output.width + m - 1) / m
    window = ck_winograd(
      height: input.height, width: input.width, channels: input.channels,
      out_height: output.height, out_width: output.width, filters: output.channels,
      tiles_high: high, tiles_wide: wide, padding: padding)
    inner = input.channels
    columns = output.channels
    tilesPerImage = high * wide
    tiles = input.batch * tilesPerImage
  }

  /// Coefficients of a tile of one channel: (m + 2)².
  var elements: Int { (m + 2) * (m + 2) }

  /// Distance of the rows of a matrix of coefficients: whole vectors, not a power of two.
  static func row(_ channels: Int) -> Int {
    let whole = (channels + 15) / 16 * 16
    return whole % 256 == 0 ? whole + 16 : whole
  }

  /// Distance of the matrices of coefficients of `tiles` tiles.
  static func element(tiles: Int, row: Int) -> Int { tiles * row + 16 }
}

/// Coefficients [element][tile][channel].
struct WinogradMatrix: Sendable {
  let base: KernelPointer
  let element: Int
  let row: Int

  init(_ base: UnsafeMutablePointer<Float>, tiles: Int, channels: Int) {
    self.base = KernelPointer(base)
    row = WinogradPlan.row(channels)
    element = WinogradPlan.element(tiles: tiles, row: row)
  }

  static func count(_ plan: WinogradPlan, tiles: Int, channels: Int) -> Int {
    plan.elements * WinogradPlan.element(tiles: tiles, row: WinogradPlan.row(channels))
  }
}

extension CPUBackend {
  /// The weights' coefficients, packed, [element][panels][inner][panel].
  struct WinogradWeights: Sendable {
    let base: KernelPointer
    let element: Int
  }

  func convolveWinograd(
    _ input: Tensor, weights: Tensor, bias: Tensor?, activation: Activation, _ plan: PatchPlan,
    m: Int, cache: WeightCache?, kernels: KernelTable, into output: Tensor
  ) {
    let winograd = WinogradPlan(
      m: m, input: input.shape, output: output.shape, padding: plan.geometry.padding)
    let count = coefficientCount(winograd, kernels)
    let memory = scratch(count + workspaceCount(winograd, kernels))
    let u = derived(
      cache, "winograd \(m)", plan.geometry, kernels, count: count, scratch: memory
    ) {
      transformWeights(
        weights, channels: winograd.inner, filters: winograd.columns, flipped: false, winograd,
        kernels, into: $0)
    }
    runWinograd(
      winograd, input: input.kernel,
      weights: WinogradWeights(base: u, element: coefficientStride(winograd, kernels)),
      bias: bias?.kernel, activation: activation, accumulate: false, output: output.kernel,
      kernels: kernels, scratch: KernelPointer(memory + count))
  }

  /// dL/dinput: the convolution of the output gradient with the turned weights, channels and filters
  /// exchanged.
  func winogradInputGradient(
    of outputGradient: Tensor, weights: Tensor, _ plan: PatchPlan, m: Int, kernels: KernelTable,
    into target: GradientTarget
  ) {
    let winograd = WinogradPlan(
      m: m, input: outputGradient.shape, output: target.tensor.shape,
      padding: 2 - plan.geometry.padding)
    let count = coefficientCount(winograd, kernels)
    let memory = scratch(count + workspaceCount(winograd, kernels))
    transformWeights(
      weights, channels: winograd.columns, filters: winograd.inner, flipped: true, winograd,
      kernels, into: memory)
    runWinograd(
      winograd, input: outputGradient.kernel,
      weights: WinogradWeights(base: memory, element: coefficientStride(winograd, kernels)),
      bias: nil, activation: .linear, accumulate: target.accumulate, output: target.tensor.kernel,
      kernels: kernels, scratch: KernelPointer(memory + count))
  }

  // MARK: - Weights

  private func coefficientStride(_ plan: WinogradPlan, _ kernels: KernelTable) -> Int {
    kernels.panels(plan.columns) * plan.inner * kernels.panel + 16
  }

  private func coefficientCount(_ plan: WinogradPlan, _ kernels: KernelTable) -> Int {
    plan.elements * coefficientStride(plan, kernels)
  }

  private func transformWeights(
    _ weights: Tensor, channels: Int, filters: Int, flipped: Bool, _ plan: WinogradPlan,
    _ kernels: KernelTable, into u: KernelPointer
  ) {
    let w = weights.kernel
    let element = coefficientStride(plan, kernels)
    pool.forEach(count: kernels.panels(plan.columns)) { panel in
      ck_run_winograd_weights(
        kernels.pointer, Int32(plan.m), w.base, channels, filters, flipped, panel, panel + 1,
        u.base, element)
    }
  }

  // MARK: - Tiles

  /// Whether one task takes some tiles all the way while their coefficients stay in its cache.
  ///
  /// Deeper layers would read all weights again for few tiles.
  private func isFused(_ plan: WinogradPlan) -> Bool {
    plan.inner * plan.columns <= 128 * 256 && plan.tiles >= 12 * fusedTiles(plan)
  }

  /// Tiles of a fused task: about half a megabyte of the input's coefficients.
  private func fusedTiles(_ plan: WinogradPlan) -> Int {
    plan.inner <= 64 ? 52 : 26
  }

  /// Images whose coefficients are held at a time: some 12 MB, part of a third-level cache.
  private func imageGroup(_ plan: WinogradPlan) -> Int {
    let perImage = plan.elements * plan.tilesPerImage * (plan.inner + plan.columns)
    return max(1, (3 << 20) / perImage)
  }

  private func workspaceCount(_ plan: WinogradPlan, _ kernels: KernelTable) -> Int {
    if isFused(plan) { return 0 }
    let tiles = min(plan.tiles, imageGroup(plan) * plan.tilesPerImage)
    return WinogradMatrix.count(plan, tiles: tiles, channels: plan.inner)
      + WinogradMatrix.count(plan, tiles: tiles, channels: plan.columns)
  }

  private func runWinograd(
    _ plan: WinogradPlan, input: KernelPointer, weights: WinogradWeights, bias: KernelPointer?,
    activation: Activation, accumulate: Bool, output: KernelPointer, kernels: KernelTable,
    scratch: KernelPointer
  ) {
    let call = WinogradCall(
      plan: plan, input: input, weights: weights, bias: bias, activation: activation,
      accumulate: accumulate, output: output, kernels: kernels)
    if isFused(plan) {
      let blocks = (plan.tiles + fusedTiles(plan) - 1) / fusedTiles(plan)
      pool.forEach(count: blocks) { call.fused(part($0, of: blocks, plan.tiles)) }
      return
    }
    let group = imageGroup(plan) * plan.tilesPerImage
    let panels = kernels.panels(plan.columns)
    // Enough tasks for each matrix product that no thread waits long for the last.
    let panelParts = min(panels, 4)
    for start in stride(from: 0, to: plan.tiles, by: group) {
      let tiles = start..<min(plan.tiles, start + group)
      let v = WinogradMatrix(scratch.base, tiles: tiles.count, channels: plan.inner)
      let count = WinogradMatrix.count(plan, tiles: tiles.count, channels: plan.inner)
      let products = WinogradMatrix(scratch + count, tiles: tiles.count, channels: plan.columns)
      let blocks = max(1, min(tiles.count, max(8, tiles.count * plan.inner / 2048)))
      pool.forEach(count: blocks) {
        call.transformInput(part($0, of: blocks, tiles.count), start, v)
      }
      pool.forEach(count: plan.elements * panelParts) { task in
        call.multiply(
          element: task / panelParts, tiles: tiles.count, v, products, firstPanel: 0,
          panels: part(task % panelParts, of: panelParts, panels))
      }
      pool.forEach(count: blocks) {
        call.transformOutput(
          part($0, of: blocks, tiles.count), start, products, channel: 0, count: plan.columns)
      }
    }
  }
}

/// The steps of one convolution by Winograd's algorithm.
private struct WinogradCall: Sendable {
  let plan: WinogradPlan
  let input: KernelPointer
  let weights: CPUBackend.WinogradWeights
  let bias: KernelPointer?
  let activation: Activation
  let accumulate: Bool
  let output: KernelPointer
  let kernels: KernelTable

  /// Takes tiles from the input to the output, some panels of channels at a time.
  func fused(_ tiles: Range<Int>) {
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
          element: element, tiles: tiles.count, v, products, firstPanel: first, panels: own)
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
    element: Int, tiles: Int, _ v: WinogradMatrix, _ products: WinogradMatrix, firstPanel: Int,
    panels: Range<Int>
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
        weights.base + (element * weights.element + firstPanel * plan.inner * kernels.panel))
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
    ck_run_winograd_output(
      kernels.pointer, Int32(plan.m), &window, products.base + tiles.lowerBound * products.row,
      products.element, products.row, start + tiles.lowerBound, start + tiles.upperBound, channel,
      count, bias?.base, CPUBackend.fused(activation).kernel, accumulate, output.base)
    guard CPUBackend.fused(activation) != activation else { return }
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
          let out = output + (pixel * w.filters + channel)
          ck_activate(activation.kernel, out, out, count)
        }
      }
    }
  }
}
