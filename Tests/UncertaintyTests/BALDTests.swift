import TestSupport
import Testing
import Uncertainty

/// A golden case of BALD.
struct BALDCase: CustomTestStringConvertible, Sendable {
  let golden: GoldenCase
  var testDescription: String { golden.name }

  static func all() -> [BALDCase] {
    let cases = (try? goldenCases("uncertainty")) ?? []
    return cases.filter { $0.name.hasPrefix("bald") }.map { BALDCase(golden: $0) }
  }

  /// Those with a gradient.
  static func differentiable() -> [BALDCase] { all().filter { $0.golden.numbers["byMean"] != nil } }

  func number(_ name: String) throws -> Double { try #require(golden.numbers[name]) }

  func moments<Scalar: LogitScalar>(_: Scalar.Type = Scalar.self) throws -> LogitMoments<Scalar> {
    try LogitMoments(mean: Scalar(number("mean")), variance: Scalar(number("variance")))
  }
}

@Suite struct BALDTests {
  @Test func goldenFileIsThere() {
    #expect(BALDCase.all().count == 22 && BALDCase.differentiable().count == 20)
  }

  @Test(arguments: BALDCase.all()) func agreesWithReference(_ example: BALDCase) throws {
    let closed = try example.number("closed")
    #expect(abs(try BALD.closedForm(example.moments(Double.self)) - closed) < 1e-12)
    #expect(abs(Double(try BALD.closedForm(example.moments(Float.self))) - closed) < 1e-6)
    let exact = try example.number("exact")
    #expect(abs(try BALD.mutualInformation(example.moments(Double.self)) - exact) < 1e-12)
    #expect(abs(Double(try BALD.mutualInformation(example.moments(Float.self))) - exact) < 1e-6)
    let fisher = try example.number("fisher")
    let value = try BALD.fisher(example.moments(Double.self))
    #expect(abs(value - fisher) <= 1e-12 * fisher)
    // The tail underflows for large means; the value is then far below rounding.
    let single = Double(try BALD.fisher(example.moments(Float.self)))
    #expect(abs(single - fisher) <= 1e-5 * fisher + 1e-12)
  }

  /// What an independent table prints; the closed form agrees to 1e-9 in Double, 1e-6 in Float.
  @Test(arguments: [
    (0, 0, 0), (0, 0.1, 4.560848108278726e-3), (0, 0.5, 9.818813440102192e-2),
    (0, 1, 2.780203398688053e-1), (0, 2, 5.374429820102690e-1), (0, 10, 8.962182084767290e-1),
    (0, 100, 9.895660433629989e-1), (1, 0.5, 7.130774224281011e-2), (1, 1, 2.263386945872700e-1),
    (-2, 0.5, 2.505685112408892e-2), (-2, 2, 3.798290687001685e-1),
    (3, 0.1, -1.117721066868931e-3), (-5, 1, 9.708243940775546e-4),
    (-5, 5, 5.158607361545194e-1), (8, 0.3, -1.1223e-12), (-10, 1, 3.0245e-12),
  ]) func agreesWithTable(mean: Double, deviation: Double, bits: Double) throws {
    let moments = LogitMoments(mean: mean, variance: deviation * deviation)
    #expect(abs(try BALD.closedForm(moments) - bits) < 1e-9)
    let single = LogitMoments(mean: Float(mean), variance: Float(deviation * deviation))
    #expect(abs(Double(try BALD.closedForm(single)) - bits) < 1e-6)
  }

  @Test(arguments: BALDCase.differentiable())
  func gradientAgreesWithReference(_ example: BALDCase) throws {
    let byMean = try example.number("byMean")
    let byVariance = try example.number("byVariance")
    let bald = BALD(clampsNegative: false)
    let double = try bald.gradient(example.moments(Double.self))
    #expect(abs(double.mean - byMean) < 1e-12)
    #expect(abs(double.variance - byVariance) < 1e-12)
    let single = try bald.gradient(example.moments(Float.self))
    #expect(abs(Double(single.mean) - byMean) < 1e-6)
    #expect(abs(Double(single.variance) - byVariance) < 1e-6)
  }

  @Test func gradientFollowsScaleAndClamp() throws {
    let bald = BALD(logitScale: .logistic)
    let moments = LogitMoments(mean: -0.8, variance: 1.7)
    let step = 1e-5
    func value(_ mean: Double, _ variance: Double) throws -> Double {
      try bald.uncertainty(LogitMoments(mean: mean, variance: variance))
    }
    let gradient = try bald.gradient(moments)
    let byMean = try (value(-0.8 + step, 1.7) - value(-0.8 - step, 1.7)) / (2 * step)
    let byVariance = try (value(-0.8, 1.7 + step) - value(-0.8, 1.7 - step)) / (2 * step)
    #expect(abs(gradient.mean - byMean) < 1e-9)
    #expect(abs(gradient.variance - byVariance) < 1e-9)
    let clamped = try BALD().gradient(LogitMoments(mean: 2.0, variance: 1e-4))
    #expect(clamped.mean == 0 && clamped.variance == 0)
    #expect(throws: UncertaintyError.self) { try BALD(form: .exact).gradient(moments) }
  }

  @Test func optionsChooseTheForm() throws {
    let narrow = LogitMoments(mean: -2.0, variance: 0.01)
    let wide = LogitMoments(mean: -2.0, variance: 1.0)
    #expect(try BALD().uncertainty(narrow) == 0)
    #expect(try BALD(clampsNegative: false).uncertainty(narrow) == BALD.closedForm(narrow))
    #expect(try BALD(form: .fisher).uncertainty(narrow) == BALD.fisher(narrow))
    #expect(try BALD(form: .fisher).uncertainty(wide) == BALD.closedForm(wide))
    #expect(try BALD(form: .exact).uncertainty(narrow) == BALD.mutualInformation(narrow))
    let factor = (Double.pi / 8).squareRoot()
    #expect(
      try BALD(logitScale: .logistic).uncertainty(wide)
        == BALD.closedForm(LogitMoments(mean: -2 * factor, variance: factor * factor)))
  }

  @Test func staysWithinItsBounds() throws {
    var stream = SystemRandomNumberGeneratorWithSeed(seed: 4)
    for _ in 0..<300 {
      let mean = Double.random(in: -8...8, using: &stream)
      let deviation = Double.random(in: 0...1, using: &stream) * 20
      let moments = LogitMoments(mean: mean, variance: deviation * deviation)
      let mirrored = LogitMoments(mean: -mean, variance: deviation * deviation)
      let closed = try BALD.closedForm(moments)
      let exact = try BALD.mutualInformation(moments)
      #expect(closed <= exact + 1e-12 && exact - closed <= 0.00270190, "\(moments)")
      #expect(exact >= 0 && exact <= 1)
      #expect(try BALD.closedForm(mirrored) == closed)
    }
  }

  @Test(arguments: [1e30, 1e-30, 1e200, 1e-200, 0, 5e7]) func extremesStayFinite(value: Double)
    throws
  {
    for mean in [value, -value] {
      for variance in [0, 1e-300, 1, value] {
        let moments = LogitMoments(mean: mean, variance: variance)
        for form in BALD.Form.allCases {
          let bits = try BALD(form: form).uncertainty(moments)
          #expect(bits >= 0 && bits <= 1, "\(form) \(moments)")
        }
        let gradient = try BALD().gradient(moments)
        #expect(gradient.mean.isFinite && gradient.variance.isFinite, "\(moments)")
      }
    }
  }

  @Test func refusesWhatIsNotFinite() {
    #expect(throws: UncertaintyError.notFinite(argument: "mean", index: 0)) {
      try BALD().uncertainty(LogitMoments(mean: Float.nan, variance: 1))
    }
    #expect(throws: UncertaintyError.notFinite(argument: "variance", index: 0)) {
      try BALD().uncertainty(LogitMoments(mean: 1.0, variance: .infinity))
    }
    for form in BALD.Form.allCases {
      #expect(throws: UncertaintyError.negativeVariance(index: 0)) {
        try BALD(form: form).uncertainty(LogitMoments(mean: 1.0, variance: -1e-9))
      }
    }
    #expect(throws: UncertaintyError.notFinite(argument: "mean", index: 0)) {
      try BALD().gradient(LogitMoments(mean: -Double.infinity, variance: 1))
    }
  }
}
