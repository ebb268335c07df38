import Compute
import Losses
import TestSupport
import Testing

@Suite struct CrossEntropyTests {
  private let shape = Shape(batch: 3, channels: 5)
  private let labels = [4, 0, 2]

  private func evaluate(_ values: [Float]) throws -> (CrossEntropy.Value, [Float]) {
    let gradient = try Tensor(shape, values: [Float](repeating: 7, count: 15))
    let value = CrossEntropy.evaluate(
      logits: try Tensor(shape, values: values), labels: labels, gradient: gradient)
    return (value, gradient.values)
  }

  @Test func gradientAgreesWithDifferences() throws {
    let values = randomValues(15, in: -3...3)
    let (_, gradient) = try evaluate(values)
    expectGradient(at: values, gradient) { (try? evaluate($0).0.loss) ?? .nan }
  }

  /// Of uniform logits −Σ t ln ⅕ is ln 5 for every t; the gradient is ⅕ − t.
  @Test func smoothingSharesTheTarget() throws {
    let values = randomValues(15, in: -3...3)
    func smooth(_ values: [Float]) throws -> (CrossEntropy.Value, [Float]) {
      let gradient = try Tensor(shape)
      let value = CrossEntropy.evaluate(
        logits: try Tensor(shape, values: values), labels: labels, smoothing: 0.2,
        gradient: gradient)
      return (value, gradient.values)
    }
    expectGradient(at: values, try smooth(values).1) { (try? smooth($0).0.loss) ?? .nan }
    let (uniform, gradient) = try smooth([Float](repeating: 3, count: 15))
    #expect(abs(uniform.loss - 3 * 1.6094379124341003) < 1e-6)
    expectClose(
      Array(gradient[..<5]), [0.15, 0.15, 0.15, 0.15, -0.6], absolute: 1e-6)
  }

  /// Images of several classes, with PyTorch's values and against differences.
  @Test(arguments: ["plain", "smoothed"])
  func mixturesAgreeWithPyTorch(name: String) throws {
    let golden = try #require(try goldenCases("class_mixtures").first { $0.name == name })
    let (shape, shares) = (Shape(batch: 4, channels: 6), try golden.array("shares"))
    let mixtures = (0..<4).map { image in
      let parts = (0..<6).map { (label: $0, share: shares[6 * image + $0]) }.filter { $0.share > 0 }
      return parts.count == 1 ? [] : parts
    }
    let smoothing = Float(try #require(golden.numbers["smoothing"]))
    func evaluate(_ logits: [Float]) throws -> (value: CrossEntropy.Value, gradient: [Float]) {
      let gradient = try Tensor(shape, values: [Float](repeating: 7, count: 24))
      let value = CrossEntropy.evaluate(
        logits: try Tensor(shape, values: logits), labels: [2, 5, 1, 5], mixtures: mixtures,
        smoothing: smoothing, gradient: gradient)
      return (value, gradient.values)
    }
    let logits = try golden.array("logits")
    let (value, gradient) = try evaluate(logits)
    expectClose([Float(value.loss)], [Float(try #require(golden.numbers["loss"]))], relative: 1e-6)
    expectClose(gradient, try golden.array("gradient"), relative: 1e-5, absolute: 1e-6)
    expectGradient(at: logits, gradient) { (try? evaluate($0).value.loss) ?? .nan }
  }

  /// Images of one class have the same bytes beside mixed ones.
  @Test func plainImagesStayAsTheyAre() throws {
    let values = randomValues(15, in: -3...3)
    let (_, plain) = try evaluate(values)
    let gradient = try Tensor(shape)
    _ = CrossEntropy.evaluate(
      logits: try Tensor(shape, values: values), labels: labels,
      mixtures: [[], [(label: 0, share: 0.75), (label: 3, share: 0.25)], []], gradient: gradient)
    let mixed = gradient.values
    #expect(mixed[..<5] == plain[..<5] && mixed[10...] == plain[10...])
    #expect(mixed[5..<10] != plain[5..<10])
  }

  @Test func knownValues() throws {
    let (uniform, gradient) = try evaluate([Float](repeating: 3, count: 15))
    #expect(abs(uniform.loss - 3 * 1.6094379124341003) < 1e-6)
    #expect(uniform.correctCount == 1)
    expectClose(
      gradient, [0.2, 0.2, 0.2, 0.2, -0.8, -0.8, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, -0.8, 0.2, 0.2])
    // Logits far apart neither overflow nor lose the value.
    let (far, _) = try evaluate([1000, 0, 0, 0, 0, 1000, 0, 0, 0, 0, 0, 0, -1000, 0, 0])
    #expect(abs(far.loss - (1000 + 0 + 1000 + 1.3862943611198906)) < 1e-3)
    #expect(far.correctCount == 1)
  }
}
