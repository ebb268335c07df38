import Testing
import Uncertainty

/// Objectness and classes together; numbers by SciPy from the formula.
@Suite struct DetectionInformationTests {
  private typealias Moments = LogitMoments<Float>

  private let classes = [
    Moments(mean: -1, variance: 0.4), Moments(mean: 2, variance: 0.1),
    Moments(mean: 0.3, variance: 2.5),
  ]

  @Test func bitsAreThoseOfTheFormula() throws {
    let rule = DetectionInformation(BALD())
    let bits = try rule.bits(objectness: Moments(mean: 0.5, variance: 1.2), classes: classes)
    #expect(abs(bits - 0.650_445_6) < 1e-6)
    // 400,000 draws of all weights, the entropy of object and classes together: the closed form of each logit is
    // below by up to 0.0027.
    #expect(abs(bits - 0.654_40) < 0.006)
    let other = [Moments(mean: 0, variance: 0.9), Moments(mean: 1.5, variance: 6)]
    #expect(
      abs(try rule.bits(objectness: Moments(mean: -2, variance: 3), classes: other) - 0.439_756)
        < 1e-6)
    let logistic = DetectionInformation(BALD(logitScale: .logistic))
    #expect(
      abs(
        try logistic.bits(objectness: Moments(mean: 0.5, variance: 1.2), classes: classes)
          - 0.364_007_2) < 1e-6)
  }

  @Test func whereNothingIsClassesDoNotCount() throws {
    let rule = DetectionInformation(BALD())
    let absent = Moments(mean: -30, variance: 0)
    #expect(try rule.bits(objectness: absent, classes: classes) == 0)
    let certain = Moments(mean: 30, variance: 0)
    let sum = try classes.reduce(0) { try $0 + BALD().uncertainty($1) }
    #expect(abs(try rule.bits(objectness: certain, classes: classes) - sum) < 1e-6)
    #expect(throws: UncertaintyError.self) {
      try rule.bits(objectness: certain, classes: [Moments(mean: 0, variance: -1)])
    }
  }
}
