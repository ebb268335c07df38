import Detection
import Geometry
import Testing

@testable import Evaluation

@Suite struct LabelEvidenceTests {
  private func box(_ left: Float, _ top: Float = 0, side: Float = 10) -> Box {
    Box(left: left, top: top, right: left + side, bottom: top + side)
  }

  private func found(
    _ left: Float, _ classIndex: Int, _ confidence: Float, bald: Float? = nil
  ) -> Detection {
    Detection(
      box: box(left), classIndex: classIndex, confidence: confidence, objectness: confidence,
      uncertainty: bald.map {
        DetectionUncertainty(bald: $0, entropy: 0, objectnessMean: 0, objectnessVariance: 1)
      })
  }

  private func evidence(
    _ objects: [GroundTruth], _ detections: [Detection], doubts: [ObjectDoubt?] = []
  ) -> [LabelEvidence] {
    LabelEvidence.of(
      EvaluatedImage(id: "a", objects: objects, detections: detections), index: 3, doubts: doubts)
  }

  /// Boxes of 10 pixels that are d apart overlap by (10 − d) / (10 + d): ½ at 3⅓, 0.1 at 8.2.
  @Test func aGoodLabelIsSupported() {
    let all = evidence([GroundTruth(box: box(0), classIndex: 1)], [found(2, 1, 0.75)])
    #expect(all.count == 1 && all[0].object == 0 && all[0].image == 3)
    #expect(all[0].suspicions == [.moved: 0, .wrongClass: 0, .spurious: 0.25])
    #expect(all[0].suspicion == 0.25 && all[0].kind == .spurious)
  }

  @Test func whatContradictsALabelSaysHowItIsWrong() {
    let label = GroundTruth(box: box(0), classIndex: 1)
    let moved = evidence([label], [found(6, 1, 0.75), found(1, 1, 0.5)])
    #expect(moved.count == 1, "the detection beside it is no missing object")
    #expect(moved[0].suspicions == [.moved: 0.375, .wrongClass: 0, .spurious: 0.125])
    #expect(moved[0].kind == .moved && moved[0].found?.confidence == 0.75)

    let renamed = evidence([label], [found(1, 2, 0.75), found(1, 1, 0.25)])
    #expect(renamed.count == 1)
    #expect(renamed[0].suspicions[.wrongClass] == 0.5625 && renamed[0].kind == .wrongClass)
    #expect(renamed[0].found?.classIndex == 2)

    let spurious = evidence([label], [found(40, 1, 0.75)])
    #expect(spurious.count == 2)
    #expect(spurious[0].suspicions[.spurious] == 1 && spurious[0].found == nil)
    #expect(spurious[1].object == nil && spurious[1].suspicions == [.missing: 0.75])
    #expect(spurious[1].kind == .missing && spurious[1].box == box(40))
  }

  /// A detection that fits an object of its own class says nothing about the neighbour.
  @Test func whatIsExplainedContradictsNothing() {
    let labels = [
      GroundTruth(box: box(0), classIndex: 1), GroundTruth(box: box(5), classIndex: 1),
      GroundTruth(box: box(1), classIndex: 2),
    ]
    let all = evidence(labels, [found(5, 1, 0.9), found(0, 1, 0.8), found(1, 2, 0.7)])
    #expect(all.count == 3)
    for item in all {
      #expect(item.suspicions[.moved] == 0 && item.suspicions[.wrongClass] == 0)
    }
  }

  @Test func placesAreNamedOnceAndDifficultObjectsExplain() {
    let hard = GroundTruth(box: box(60), classIndex: 0, isDifficult: true)
    let all = evidence(
      [hard],
      [found(0, 0, 0.5), found(1, 1, 0.75), found(20, 1, 0.25), found(60, 0, 0.9)])
    // The first two mean one place; the last is the difficult object, of which nothing is said.
    #expect(all.map { $0.suspicions[.missing] } == [0.75, 0.25])
    #expect(all.map(\.classIndex) == [1, 1])
    // Beside a well supported object of the class a weaker detection is another object.
    let label = GroundTruth(box: box(0), classIndex: 1)
    #expect(evidence([label], [found(0, 1, 0.9), found(6, 1, 0.6)]).count == 2)
  }

  @Test func otherScores() throws {
    let label = GroundTruth(box: box(0), classIndex: 1)
    let all = evidence(
      [label, GroundTruth(box: box(80), classIndex: 0)], [found(40, 1, 0.75, bald: 0.5)],
      doubts: [ObjectDoubt(loss: 3, objectness: 0.25, bald: 1), nil])
    #expect(all[0].scores[.loss] == 3 && all[0].scores[.bald] == 1)
    func check(_ actual: Double?, _ expected: Double) throws {
      let actual = try #require(actual)
      #expect(abs(actual - expected) < 1e-6)
    }
    // 1 / (1 + e⁻¹) = 0.731059: 1 − 0.731059 / 2, as it is not found.
    try check(all[0].scores[.difficulty], 0.634471)
    #expect(all[1].scores.isEmpty)
    let place = all[2]
    try check(place.scores[.loss], 1.386294)
    #expect(place.scores[.bald] == 0.5)
    // 1 / (1 + e^−½) = 0.622459: objectness above ½ is a mistake if the labels are right.
    try check(place.scores[.difficulty], 0.688770)
    #expect(place.value(of: .confidence) == 0.75)
    #expect(all[0].value(of: .confidence, kind: .moved) == 0)
  }
}

@Suite struct LabelErrorTrialTests {
  /// Two images; in each three labels, of which `errors` are wrong, with suspicions of being moved.
  private func rows(
    _ suspicions: [[Float]], _ errors: [[LabelErrorKind?]]
  ) -> LabelErrorTrial {
    let evidence = suspicions.enumerated().map { image, values in
      let objects = values.indices.map {
        GroundTruth(
          box: Box(
            left: Float(100 * $0), top: 0, right: Float(100 * $0 + 10), bottom: 10),
          classIndex: 0)
      }
      let detections = values.indices.map { place in
        Detection(
          box: Box(
            left: Float(100 * place + 6), top: 0, right: Float(100 * place + 16), bottom: 10),
          classIndex: 0, confidence: values[place], objectness: values[place])
      }
      return LabelEvidence.of(
        EvaluatedImage(id: "\(image)", objects: objects, detections: detections), index: image)
    }
    return LabelErrorTrial(evidence, errors: errors.map { .init(ofObjects: $0) })
  }

  @Test func rankingByHand() throws {
    // Moved: 0.9 and 0.3; right: 0.5, 0.2, 0.1; renamed 0.8, which takes no part.
    let trial = rows(
      [[0.9, 0.5, 0.8], [0.3, 0.2, 0.1]], [[.moved, nil, .wrongClass], [.moved, nil, nil]])
    let moved = try #require(trial.rows.first { $0.kind == .moved && $0.score == .confidence })
    #expect(moved.errors == 2 && moved.right == 3)
    // Of six pairs one is the wrong way round; of the two most suspicious one is wrong.
    let auroc = try #require(moved.auroc.value)
    #expect(abs(auroc - 0.8333333333) < 1e-9 && moved.precision.value == 0.5)
    let any = try #require(trial.rows.first { $0.kind == nil })
    #expect(any.errors == 3 && any.right == 3)
    #expect(trial.rows.allSatisfy { $0.score == .confidence }, "no score that nothing has")
    #expect(trial.unreached == 0)
  }

  @Test func tiesCountHalf() {
    let same = SuspicionRanking(
      [(1, true), (1, false), (1, false), (1, true)].map {
        RankedSuspicion(score: $0.0, image: 0, isWrong: $0.1)
      }, imageCount: 1)
    #expect(same.values == [0.5, 0.5])
    let none = SuspicionRanking(
      [RankedSuspicion(score: 1, image: 0, isWrong: true)], imageCount: 1)
    #expect(none.values == [nil, nil])
  }

  /// An object that was left out is found at a place, of any class, once; one that is not counts as last.
  @Test func missingLabels() throws {
    func spot(_ left: Float, _ classIndex: Int, _ confidence: Float) -> Detection {
      Detection(
        box: Box(left: left, top: 0, right: left + 10, bottom: 10), classIndex: classIndex,
        confidence: confidence, objectness: confidence)
    }
    let image = EvaluatedImage(
      id: "a", objects: [], detections: [spot(0, 1, 0.8), spot(50, 1, 0.9), spot(90, 0, 0.4)])
    func left(_ left: Float, _ classIndex: Int) -> GroundTruth {
      GroundTruth(
        box: Box(left: left, top: 0, right: left + 10, bottom: 10), classIndex: classIndex)
    }
    let trial = LabelErrorTrial(
      [LabelEvidence.of(image, index: 0)],
      errors: [.init(ofObjects: [], missing: [left(1, 0), left(130, 1)])],
      bootstrap: Bootstrap(draws: 10))
    #expect(trial.unreached == 1)
    let row = try #require(trial.rows.first { $0.kind == .missing && $0.score == .confidence })
    #expect(row.errors == 2 && row.right == 2)
    // Wrong: 0.8 and nothing; right: 0.9 and 0.4.
    #expect(row.auroc.value == 0.25 && row.precision.value == 0.5)
    let interval = try #require(row.auroc.interval)
    #expect(interval.lower <= 0.25 && interval.upper >= 0.25)
    // Objectness of places is their loss.
    let loss = try #require(trial.rows.first { $0.kind == .missing && $0.score == .loss })
    #expect(loss.auroc.value == 0.25)
    #expect(!trial.rows.contains { $0.kind == nil }, "one kind alone is all")
  }
}
