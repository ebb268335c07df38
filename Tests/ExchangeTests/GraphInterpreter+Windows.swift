@testable import Exchange

extension GraphInterpreter {
  /// The places of a window that lie inside, as indices of rows and columns.
  private func window(
    _ row: Int, _ column: Int, _ x: GraphValue, size: [Int], strides: [Int], pads: [Int],
    dilations: [Int] = [1, 1]
  ) -> [(tap: Int, offset: Int)] {
    var places: [(Int, Int)] = []
    for down in 0..<size[0] {
      for across in 0..<size[1] {
        let y = row * strides[0] + down * dilations[0] - pads[0]
        let z = column * strides[1] + across * dilations[1] - pads[1]
        if y >= 0, y < x.shape[2], z >= 0, z < x.shape[3] {
          places.append((down * size[1] + across, y * x.shape[3] + z))
        }
      }
    }
    return places
  }

  func convolve(
    _ x: GraphValue, _ inputs: [GraphValue?], _ attributes: [String: Onnx_AttributeProto]
  ) -> GraphValue {
    func list(_ name: String) -> [Int] { attributes[name]?.ints.map(Int.init) ?? [] }
    guard let weights = inputs[1] else { return x }
    let (size, strides, pads) = (list("kernel_shape"), list("strides"), list("pads"))
    let dilations = list("dilations")
    let groups = Int(attributes["group"]?.i ?? 1)
    let filters = weights.shape[0]
    let inner = weights.shape[1]
    let sides = (0..<2).map { axis -> Int in
      let padded = x.shape[2 + axis] + pads[axis] + pads[axis + 2]
      return (padded - (size[axis] - 1) * dilations[axis] - 1) / strides[axis] + 1
    }
    let plane = x.shape[2] * x.shape[3]
    var result: [Double] = []
    for image in 0..<x.shape[0] {
      for filter in 0..<filters {
        let first = filter / (filters / groups) * inner
        for row in 0..<sides[0] {
          for column in 0..<sides[1] {
            var sum = inputs.count > 2 ? inputs[2]?.values[filter] ?? 0 : 0
            for (tap, offset) in window(
              row, column, x, size: size, strides: strides, pads: pads, dilations: dilations)
            {
              for channel in 0..<inner {
                let from = (image * x.shape[1] + first + channel) * plane + offset
                let kernel = (filter * inner + channel) * size[0] * size[1] + tap
                sum += x.values[from] * weights.values[kernel]
              }
            }
            result.append(sum)
          }
        }
      }
    }
    return GraphValue(shape: [x.shape[0], filters] + sides, values: result)
  }

  func pool(_ x: GraphValue, _ integers: (String) -> [Int], isMean: Bool) -> GraphValue {
    let (size, strides, pads) = (
      integers("kernel_shape"), integers("strides"), integers("pads")
    )
    let sides = (0..<2).map { axis -> Int in
      (x.shape[2 + axis] + pads[axis] + pads[axis + 2] - size[axis]) / strides[axis] + 1
    }
    let plane = x.shape[2] * x.shape[3]
    var result: [Double] = []
    for map in 0..<x.shape[0] * x.shape[1] {
      for row in 0..<sides[0] {
        for column in 0..<sides[1] {
          let values = window(row, column, x, size: size, strides: strides, pads: pads)
            .map { x.values[map * plane + $0.offset] }
          result.append(
            isMean ? values.reduce(0, +) / Double(values.count) : values.max() ?? -.infinity)
        }
      }
    }
    return GraphValue(shape: [x.shape[0], x.shape[1]] + sides, values: result)
  }
}
