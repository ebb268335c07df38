import Datasets
import Evaluation
import Experiments
import Foundation
import Images
import Tasks
import Testing
import Training

/// What `compare` says of a classifier's predictions.
@Suite struct ClassificationStatisticTests {
  /// Four images, the third answered wrongly: of the right ones one is less sure, and none is as doubtful
  /// by its weights.
  @Test(arguments: [true, false]) func doubtIsCompared(_ isBayesian: Bool) throws {
    let answers: [(p: Float, bits: Float)] = [(0.9, 0.1), (0.5, 0.2), (0.6, 0.3), (0.8, 0.1)]
    let judged = answers.enumerated().map { index, answer in
      JudgedImage(
        id: "\(index)", target: index == 2 ? 1 : 0,
        prediction: ClassPrediction(
          probabilities: [answer.p, (1 - answer.p) * 0.75, (1 - answer.p) * 0.25],
          mutualInformation: isBayesian ? answer.bits : nil))
    }
    let names = ["a", "b", "c"]
    let samples = judged.map {
      Sample(id: $0.id, image: .file(URL(filePath: $0.id)), target: $0.target)
    }
    let score = try ClassificationTask.statistic(
      of: Data(ClassificationTask.kept(judged, classNames: names)), file: "p.json",
      data: TrainingData(training: [], validation: samples, classNames: names), leftOutImages: 0)
    let values = score.statistic.values
    let details = Dictionary(
      uniqueKeysWithValues: score.details.map { ($0.name, values[$0.place]) })
    #expect(score.values[0] == 0.75)
    #expect(details["aurocConfidence"] == .some(2.0 / 3))
    #expect(details["aurocUncertainty"] == .some(isBayesian ? 1 : nil))
    #expect(score.details.map(\.unit) == ["%", "nats", "%", "%"])
    #expect(score.details.map(\.smallerIsBetter) == [true, true, false, false])
  }
}
