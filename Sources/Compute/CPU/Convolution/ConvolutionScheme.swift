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
    guard !exact else { return nil }
    return CPUBackend.winogradTile(
      plan.geometry, channels: plan.window.channels,
      output: Shape(
        batch: plan.batch, height: plan.window.out_height, width: plan.window.out_width,
        channels: plan.filters))
  }

  /// Outputs of a tile, per side, of a convolution with these channels of its input; nil where Winograd's
  /// algorithm does not serve.
  package static func winogradTile(
    _ g: ConvolutionGeometry, channels: Int, output: Shape
  ) -> Int? {
    guard g.size == 3, g.stride == 1, g.groups == 1, g.dilation == 1, channels >= 16,
      output.channels >= 16, output.height >= 2, output.width >= 2
    else { return nil }
    // Few tiles: the larger coefficients of the weights would be read for little work.
    let tiles = output.batch * ((output.height + 3) / 4) * ((output.width + 3) / 4)
    return tiles <= 32 && channels * output.channels >= 1 << 18 ? 2 : 4
  }
}
