package import Foundation
package import Testing

/// Compares shape and every element and reports the worst one.
///
/// NaN never equals anything, and nothing is not enough to compare. An element passes if |actual − expected| ≤ absolute + relative · |expected|.
package func expectClose(
  _ actual: [Float], _ expected: [Float], relative: Float = 1e-5, absolute: Float = 1e-6,
  _ label: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(label): \(actual.count) values, expected \(expected.count)", sourceLocation: sourceLocation
    )
    return
  }
  guard !expected.isEmpty else {
    Issue.record("\(label): no values to compare", sourceLocation: sourceLocation)
    return
  }
  var worst = -1
  var worstExcess: Float = 0
  for i in actual.indices {
    let excess = abs(actual[i] - expected[i]) - (absolute + relative * abs(expected[i]))
    if excess.isNaN || excess > worstExcess {
      worst = i
      worstExcess = excess
      if excess.isNaN { break }
    }
  }
  if worst >= 0 {
    Issue.record(
      "\(label)[\(worst)]: \(actual[worst]), expected \(expected[worst])",
      sourceLocation: sourceLocation)
  }
}

/// Central-difference check of a gradient, per coordinate and along one random direction.
///
/// `loss` must be summed in Double. Keep `x` at least 2·step away from kinks.
///
/// `step` is half the difference, about 1e-2 for Float32 code. `tolerance` is the allowed error
/// relative to each coordinate, or to a tenth of the largest where that is more; `directional` that
/// of the directional derivative. At most `coordinates` coordinates are checked, evenly spread.
package func expectGradient(
  at x: [Float], _ gradient: [Float], step: Float = 1e-2, tolerance: Double = 1e-3,
  directional: Double = 1e-4, coordinates: Int = 200, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation, loss: ([Float]) -> Double
) {
  guard gradient.count == x.count, !x.isEmpty else {
    Issue.record(
      "\(label): gradient has \(gradient.count) values, point \(x.count)",
      sourceLocation: sourceLocation)
    return
  }
  let largest = Double(gradient.map(abs).max() ?? 0)
  if !largest.isFinite || largest == 0 {
    Issue.record("\(label): gradient is zero or not finite", sourceLocation: sourceLocation)
    return
  }
  let stride = max(1, x.count / coordinates)
  for i in Swift.stride(from: 0, to: x.count, by: stride) {
    var up = x
    var down = x
    up[i] += step
    down[i] -= step
    let numeric = (loss(up) - loss(down)) / Double(up[i] - down[i])
    let error = abs(numeric - Double(gradient[i]))
    let scale = max(abs(numeric), abs(Double(gradient[i])), 1e-1 * largest)
    if !(error <= tolerance * scale) {
      Issue.record(
        "\(label)[\(i)]: gradient \(gradient[i]), differences give \(numeric)",
        sourceLocation: sourceLocation)
      return
    }
  }
  var generator = SystemRandomNumberGeneratorWithSeed(seed: 7)
  let v = x.map { _ in Float.random(in: -1...1, using: &generator) }
  let up = zip(x, v).map { $0 + step * $1 }
  let down = zip(x, v).map { $0 - step * $1 }
  var analytic = 0.0
  var magnitude = 0.0
  for i in x.indices {
    let term = Double(gradient[i]) * Double(up[i] - down[i])
    analytic += term
    magnitude += term * term
  }
  let numeric = loss(up) - loss(down)
  let scale = max(abs(analytic), magnitude.squareRoot())
  if !(abs(numeric - analytic) <= directional * scale) {
    Issue.record(
      "\(label): along a direction the gradient gives \(analytic), differences \(numeric)",
      sourceLocation: sourceLocation)
  }
}

/// A small seeded generator for test inputs.
package struct SystemRandomNumberGeneratorWithSeed: RandomNumberGenerator {
  private var state: UInt64
  /// A generator that gives the same numbers for the same seed.
  package init(seed: UInt64) { state = seed }
  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Values uniform in `range` from a seed.
package func randomValues(
  _ count: Int, in range: ClosedRange<Float> = -1...1, seed: UInt64 = 1
) -> [Float] {
  var generator = SystemRandomNumberGeneratorWithSeed(seed: seed)
  return (0..<count).map { _ in Float.random(in: range, using: &generator) }
}

/// Sum of wᵢ·yᵢ in Double: the scalar that gradient checks differentiate.
package func weightedSum(_ y: [Float], _ w: [Float]) -> Double {
  precondition(y.count == w.count)
  var sum = 0.0
  for i in y.indices { sum += Double(y[i]) * Double(w[i]) }
  return sum
}

/// An array of a golden file: shape and values in row-major order.
package struct GoldenArray: Decodable, Sendable {
  /// Sizes of the dimensions, outermost first.
  package let shape: [Int]
  /// The values, the last dimension innermost.
  package let values: [Float]
}

/// Named arrays and numbers that an independent implementation computed; see Tests/Golden/scripts.
package struct GoldenCase: Decodable, Sendable {
  /// What the case is about.
  package let name: String
  /// Arrays by name.
  package let arrays: [String: GoldenArray]
  /// Single numbers by name.
  package let numbers: [String: Double]

  /// An array by name; records an issue and throws if it is missing.
  package func array(_ name: String) throws -> [Float] {
    try #require(arrays[name], "golden case \(self.name) has no array \(name)").values
  }
}

/// The cases of `Tests/Golden/NAME.json`.
package func goldenCases(_ name: String) throws -> [GoldenCase] {
  struct File: Decodable {
    let format: Int
    let cases: [GoldenCase]
  }
  let file = try JSONDecoder().decode(
    File.self, from: Data(contentsOf: packageRoot.appending(path: "Tests/Golden/\(name).json")))
  try #require(file.format == 1)
  return file.cases
}

/// The folder that holds Package.swift.
package let packageRoot = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Calls `body` with a fresh temporary folder and removes it afterwards.
package func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "detector-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
