import CKernels

/// How the CPU computes a convolution or one of its gradients.
enum ConvolutionScheme {
  /// One filter a channel: matrix products would be vectors.
  case depthwise
  /// Winograd's F(m×m, 3×3).
  case winograd(m: Int, KernelTable)
  /// Products over padded lines of the input; of rows as they lie where the kernel is 1×1.
  case direct(KernelTable)
  /// Patches in a thread's own memory, multiplied by OpenBLAS.
  case tiles
  /// Patches shared by all threads, multiplied by OpenBLAS.
  case panels
}

/// What is computed: the convolution or a gradient.
enum ConvolutionPass {
  case forward
  case inputGradient
  case weightGradient
}

extension CPUBackend {
  /// Weights that each thread sums patches of: more of them leave the second-level cache.
  private static let tiledWeights = 1 << 17

  /// The choice that all three passes make here.
  func scheme(_ plan: PatchPlan, _ pass: ConvolutionPass) -> ConvolutionScheme {
    if plan.isDepthwise { return .depthwise }
    // Blocks of lines would reach far into each other, and no kernel steps over pixels.
    if plan.isDilated { return .panels }
    if let kernels {
      guard let m = winogradTile(plan) else { return .direct(kernels) }
      return .winograd(m: m, kernels)
    }
    let fitsTiles =
      pass != .weightGradient || plan.patch * plan.groupFilters <= CPUBackend.tiledWeights
    return plan.isTiled && fitsTiles ? .tiles : .panels
  }

  /// Outputs of a tile, per side, where Winograd's algorithm serves.
  private func winogradTile(_ plan: PatchPlan) -> Int? {
    let g = plan.geometry
    guard !exact, g.size == 3, g.stride == 1, g.groups == 1, plan.groupChannels >= 16,
      plan.groupFilters >= 16, plan.window.out_height >= 2, plan.window.out_width >= 2
    else { return nil }
    // Few tiles: the larger coefficients of the weights would be read for little work.
    let tiles = plan.batch * ((plan.window.out_height + 3) / 4) * ((plan.window.out_width + 3) / 4)
    return tiles <= 32 && plan.groupChannels * plan.groupFilters >= 1 << 18 ? 2 : 4
  }
}
