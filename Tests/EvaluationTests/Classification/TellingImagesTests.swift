import Evaluation
import TestSupport
import Testing

/// Which images are shown, and how two classifiers differ.
@Suite struct TellingImagesTests {
  private static func image(
    _ probabilities: [Float], _ label: Int, bald: Double? = nil
  ) -> ClassifiedImage {
    ClassifiedImage(
      probabilities: probabilities, label: label, uncertainties: bald.map { [$0] } ?? [])
  }

  private static let names = ["a", "b", "c"]

  /// Right, then wrong four times.
  private static let images = [
    image([0.9, 0.05, 0.05], 0), image([0.6, 0.4, 0], 1), image([0.8, 0.1, 0.1], 1),
    image([0.2, 0.3, 0.5], 0), image([0.6, 0.3, 0.1], 1),
  ]

  @Test func choosesByConfidenceAndEntropy() {
    let report = ClassificationReport(Self.images, classNames: Self.names)
    let chosen = TellingImages(Self.images, report, count: 3, pairs: 2, each: 2)
    // Of equal confidence the first.
    #expect(chosen.confidentMistakes == [2, 1, 4])
    #expect(chosen.mostUncertain == [3, 4, 1] && !chosen.usesBALD)
    #expect(chosen.confusions.map(\.pair.count) == [3, 1])
    #expect(chosen.confusions.map(\.images) == [[2, 1], [3]])
    #expect(TellingImages(Self.images, report, count: 0).mostUncertain.isEmpty)
  }

  @Test func prefersBALD() {
    let images = zip(Self.images, [0.1, 0.5, 0.2, 0.1, 0.3]).map {
      Self.image($0.probabilities, $0.label, bald: $1)
    }
    let report = ClassificationReport(images, classNames: Self.names)
    let chosen = TellingImages(images, report, count: 4)
    #expect(chosen.mostUncertain == [1, 4, 2, 0] && chosen.usesBALD)
  }

  @Test func differencesArePaired() throws {
    // The second is right about one image more, and surer of it.
    var better = Self.images
    better[1] = Self.image([0.1, 0.9, 0], 1)
    let difference = ClassificationDifference(
      from: Self.images, to: better, classNames: Self.names, bootstrap: Bootstrap(draws: 400))
    func entry(_ title: String) throws -> EstimatedDifference {
      try #require(difference.entries.first { $0.title == title }?.difference)
    }
    let scores = [Self.images, better].map { ClassificationScores($0, classNames: Self.names) }
    let top1 = try entry("top-1")
    #expect(isClose(top1.value, 0.2, 1e-12))
    // No resample holds less of that image than none: never worse.
    #expect(top1.interval?.lower == 0 && (top1.interval?.upper ?? 0) >= 0.4)
    for (title, number) in [
      ("ECE", ClassificationScores.Number.ece15), ("NLL × 100", .nll), ("Brier × 100", .brier),
    ] {
      let expected = try #require(scores[1][number]) - #require(scores[0][number])
      #expect(isClose(try entry(title).value, expected, 1e-12), "\(title)")
    }
    // Balanced: recalls (1/2, 0) become (1/2, 1/3).
    #expect(isClose(try entry("balanced").value, 1.0 / 6, 1e-12))
    // Three classes have no five.
    #expect(!difference.entries.contains { $0.title == "top-5" })
    let same = ClassificationDifference(
      from: better, to: better, classNames: Self.names, bootstrap: Bootstrap(draws: 20))
    #expect(same.entries.allSatisfy { ($0.difference.value ?? 0) == 0 })
  }
}
