import Compute
import Detection
import Layers

extension NetworkBuilder {
  static func connected(_ context: LayerContext) throws -> LayerParts {
    let section = context.section
    let outputs = try section.integer("output", default: 1, in: 1...1_000_000)
    try context.checkParameters(outputs, context.input.countPerImage)
    let layer = try Connected(
      inputShape: context.input, outputs: outputs,
      batchNormalize: try section.flag("batch_normalize", default: false),
      rollingMomentum: context.configuration.rollingMomentum,
      activation: try context.activation(default: .logistic), on: context.memory)
    return LayerParts(layer: layer, inputs: [context.previous])
  }
}
