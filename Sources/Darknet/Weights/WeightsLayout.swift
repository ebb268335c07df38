import Compute
import Layers
import Networks
import Uncertainty

/// How the values of a parameter lie in a weights file, compared with memory.
struct WeightsLayout {
  /// The tensor in memory.
  let parameter: Parameter
  /// Extents of the file's order, outermost first, and the step in memory of each.
  private let axes: [(extent: Int, step: Int)]

  /// Layouts of some of a layer's parameters, which are in the order of the file.
  static func layouts(
    of parameters: [Parameter], in node: LayerNode, transposed: Bool
  ) -> [WeightsLayout] {
    parameters.map { parameter in
      let shape = parameter.values.shape
      guard parameter.name == "weights" else {
        return WeightsLayout(parameter: parameter, axes: [(shape.count, 1)])
      }
      if let input = node.inputShapes.first, node.layer is Connected {
        let outputs = shape.channels
        // The file counts inputs C, H, W; memory H, W, C.
        let inputs = [
          (input.channels, outputs), (input.height, input.width * input.channels * outputs),
          (input.width, input.channels * outputs),
        ]
        return WeightsLayout(
          parameter: parameter,
          axes: transposed ? inputs + [(outputs, 1)] : [(outputs, 1)] + inputs)
      }
      // File: K, C / groups, R, S. Memory: R, S, C / groups, K.
      let (rows, columns) = (shape.batch, shape.height)
      let (channels, filters) = (shape.width, shape.channels)
      return WeightsLayout(
        parameter: parameter,
        axes: [
          (filters, 1), (channels, filters), (rows, columns * channels * filters),
          (columns, channels * filters),
        ])
    }
  }

  var count: Int { parameter.values.count }

  private init(parameter: Parameter, axes: [(extent: Int, step: Int)]) {
    self.parameter = parameter
    self.axes = axes
  }

  /// Calls `body(place in the file, place in memory)` for every value, in the file's order.
  private func forEachPlace(_ body: (Int, Int) -> Void) {
    let four = [(extent: 1, step: 0)] * (4 - axes.count) + axes
    var place = 0
    for a in 0..<four[0].extent {
      for b in 0..<four[1].extent {
        for c in 0..<four[2].extent {
          let row = a * four[0].step + b * four[1].step + c * four[2].step
          for d in 0..<four[3].extent {
            body(place, row + d * four[3].step)
            place += 1
          }
        }
      }
    }
  }

  /// Takes the values from the file's order.
  func load(_ file: UnsafeBufferPointer<Float>) {
    parameter.values.withMutableHostValues { memory in
      forEachPlace { memory[$1] = file[$0] }
    }
  }

  /// Gives the values in the file's order.
  func store(into file: UnsafeMutableBufferPointer<Float>) {
    parameter.values.withHostValues { memory in
      forEachPlace { file[$0] = memory[$1] }
    }
  }
}

private func * <Element>(element: [Element], count: Int) -> [Element] {
  (0..<count).flatMap { _ in element }
}

extension LayerNode {
  /// What a weights file holds of the layer, in its order.
  ///
  /// A Bayesian layer on the way to a head is there as the convolution of its means.
  var storedParameters: [Parameter] {
    if isOptional { return [] }
    guard let bayes = layer as? ConvBayes else { return layer.parameters }
    return [bayes.biases, bayes.weights]
  }

  /// What a file that is read has of them.
  var loadedParameters: [Parameter] {
    switch storage {
    case .whole: storedParameters
    case .withoutScales: storedParameters.filter { ["biases", "weights"].contains($0.name) }
    case .none: []
    }
  }

  /// Floats of the layer in a weights file that is read.
  var loadedParameterCount: Int { loadedParameters.reduce(0) { $0 + $1.values.count } }

  /// Floats of the layer in a weights file.
  package var storedParameterCount: Int { storedParameters.reduce(0) { $0 + $1.values.count } }
}
