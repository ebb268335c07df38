import Foundation
import Testing
import Training

@Suite struct EarlyStoppingTests {
  /// Results with their iterations, and whether each is the best so far.
  static func record(_ results: [Double?], in best: inout BestEvaluation) -> [Bool] {
    results.enumerated().map { best.record($1, iteration: 10 * ($0 + 1)) }
  }

  @Test func keepsTheBestOfAllEvaluations() {
    var best = BestEvaluation()
    #expect(best.score == nil && best.iteration == nil)
    // Any result beats none, of equal results the first stays, and no objects give no result.
    #expect(
      Self.record([0, 0.5, 0.5, nil, 0.4], in: &best) == [true, true, false, false, false])
    #expect(best.score == 0.5)
    #expect(best.iteration == 20)
    #expect(best.evaluationsSince == 3)
    #expect(Self.record([0.6], in: &best) == [true])
    #expect(best.evaluationsSince == 0)
  }

  /// Checkpoints of earlier versions name the score by its task.
  @Test func readsWhatOlderCheckpointsHold() throws {
    var best = BestEvaluation()
    _ = best.record(0.5, iteration: 7)
    let old = #"{"meanAveragePrecision": 0.5, "iteration": 7, "evaluationsSince": 0}"#
    #expect(try JSONDecoder().decode(BestEvaluation.self, from: Data(old.utf8)) == best)
    let new = try JSONEncoder().encode(best)
    #expect(try JSONDecoder().decode(BestEvaluation.self, from: new) == best)
  }

  @Test func aRunWithoutAnyResultHasNoBest() {
    var best = BestEvaluation()
    #expect(Self.record([nil, .nan], in: &best) == [false, false])
    #expect(best.score == nil)
    #expect(best.evaluationsSince == 2)
  }

  @Test func stopsWhenPatienceEnds() {
    var best = BestEvaluation()
    let stopping = EarlyStopping(patience: 2)
    #expect(!stopping.shouldStop(after: best))
    _ = best.record(0.5, iteration: 1)
    _ = best.record(0.4, iteration: 2)
    #expect(!stopping.shouldStop(after: best))
    _ = best.record(0.4, iteration: 3)
    #expect(stopping.shouldStop(after: best))
    #expect(!EarlyStopping(patience: nil).shouldStop(after: best))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func stopsAtNumbersThatAreNone(_ value: Double) {
    let guarded = NonFiniteGuard(iteration: 12, images: ["a.jpg", "b.jpg"])
    #expect(
      throws: TrainingError.notFinite(
        quantity: "the loss", iteration: 12, images: ["a.jpg", "b.jpg"])
    ) { try guarded.check(value, "the loss") }
    #expect(throws: Never.self) { try guarded.check(1e300, "the loss") }
  }

  @Test func namesTheImages() {
    let error = TrainingError.notFinite(quantity: "the loss", iteration: 12, images: ["a", "b"])
    #expect(error.description.hasPrefix("the loss is not finite in iteration 12; "))
    #expect(error.description.hasSuffix("images: a, b"))
  }
}
