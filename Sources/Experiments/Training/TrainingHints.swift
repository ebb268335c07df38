import Darknet
import Foundation
import Training

/// What people seldom mean, a line each, said before a training begins.
enum TrainingHints {
  /// About the names of the classes.
  static func names(_ names: [String]) -> [String] {
    let groups = Dictionary(grouping: names) { $0.lowercased() }.values
      .filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
    return groups.map { group in
      "the classes " + group.map { "'\($0)'" }.joined(separator: ", ")
        + " differ in case only; if they are one, name it alike in the annotations"
    }
  }

  /// About what was asked for.
  static func plan(_ plan: TrainingPlan, _ configuration: RunConfiguration) -> [String] {
    var hints: [String] = []
    let options = configuration.options
    if options.batch == 1, plan.batch == nil {
      hints.append(
        "the cfg says batch=1, as for testing: every update is of one image; for training it is"
          + " usually 64, see --batch and --subdivisions")
    }
    let rule = options.optimizer.name
    if plan.learningRate == nil, plan.optimizer != nil, !rule.followsGradients {
      hints.append(
        String(format: "the rate %.3g", configuration.schedule.base)
          + " is the one for \(rule.rawValue); --find-rate looks for a better one, --learning-rate says"
          + " another")
    }
    if case .steps(let changes) = configuration.schedule.policy, let steps = plan.rateSteps,
      changes.count < steps.split(separator: ",").count
    {
      let places = changes.map { "\($0.iteration)" }.joined(separator: ", ")
      hints.append(
        "of --lr-steps \(steps) several fall on one of the \(options.iterations) iterations: the"
          + " rate drops at \(places)")
    }
    return hints
  }

  /// About a loss that the run never comes to.
  ///
  /// - Parameters:
  ///   - classifier: What is trained.
  ///   - configuration: How.
  ///   - imageCount: Training images.
  ///   - remedy: What a user can do.
  /// - Returns: At most one line.
  static func warmUp(
    _ classifier: ClassifierOutput?, _ configuration: RunConfiguration, imageCount: Int,
    remedy: String = "--set softmax.warm_up=N says after how many iterations it begins"
  ) -> [String] {
    guard let training = classifier?.training else { return [] }
    let options = configuration.options
    let last = options.iterations - 1
    let isWarm = training.isWarm(
      iteration: last, epoch: last * options.batch / max(1, imageCount))
    if isWarm { return [] }
    let length =
      training.warmUp.map { "\($0) iterations" }
      ?? "\(ClassifierTraining.anchorWarmUpEpochs) epochs"
    return [
      "the first \(length) have plain cross-entropy, and the run ends before: the loss of the cfg is "
        + "never used; \(remedy)"
    ]
  }
}
