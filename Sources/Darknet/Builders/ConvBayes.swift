import Compute
import Networks
import Uncertainty

extension NetworkBuilder {
  /// 1x1 unless `size=` is given; moments are carried on from a `[convBayes]` right before it.
  static func convBayes(_ context: LayerContext) throws -> LayerParts {
    let section = context.section
    let filters = try section.integer("filters", in: 1...1_000_000)
    let size = try section.integer("size", default: 1, in: 1...255)
    let stride = try context.stride()
    let pads = try section.flag("pad", default: false)
    let padding = try section.integer("padding", default: 0, in: 0...255)
    let groups = try section.integer("groups", default: 1, in: 1...1_000_000)
    let channels = context.input.channels
    try context.checkParameters(3, filters, size, size, max(1, channels / groups))
    let layer = try ConvBayes(
      inputChannels: channels, filters: filters, size: size, stride: stride,
      padding: pads ? size / 2 : padding, groups: groups,
      relativeVariance: try relativeVariance(section),
      divergenceWarmUp: try section.integer("divergence_warmup", default: 0),
      sampleCount: try section.integer("samples", default: 10),
      noise: try section.choice("noise", default: .element),
      activation: try context.activation(default: .linear),
      readsMoments: context.nodes.last?.layer is ConvBayes, on: context.memory)
    return LayerParts(
      layer: layer, inputs: [context.previous], coarsening: GridStride(Double(stride)))
  }

  private static func relativeVariance(
    _ section: ConfigurationSection
  ) throws(DarknetError) -> RelativeVariance {
    let value = try section.number("relative_variance", default: 0.25, in: 0...1e6)
    guard try section.flag("learned", default: false) else {
      for key in ["divergence_weight", "divergence_warmup"] {
        if let stray = section[key] {
          throw section.error("\(key)= in [convBayes] needs learned=1", line: stray.line)
        }
      }
      return .fixed(value)
    }
    guard section["divergence_weight"] != nil else {
      throw section.error(
        "learned=1 in [convBayes] needs divergence_weight=: without the divergence the relative "
          + "variance would be driven to 0; 1 / (training images) is the variational bound",
        line: section["learned"]?.line)
    }
    return .learned(
      initial: value,
      divergenceWeight: try section.number("divergence_weight", in: 1e-12...1e6))
  }
}
