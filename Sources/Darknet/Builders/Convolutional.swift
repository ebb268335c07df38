import Compute
import Detection
import Layers

extension NetworkBuilder {
  /// `pad=1` means half the size, and goes before `padding=`; both count steps of `dilation=`, as in
  /// Darknet.
  static func convolutional(_ context: LayerContext) throws -> LayerParts {
    let section = context.section
    let filters = try section.integer("filters", default: 1, in: 1...1_000_000)
    let size = try section.integer("size", default: 1, in: 1...255)
    let stride = try context.stride()
    let pads = try section.flag("pad", default: false)
    let padding = try section.integer("padding", default: 0, in: 0...255)
    let groups = try section.integer("groups", default: 1, in: 1...1_000_000)
    let dilation = size > 1 ? try section.integer("dilation", default: 1, in: 1...64) : 1
    let channels = context.input.channels
    let isHeads = try HeadReader.takesActivation(of: section, context.after)
    try context.checkParameters(filters, size, size, max(1, channels / groups))
    let layer = try Convolution(
      inputChannels: channels, filters: filters, size: size, stride: stride,
      padding: (pads ? size / 2 : padding) * dilation, groups: groups, dilation: dilation,
      batchNormalize: try section.flag("batch_normalize", default: false),
      rollingMomentum: context.configuration.rollingMomentum,
      activation: isHeads ? .linear : try context.activation(default: .logistic),
      on: context.memory)
    return LayerParts(
      layer: layer, inputs: [context.previous], coarsening: GridStride(Double(stride)))
  }
}
