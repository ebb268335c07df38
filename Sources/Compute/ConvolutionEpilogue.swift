import CKernels

/// What a convolution makes of its sums z before it stores them: y = f(scale · z + bias), and perhaps
/// the sum with another tensor.
package struct ConvolutionEpilogue {
  /// [K]; nil: 1.
  package var scale: Tensor?
  /// [K]; nil: 0.
  package var bias: Tensor?
  /// f.
  package var activation: Activation
  /// What is added.
  package var residual: Residual?

  /// A tensor r of the output's shape: y = f(scale · z + bias) + r, or f(scale · z + bias + r).
  package struct Residual {
    /// r.
    package let tensor: Tensor
    /// Whether it is added before f.
    package let comesFirst: Bool

    /// A tensor to add.
    package init(_ tensor: Tensor, comesFirst: Bool) {
      self.tensor = tensor
      self.comesFirst = comesFirst
    }
  }

  /// An epilogue; without arguments the sums are stored as they are.
  package init(
    scale: Tensor? = nil, bias: Tensor? = nil, activation: Activation = .linear,
    residual: Residual? = nil
  ) {
    self.scale = scale
    self.bias = bias
    self.activation = activation
    self.residual = residual
  }
}

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
      activation: CPUBackend.fused(activation).kernel,
      residual: residual.map { UnsafePointer($0 + offset) }, residual_first: residualComesFirst)
  }

  /// Whether kernels leave the activation to a pass of its own.
  var needsFinish: Bool { CPUBackend.fused(activation) != activation }

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
