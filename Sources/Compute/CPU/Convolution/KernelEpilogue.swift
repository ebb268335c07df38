import CKernels

/// An epilogue as kernels take it.
struct KernelEpilogue: Sendable {
  var scale: KernelPointer?
  var bias: KernelPointer?
  var activation: Activation = .linear
  var residual: KernelPointer?
  var residualComesFirst = false

  init(_ epilogue: ConvolutionEpilogue) {
    scale = epilogue.scale?.kernel
    bias = epilogue.bias?.kernel
    activation = epilogue.activation
    residual = epilogue.residual?.tensor.kernel
    residualComesFirst = epilogue.residual?.comesFirst ?? false
  }

  /// Sums are stored, or added to what the target holds.
  init(accumulatingInto target: KernelPointer?) { residual = target }

  /// The one of channels from `channel` on.
  func from(channel: Int) -> KernelEpilogue {
    var part = self
    part.scale = scale.map { KernelPointer($0 + channel) }
    part.bias = bias.map { KernelPointer($0 + channel) }
    part.residual = residual.map { KernelPointer($0 + channel) }
    return part
  }

  /// What kernels do of it, for an output that begins `offset` floats into the tensor.
  func fused(at offset: Int = 0) -> ck_epilogue {
    ck_epilogue(
      scale: scale.map { UnsafePointer($0.base) }, bias: bias.map { UnsafePointer($0.base) },
      activation: KernelEpilogue.fused(activation).kernel,
      residual: residual.map { UnsafePointer($0 + offset) }, residual_first: residualComesFirst)
  }

  /// The part of an activation that kernels apply while they store; the rest needs a pass.
  private static func fused(_ activation: Activation) -> Activation {
    switch activation {
    case .linear, .leaky, .relu, .relu6: activation
    default: .linear
    }
  }

  /// Whether kernels leave the activation to a pass of its own.
  var needsFinish: Bool { KernelEpilogue.fused(activation) != activation }

  /// The pass of its own, on values that lie together.
  func finish(_ values: UnsafeMutablePointer<Float>, count: Int) {
    if needsFinish { ck_activate(activation.kernel, values, values, count) }
  }
}

extension GradientTarget {
  /// How a kernel writes or adds to it.
  var epilogue: KernelEpilogue {
    KernelEpilogue(accumulatingInto: accumulate ? tensor.kernel : nil)
  }
}
