import CKernels

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
    let takesResidual =
      kernels != nil && !plan.isDepthwise && !plan.isDilated && !kernel.needsFinish
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
    let cache = keepsDerivedWeights ? cache : nil
    switch scheme(plan, .forward) {
    case .depthwise:
      depthwise(input, weights: weights, plan, epilogue: epilogue, into: output)
    case .winograd(let m, let kernels):
      convolveWinograd(
        input, weights: weights, plan, m: m, epilogue: epilogue, cache: cache, kernels: kernels,
        into: output)
    case .direct(let kernels):
      convolveDirect(
        input, weights: weights, plan, epilogue: epilogue, cache: cache, kernels: kernels,
        into: output)
    case .tiles:
      convolveTiles(input, weights: weights, plan, epilogue: epilogue, into: output)
    case .panels:
      convolvePanels(input, weights: weights, plan, epilogue: epilogue, into: output)
    }
  }

  /// dL/dinput.
  package func convolutionInputGradient(
    of outputGradient: Tensor, weights: Tensor, geometry: ConvolutionGeometry,
    into target: GradientTarget
  ) {
    let plan = PatchPlan(
      input: target.tensor.shape, output: outputGradient.shape, geometry: geometry)
    switch scheme(plan, .inputGradient) {
    case .depthwise:
      depthwiseInputGradient(of: outputGradient, weights: weights, plan, into: target)
    case .winograd(let m, let kernels):
      winogradInputGradient(
        of: outputGradient, weights: weights, plan, m: m, kernels: kernels, into: target)
    case .direct(let kernels):
      directInputGradient(
        of: outputGradient, weights: weights, plan, kernels: kernels, into: target)
    case .tiles:
      tileInputGradient(of: outputGradient, weights: weights, plan, into: target)
    case .panels:
      panelInputGradient(of: outputGradient, weights: weights, plan, into: target)
    }
  }

  /// Adds dL/dweights.
  package func convolutionWeightGradient(
    of outputGradient: Tensor, input: Tensor, geometry: ConvolutionGeometry, into gradient: Tensor
  ) {
    let plan = PatchPlan(input: input.shape, output: outputGradient.shape, geometry: geometry)
    switch scheme(plan, .weightGradient) {
    case .depthwise:
      depthwiseWeightGradient(of: outputGradient, input: input, plan, into: gradient)
    case .winograd(let m, let kernels):
      winogradWeightGradient(
        of: outputGradient, input: input, plan, m: m, kernels: kernels, into: gradient)
    case .direct(let kernels):
      directWeightGradient(of: outputGradient, input: input, plan, kernels: kernels, into: gradient)
    case .tiles:
      tileWeightGradient(of: outputGradient, input: input, plan, into: gradient)
    case .panels:
      panelWeightGradient(of: outputGradient, input: input, plan, into: gradient)
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
}
