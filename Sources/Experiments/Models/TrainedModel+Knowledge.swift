import Darknet
import Detection
import Files
import Networks
import Tasks
package import Training
package import Uncertainty

extension TrainedModel {
  /// Names of the classes of a model that finds objects, numbers where nothing names them.
  ///
  /// - Throws: `TaskError` for a model that finds none.
  package func detectedClassNames(_ console: Console) throws -> [String] {
    try TaskChoice.check(network, isFor: DetectionTask.self)
    if let classNames { return classNames }
    console.say("note: no class names; give them with --names")
    return (0..<(try DetectionTask(network).classCount)).map { "class\($0)" }
  }

  /// Refuses data of another number of classes.
  ///
  /// - Throws: ``UsageError``.
  func checkClassCount(of names: [String]) throws {
    let count = try TaskChoice.task(of: network).classCount
    guard count != names.count else { return }
    throw UsageError("the model has \(count) classes, the data \(names.count); give --names")
  }

  /// How the first Bayesian head's section says that BALD is computed.
  ///
  /// - Parameter remedy: What else a user could do where no head is Bayesian; ends the error.
  /// - Returns: The rules.
  /// - Throws: `FileError` naming the cfg of a network that cannot say how certain it is.
  package func bald(remedy: String = "") throws -> BALD {
    let hint = "; --relative-variance makes the heads of a weights file Bayesian" + remedy
    if network.isBayesian, !knowsUncertainty {
      throw FileError(
        path: network.name,
        reason: "its Bayesian branch is not in the weights file; use the run that trained it" + hint
      )
    }
    if let head = network.heads.first(where: { $0.objectness.branch != nil }) {
      return head.objectness.difficulty.bald
    }
    throw FileError(
      path: network.name,
      reason: "no [yolo] section has uncertainty=, so the model cannot say how certain it is" + hint
    )
  }
}
