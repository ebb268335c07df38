package import Compute
package import Layers

// Where a test says nothing of memory, tensors and layers lie where the CPU backend computes.

extension Tensor {
  /// A zeroed tensor in the host's memory.
  package init(_ shape: Shape) throws { try self.init(shape, on: HostMemory()) }

  /// A tensor with these values in the host's memory.
  package init(_ shape: Shape, values: [Float]) throws {
    try self.init(shape, values: values, on: HostMemory())
  }
}

extension Parameter {
  /// A parameter in the host's memory.
  package convenience init(_ name: String, _ shape: Shape, decays: Bool = false) throws {
    try self.init(name, shape, decays: decays, on: HostMemory())
  }

  /// A statistic in the host's memory.
  package convenience init(statistic name: String, _ shape: Shape) throws {
    try self.init(statistic: name, shape, on: HostMemory())
  }
}

extension Convolution {
  /// A convolution in the host's memory.
  package convenience init(
    inputChannels: Int, filters: Int, size: Int, stride: Int, padding: Int, groups: Int = 1,
    dilation: Int = 1, batchNormalize: Bool, activation: Activation
  ) throws {
    try self.init(
      inputChannels: inputChannels, filters: filters, size: size, stride: stride,
      padding: padding, groups: groups, dilation: dilation, batchNormalize: batchNormalize,
      activation: activation, on: HostMemory())
  }
}

extension Connected {
  /// A fully connected layer in the host's memory.
  package convenience init(
    inputShape: Shape, outputs: Int, batchNormalize: Bool, activation: Activation
  ) throws {
    try self.init(
      inputShape: inputShape, outputs: outputs, batchNormalize: batchNormalize,
      activation: activation, on: HostMemory())
  }
}
