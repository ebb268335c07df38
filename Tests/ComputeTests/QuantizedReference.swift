import Compute
import TestSupport

/// A convolution of random bytes with the sums written out, in whole numbers, and everything after them in
/// single precision, one rounding an operation.
struct QuantizedReference {
  let weights: QuantizedWeights
  let bytes: [UInt8]
  let residual: [UInt8]
  let inputScale = Quantization(scale: 0.031, zeroPoint: 23)
  let residualScale = Quantization(scale: 0.11, zeroPoint: 101)
  let outputScale: Quantization
  private let sums: [Int]
  private let filters: Int

  init(input: Shape, output: Shape, geometry: ConvolutionGeometry, seed: UInt64) {
    var random = RandomStream(seed: seed)
    let groups = geometry.groups
    let shape = Shape(
      batch: geometry.size, height: geometry.size, width: input.channels / groups,
      channels: output.channels)
    weights = QuantizedWeights(
      shape: shape,
      values: (0..<shape.count).map { _ in Int8(random.integer(in: -127...127)) },
      scales: (0..<output.channels).map { _ in 0.001 + 0.002 * random.uniform() },
      biases: (0..<output.channels).map { _ in random.uniform() - 0.5 })
    bytes = (0..<input.count).map { _ in UInt8(random.integer(in: 0...255)) }
    residual = (0..<output.count).map { _ in UInt8(random.integer(in: 0...255)) }
    filters = output.channels
    var sums = [Int](repeating: 0, count: output.count)
    let perGroup = output.channels / groups
    for n in 0..<output.batch {
      for p in 0..<output.height {
        for q in 0..<output.width {
          for r in 0..<geometry.size {
            for s in 0..<geometry.size {
              let y = p * geometry.stride - geometry.padding + r * geometry.dilation
              let x = q * geometry.stride - geometry.padding + s * geometry.dilation
              guard 0..<input.height ~= y, 0..<input.width ~= x else { continue }
              let pixel = ((n * input.height + y) * input.width + x) * input.channels
              let out = ((n * output.height + p) * output.width + q) * output.channels
              for k in 0..<output.channels {
                let first = pixel + k / perGroup * shape.width
                let tap = (r * geometry.size + s) * shape.width
                var sum = 0
                for c in 0..<shape.width {
                  sum +=
                    (Int(bytes[first + c]) - inputScale.zeroPoint)
                    * Int(weights.values[(tap + c) * output.channels + k])
                }
                sums[out + k] += sum
              }
            }
          }
        }
      }
    }
    self.sums = sums
    // Some of the sums reach beyond the bytes.
    let largest = sums.map(abs).max() ?? 1
    outputScale = Quantization(
      scale: max(0.0001, Float(largest) * inputScale.scale * 0.002 / 200), zeroPoint: 90)
  }

  /// In units of `unit`: the activation's bend at 6 is there too.
  private func value(
    _ i: Int, _ activation: Activation, residualFirst: Bool?, unit: Float
  ) -> Float {
    let k = i % filters
    let inverse = 1 / unit
    let scaled: Float = Float(sums[i]) * (weights.scales[k] * inputScale.scale * inverse)
    var z: Float = scaled + weights.biases[k] * inverse
    let step = Float(Int(residual[i]) - residualScale.zeroPoint)
    let added: Float = step * (residualScale.scale * inverse)
    if residualFirst == true { z = z + added }
    switch activation {
    case .leaky: z = z > 0 ? z : z * 0.1
    case .relu: z = max(0, z)
    case .relu6: z = min(max(0, z), 6 * inverse)
    default: break
    }
    return residualFirst == false ? z + added : z
  }

  func floats(_ activation: Activation, residualFirst: Bool?) -> [Float] {
    sums.indices.map { value($0, activation, residualFirst: residualFirst, unit: 1) }
  }

  func bytes(_ activation: Activation, residualFirst: Bool?) -> [UInt8] {
    let zero = Double(outputScale.zeroPoint)
    return sums.indices.map { i in
      let z = Double(value(i, activation, residualFirst: residualFirst, unit: outputScale.scale))
      return UInt8((min(max(z, -zero), 255 - zero) + zero).rounded(.toNearestOrEven))
    }
  }
}
