import Darknet
import Detection
import Files
package import Training
package import Uncertainty

extension DetectionModel {
  /// Names of the classes of a model that finds objects, numbers where nothing names them.
  ///
  /// - Throws: ``UsageError`` for a model that finds none.
  package func detectedClassNames(_ console: Console) throws -> [String] {
    guard let head = network.heads.first?.head else {
      throw UsageError("the model has no [yolo] or [region] head: it does not find objects")
    }
    if let classNames { return classNames }
    console.say("note: no class names; give them with --names")
    return (0..<head.classCount).map { "class\($0)" }
  }

  /// Refuses data of another number of classes.
  ///
  /// - Throws: ``UsageError``.
  func checkClassCount(of names: [String]) throws {
    guard let count = network.heads.first?.head.classCount, count != names.count else { return }
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
        path: network.definition.file.fileName,
        reason: "its Bayesian branch is not in the weights file; use the run that trained it" + hint
      )
    }
    for head in network.heads {
      if let objectness = network.nodes[head.layer].objectness, objectness.branch != nil {
        return objectness.difficulty.bald
      }
    }
    throw FileError(
      path: network.definition.file.fileName,
      reason: "no [yolo] section has uncertainty=, so the model cannot say how certain it is" + hint
    )
  }
}
