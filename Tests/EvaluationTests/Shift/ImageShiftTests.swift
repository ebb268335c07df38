import Detection
import Evaluation
import Geometry
import Testing

@Suite struct ImageShiftTests {
  private func found(_ confidence: Float, bald: Float) -> Detection {
    Detection(
      box: Box(left: 0, top: 0, right: 10, bottom: 10), classIndex: 0, confidence: confidence,
      objectness: confidence,
      uncertainty: DetectionUncertainty(
        bald: bald, entropy: 0, objectnessMean: 0, objectnessVariance: 1))
  }

  @Test func numbersOfAnImage() throws {
    let anchors = AnchorDoubt(bald: 0.01, variance: 2)
    let values = ImageDoubt.values(
      of: [found(0.5, bald: 0.25), found(0.75, bald: 0.75)], anchors: anchors)
    #expect(values[.leastConfident] == 0.25 && values[.meanDoubt] == 0.375)
    let few = try #require(values[.fewDetections])
    #expect(abs(few - 0.333333333333) < 1e-9)
    // h(½) = 1 and h(¾) = 0.811278 bit.
    let entropy = try #require(values[.entropy])
    #expect(abs(entropy - 0.905639) < 1e-6)
    #expect(values[.bald] == 0.5 && values[.largestBALD] == 0.75)
    #expect(values[.anchorBALD] == 0.01 && values[.anchorVariance] == 2)
    let nothing = ImageDoubt.values(of: [], anchors: nil)
    #expect(nothing == [.leastConfident: 1, .meanDoubt: 1, .fewDetections: 1, .entropy: 0])
    let answer = ImageDoubt.values(
      of: ClassifiedImage(probabilities: [0.75, 0.25], label: 0, uncertainties: [0.125]))
    #expect(answer[.leastConfident] == 0.25 && answer[.margin] == 0.5 && answer[.bald] == 0.125)
    #expect(answer.count == 4)
  }

  private func group(_ shift: String, _ severity: Int, _ values: [Double]) -> ImageShift.Group {
    ImageShift.Group(
      shift: shift, severity: severity, values: values.map { [.leastConfident: $0, .entropy: 0] })
  }

  @Test func shiftsAreComparedWithCleanImages() throws {
    let clean = group("", 0, [0.1, 0.2, 0.3, 0.4])
    let shifts = ImageShift.all(
      clean: clean,
      [
        group("noise", 1, [0.15, 0.25, 0.35, 0.45]), group("noise", 5, [0.9, 0.8, 0.7, 0.6]),
        group("blur", 5, [0.4, 0.4, 0.4, 0.4]), group(ImageShift.foreign, 0, [0, 0.5]),
      ], bootstrap: Bootstrap(draws: 50))
    func one(_ shift: String, _ severity: Int?) throws -> ImageShift {
      try #require(
        shifts.first {
          $0.shift == shift && $0.severity == severity && $0.score == .leastConfident
        })
    }
    // Of 16 pairs 10 are the right way round; all but 0.45 pass where all clean ones do.
    let slight = try one("noise", 1)
    #expect(slight.auroc.value == 0.625 && slight.missed.value == 0.75)
    #expect(slight.auroc.interval == nil)
    let strong = try one("noise", 5)
    #expect(strong.auroc.value == 1 && strong.missed.value == 0)
    // Three of four are below 0.4, the last is as large.
    let blur = try one("blur", 5)
    #expect(blur.auroc.value == 0.875 && blur.missed.value == 1)
    let pooled = try one("noise", nil)
    #expect(pooled.auroc.value == 0.8125 && pooled.missed.value == 0.375)
    let around = try #require(pooled.auroc.interval)
    #expect(around.lower < 0.8125 && around.upper > 0.8125)
    #expect(try one(ImageShift.everything, nil).auroc.value == 0.8333333333333334)
    let foreign = try one(ImageShift.foreign, nil)
    #expect(foreign.auroc.value == 0.5 && foreign.missed.value == 0.5)
    let wide = try #require(foreign.auroc.interval)
    #expect(wide.lower < 0.5 && wide.upper > 0.5)
    // A number that is the same everywhere tells nothing.
    let flat = shifts.filter { $0.score == .entropy }
    #expect(flat.allSatisfy { $0.auroc.value == 0.5 && $0.missed.value == 1 })
    #expect(!shifts.contains { $0.score == .anchorBALD })
  }
}
