import Files
import Foundation

/// The folder of a run: everything that is needed to use, continue and judge its model.
package struct RunFolder: Sendable, Equatable {
  /// What to do with a folder that has something in it.
  package enum Opening: Sendable {
    /// Refuse it: a new run needs an empty or a new folder.
    case new
    /// Continue the run in it.
    case resume
    /// Remove the run in it, and nothing else.
    case overwrite
  }

  /// Where it is, as given.
  package let path: String

  /// A folder that exists, or that ``open(_:as:)`` makes.
  package init(path: String) { self.path = path }

  /// The cfg of the network, as it was trained.
  package var model: String { file("model.cfg") }
  /// The options of the run.
  package var configuration: String { file("config.json") }
  /// One line per logged iteration and per evaluation.
  package var log: String { file("log.csv") }
  /// The evaluations of ``log`` under the names of other tools' columns.
  package var results: String { file("results.csv") }
  /// The run as it was last saved.
  package var last: String { file("last.safetensors") }
  /// The run as it was at its best evaluation.
  package var best: String { file("best.safetensors") }
  /// Maps of confidences that were fitted to the run, if there are any.
  package var calibration: String { file("calibration.json") }
  /// What tells how likely an answer is right, from all that is known of it.
  package var probability: String { file("probability.json") }
  /// The confidence from which on each class is reported, if it was chosen.
  package var thresholds: String { file("thresholds.json") }
  /// The folder of the pictures.
  package var plots: String { file("plots") }

  /// The path of a file in the folder.
  package func file(_ name: String) -> String { path + "/" + name }

  /// The path of a picture.
  package func plot(_ name: String) -> String { plots + "/" + name }

  /// Makes the folder, or takes one that is there, and makes sure that files can be written to it.
  ///
  /// - Parameters:
  ///   - path: Where it shall be; folders above it are made too.
  ///   - opening: What to do if something is in it.
  /// - Returns: The folder, with an empty or an existing `plots` in it.
  /// - Throws: ``TrainingError/runFolderNotEmpty(path:)``,
  ///   ``TrainingError/nothingToResume(path:)``, or ``FileError`` if the
  ///   system refuses.
  package static func open(_ path: String, as opening: Opening) throws -> RunFolder {
    let folder = RunFolder(path: path)
    let manager = FileManager.default
    if opening == .resume, !manager.fileExists(atPath: folder.last) {
      throw TrainingError.nothingToResume(path: path)
    }
    try check(path, as: opening)
    try Folder.make(path)
    // Permissions, read-only and full file systems all show when something is written.
    let probe = folder.file(".probe")
    defer { unlink(probe) }
    try AtomicFile.write("detector\n", to: probe)
    // What was fitted to the old weights is wrong for new ones.
    if opening == .overwrite {
      try folder.remove([
        folder.model, folder.configuration, folder.log, folder.results, folder.last, folder.best,
        folder.plots, folder.calibration, folder.probability, folder.thresholds,
      ])
    } else if opening == .resume {
      try folder.remove([folder.calibration, folder.probability, folder.thresholds])
    }
    try Folder.make(folder.plots)
    return folder
  }

  /// Makes sure, before anything is made, that a new run would not lie among other files.
  ///
  /// - Throws: ``TrainingError/runFolderNotEmpty(path:)``.
  package static func check(_ path: String, as opening: Opening) throws {
    if opening == .new, let content = try? FileManager.default.contentsOfDirectory(atPath: path),
      !content.isEmpty
    {
      throw TrainingError.runFolderNotEmpty(path: path)
    }
  }

  /// A path below a folder that does not exist yet: the name itself, or with -2, -3 and so on.
  package static func unusedPath(in parent: String, name: String) -> String {
    let first = parent + "/" + name
    var candidate = first
    var number = 2
    while FileManager.default.fileExists(atPath: candidate) {
      candidate = "\(first)-\(number)"
      number += 1
    }
    return candidate
  }

  private func remove(_ items: [String]) throws {
    let manager = FileManager.default
    for item in items where manager.fileExists(atPath: item) {
      do {
        try manager.removeItem(atPath: item)
      } catch {
        throw FileError(path: item, reason: "cannot be removed")
      }
    }
  }
}
