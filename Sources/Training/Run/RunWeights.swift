import Files
import Foundation

/// Which of a run's checkpoints is used.
package enum RunWeights: String, CaseIterable, Sendable {
  /// The one with the best evaluation on the validation images.
  case best
  /// The one that was saved last.
  case last
}

extension RunFolder {
  /// The checkpoint that is there.
  ///
  /// - Parameter wanted: Which one; nil: the best one, or the last if there is no best.
  /// - Returns: Which one to read.
  /// - Throws: `FileError` if it is missing.
  package func weights(_ wanted: RunWeights? = nil) throws -> RunWeights {
    func exists(_ weights: RunWeights) -> Bool {
      FileManager.default.fileExists(atPath: path(of: weights))
    }
    if let wanted {
      guard exists(wanted) else {
        throw FileError(
          path: path(of: wanted),
          reason: exists(wanted == .best ? .last : .best)
            ? "no such file, but the run has its \(wanted == .best ? "last" : "best") weights"
            : "no such file; is this the folder of a run?")
      }
      return wanted
    }
    if exists(.best) { return .best }
    guard exists(.last) else {
      throw FileError(path: path, reason: noRunReason)
    }
    return .last
  }

  private var noRunReason: String {
    if path.hasSuffix(".safetensors"), FileManager.default.fileExists(atPath: path) {
      return "is a file; give the folder of the run"
    }
    let below = runsBelow
    return "holds no best.safetensors or last.safetensors; is it a run?"
      + (below.isEmpty ? "" : " Runs below it: " + below.prefix(5).joined(separator: ", "))
      + (below.count > 5 ? " and \(below.count - 5) more" : "")
  }

  /// The runs in the folder and in the folders in it.
  private var runsBelow: [String] {
    func folders(in place: String) -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).sorted()
        .map { place == "." ? $0 : place + "/" + $0 }.filter { Folder.exists($0) }
    }
    let first = folders(in: path)
    return (first + first.flatMap(folders))
      .filter { FileManager.default.fileExists(atPath: RunFolder(path: $0).last) }
  }

  /// The file of a checkpoint.
  package func path(of weights: RunWeights) -> String { weights == .best ? best : last }
}
