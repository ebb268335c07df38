import CKernels

extension CPUBackend {
  /// How the fast engine computes a convolution.
  enum Scheme {
    /// One filter a channel.
    case depthwise
    /// 1×1, stride 1: a product of matrices as they lie.
    case pointwise
    /// Winograd's F(m×m, 3×3).
    case winograd(Int)
    /// A product for each line of the output, over padded lines of the input.
    case direct
  }

  func scheme(_ plan: PatchPlan) -> Scheme {
    if plan.isDepthwise { return .depthwise }
    if plan.geometry.isPointwise { return .pointwise }
    let g = plan.geometry
    guard !exact, g.size == 3, g.stride == 1, g.groups == 1, plan.groupChannels >= 16,
      plan.groupFilters >= 16, plan.window.out_height >= 2, plan.window.out_width >= 2
    else { return .direct }
    // Few tiles: the larger coefficients of the weights would be read for little work.
    let tiles = plan.batch * ((plan.window.out_height + 3) / 4) * ((plan.window.out_width + 3) / 4)
    return .winograd(tiles <= 32 && plan.groupChannels * plan.groupFilters >= 1 << 18 ? 2 : 4)
  }

  /// What `build` makes of the weights: from the cache, or made anew in `scratch`.
  func derived(
    _ cache: WeightCache?, _ purpose: String, _ geometry: ConvolutionGeometry,
    _ kernels: KernelTable,
    count: Int, scratch: KernelPointer, _ build: (KernelPointer) -> Void
  ) -> KernelPointer {
    guard let cache else {
      build(scratch)
      return scratch
    }
    let key = WeightCache.Key(
      purpose: purpose, geometry: geometry, set: String(cString: kernels.pointer.pointee.name))
    if let buffer = cache.entries[key] { return KernelPointer(buffer.pointer) }
    do {
      let buffer = try Buffer(count: count)
      cache.entries[key] = buffer
      build(KernelPointer(buffer.pointer))
      return KernelPointer(buffer.pointer)
    } catch {
      // No memory to keep it: made anew each time.
      build(scratch)
      return scratch
    }
  }

  /// The part of an activation that kernels apply while they store; the rest needs a pass.
  static func fused(_ activation: Activation) -> Activation {
    switch activation {
    case .linear, .leaky, .relu, .relu6: activation
    case .logistic, .mish, .swish: .linear
    }
  }

  /// Memory of the calling thread, valid until its next call.
  static func threadScratch(_ count: Int) -> UnsafeMutablePointer<Float> {
    guard let memory = ck_scratch(count) else {
      preconditionFailure("no memory for \(count) floats of a thread's workspace")
    }
    return memory
  }
}

/// Bounds of part i of `count` nearly equal parts of `0..<total`.
func part(_ i: Int, of count: Int, _ total: Int) -> Range<Int> {
  total * i / count..<total * (i + 1) / count
}
