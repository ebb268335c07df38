import CKernels

extension CPUBackend {
  func convolveWinograd(
    _ input: Tensor, weights: Tensor, _ plan: PatchPlan, m: Int, epilogue: KernelEpilogue,
    cache: WeightCache?, kernels: KernelTable, into output: Tensor
  ) {
    let winograd = WinogradPlan(
      m: m, input: input.shape, output: output.shape, padding: plan.geometry.padding)
    let call = WinogradCall(
      plan: winograd, input: input.kernel, epilogue: epilogue, output: output.kernel,
      kernels: kernels)
    runWinograd(
      call, weights: weights, channels: winograd.inner, filters: winograd.columns, flipped: false,
      geometry: plan.geometry, cache: cache)
  }

  /// dL/dinput: the convolution of the output gradient with the turned weights.
  ///
  /// Channels and filters change roles.
  func winogradInputGradient(
    of outputGradient: Tensor, weights: Tensor, _ plan: PatchPlan, m: Int, kernels: KernelTable,
    into target: GradientTarget
  ) {
    let winograd = WinogradPlan(
      m: m, input: outputGradient.shape, output: target.tensor.shape,
      padding: 2 - plan.geometry.padding)
    let call = WinogradCall(
      plan: winograd, input: outputGradient.kernel, epilogue: target.epilogue,
      output: target.tensor.kernel, kernels: kernels)
    runWinograd(
      call, weights: weights, channels: winograd.columns, filters: winograd.inner, flipped: true,
      geometry: plan.geometry, cache: nil)
  }

  /// Weights that are not kept are transformed block by block, just before each block is used.
  private func runWinograd(
    _ call: WinogradCall, weights: Tensor, channels: Int, filters: Int, flipped: Bool,
    geometry: ConvolutionGeometry, cache: WeightCache?
  ) {
    let (plan, kernels) = (call.plan, call.kernels)
    let schedule = WinogradSchedule(plan, kernels: kernels)
    let panels = kernels.panels(plan.columns)
    let isBlockwise = cache == nil && schedule.usesWeightsOnce(plan)
    let element = (isBlockwise ? schedule.panels : panels) * plan.inner * kernels.panel + 16
    let count = plan.elements * element
    let inputs = WinogradMatrix.count(plan, tiles: schedule.tiles, channels: plan.inner)
    let columns = schedule.panels * kernels.panel
    let products = WinogradMatrix.count(plan, tiles: schedule.tiles, channels: columns)
    let memory = scratch(count + (schedule.fusedTiles == nil ? inputs + products : 0))
    let w = weights.kernel
    func transform(_ block: Range<Int>, into u: KernelPointer) {
      pool.forEach(count: block.count) { i in
        ck_run_winograd_weights(
          kernels.pointer, Int32(plan.m), w.base, channels, filters, flipped,
          block.lowerBound + i, block.lowerBound + i + 1, u + i * plan.inner * kernels.panel,
          element)
      }
    }
    var ready = WinogradWeights(base: memory, element: element, firstPanel: 0)
    if !isBlockwise {
      let base = derived(
        cache, "winograd \(plan.m)", geometry, kernels, count: count, scratch: memory
      ) { transform(0..<panels, into: $0) }
      ready = WinogradWeights(base: base, element: element, firstPanel: 0)
    }
    if let tiles = schedule.fusedTiles {
      let blocks = (plan.tiles + tiles - 1) / tiles
      let all = ready
      pool.forEach(count: blocks) { call.fused(part($0, of: blocks, plan.tiles), all) }
      return
    }
    for start in stride(from: 0, to: plan.tiles, by: schedule.tiles) {
      let tiles = min(schedule.tiles, plan.tiles - start)
      let v = WinogradMatrix(memory + count, tiles: tiles, channels: plan.inner)
      let y = WinogradMatrix(memory + (count + inputs), tiles: tiles, channels: columns)
      let blocks = max(1, min(tiles, max(8, tiles * plan.inner / 2048)))
      pool.forEach(count: blocks) { call.transformInput(part($0, of: blocks, tiles), start, v) }
      for first in stride(from: 0, to: panels, by: schedule.panels) {
        let own = first..<min(panels, first + schedule.panels)
        if isBlockwise {
          transform(own, into: memory)
          ready = WinogradWeights(base: memory, element: element, firstPanel: first)
        }
        let block = ready
        // Enough tasks that no thread waits long for the last.
        let panelParts = min(own.count, 4)
        pool.forEach(count: plan.elements * panelParts) { task in
          let mine = part(task % panelParts, of: panelParts, own.count)
          call.multiply(
            element: task / panelParts, tiles: tiles, v, block, y, firstPanel: first,
            panels: first + mine.lowerBound..<first + mine.upperBound)
        }
        let channel = first * kernels.panel
        pool.forEach(count: blocks) {
          call.transformOutput(
            part($0, of: blocks, tiles), start, y, channel: channel,
            count: min(plan.columns - channel, columns))
        }
      }
    }
  }
}
