import Compute
import TestSupport
import Testing

/// Batch statistics in double precision; values and gradients have goldens in LayersTests.
@Suite struct NormalizationTests {
  @Test(arguments: [
    (Shape(batch: 3, height: 7, width: 5, channels: 11), Float(0)),
    // Several blocks of rows, whose statistics are combined.
    (Shape(batch: 2, height: 150, width: 40, channels: 7), Float(0)),
    // A mean that is large against the deviation: one-pass sums of squares would cancel.
    (Shape(batch: 2, height: 60, width: 50, channels: 13), Float(1000)),
    (Shape(batch: 1, height: 1, width: 2, channels: 3), Float(0)),
  ])
  func statistics(_ shape: Shape, offset: Float) throws {
    let x = randomValues(shape.count).map { $0 + offset }
    let (channels, rows) = (shape.channels, Double(shape.rows))
    var mean = [Double](repeating: 0, count: channels)
    var variance = mean
    for i in x.indices { mean[i % channels] += Double(x[i]) / rows }
    for i in x.indices {
      let difference = Double(x[i]) - mean[i % channels]
      variance[i % channels] += difference * difference / rows
    }

    let backend = try makeBackend()
    let line = Shape(channels: channels)
    let scale = randomValues(channels, in: 0.5...2, seed: 2)
    let bias = randomValues(channels, seed: 3)
    let rollingMean = try Tensor(line, values: [Float](repeating: 2, count: channels))
    let rollingVariance = try Tensor(line, values: [Float](repeating: 3, count: channels))
    let statistics = try poisoned(Shape(width: 2, channels: channels))
    let output = try poisoned(shape)
    backend.normalize(
      try Tensor(shape, values: x), scale: try Tensor(line, values: scale),
      bias: try Tensor(line, values: bias), activation: .linear, statistics: statistics,
      rollingMean: rollingMean, rollingVariance: rollingVariance, momentum: 0.25, into: output)

    // Single precision holds the mean itself no better than this.
    let absolute = max(1e-6, abs(offset) * 1e-7)
    let inverse = variance.map { 1 / ($0 + 1e-5).squareRoot() }
    expectClose(
      Array(statistics.values.prefix(channels)), mean.map { Float($0) }, absolute: absolute, "mean")
    expectClose(
      Array(statistics.values.suffix(channels)), inverse.map { Float($0) }, "inverse deviation")
    expectClose(
      rollingMean.values, mean.map { Float(2 + 0.25 * ($0 - 2)) }, absolute: absolute,
      "rolling mean")
    expectClose(
      rollingVariance.values,
      variance.map { Float(3 + 0.25 * ($0 * rows / (rows - 1) - 3)) }, "rolling variance")
    expectClose(
      output.values,
      x.indices.map { i in
        let c = i % channels
        return Float((Double(x[i]) - mean[c]) * inverse[c] * Double(scale[c]) + Double(bias[c]))
      }, relative: 1e-5, absolute: max(1e-5, abs(offset) * 5e-7), "output")
  }
}
