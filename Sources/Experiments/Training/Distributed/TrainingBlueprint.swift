package import Compute
import Darknet
import Foundation
import Networks
import Tasks
package import Training

/// What a run is, for the ranks that have no folder of it.
package struct TrainingBlueprint: Codable, Equatable, Sendable {
  /// The cfg as it is trained.
  package let model: String
  /// How it is trained, and where the data lie.
  package let configuration: RunConfiguration
  /// The run's folder, for messages.
  package let folder: String
}

extension TrainingSession {
  /// What other processes need to train it too.
  package var blueprint: TrainingBlueprint {
    TrainingBlueprint(
      model: trainer.network.text, configuration: configuration, folder: trainer.folder.path)
  }

  /// Trains together with others from here on.
  ///
  /// - Throws: As `Trainer.join(_:)`.
  package func join(_ group: any ProcessGroup) throws { try trainer.join(group) }
}

extension TrainingStart {
  /// A run of several ranks: the first opens it, and the others learn from it what it is.
  ///
  /// - Parameters:
  ///   - group: The ranks; of a single process nothing but `open` is done.
  ///   - backend: Does the work.
  ///   - open: Opens the run on rank 0.
  /// - Returns: The run, the same on all ranks.
  /// - Throws: What `open` throws; `RankFailure` naming a rank that cannot train it.
  package static func shared(
    by group: any ProcessGroup, backend: any Backend, open: () throws -> any RunnableTraining
  ) throws -> any RunnableTraining {
    guard group.count > 1 else { return try open() }
    var first: (any RunnableTraining)?
    let told = try group.gathering {
      guard group.isFirst else { return [] }
      let session = try open()
      first = session
      return Array(try JSONEncoder().encode(session.blueprint))
    }
    let session = try group.together {
      try first
        ?? following(
          try JSONDecoder().decode(TrainingBlueprint.self, from: Data(told[0])), backend: backend)
    }
    try session.join(group)
    return session
  }

  /// The same run on another rank, before it has its weights.
  private static func following(
    _ blueprint: TrainingBlueprint, backend: any Backend
  ) throws -> any RunnableTraining {
    let file = try ConfigurationFile(
      text: blueprint.model, fileName: RunFolder(path: blueprint.folder).model, lenient: true)
    // Rank 0 has told what is odd about the data.
    let console = Console(ProgressOutput(write: { _ in }, width: { nil }), isQuiet: true)
    func follow<Task: LearningTask>(_ task: Task.Type) throws -> any RunnableTraining {
      let data = try TrainingMaterial<Task>.data(of: blueprint.configuration, console)
      return try TrainingSession<Task>.following(
        file, blueprint.configuration, data: data, path: blueprint.folder, backend: backend)
    }
    return try follow(
      TaskChoice.type(of: NetworkBuilder.build(file).outputs, named: file.fileName))
  }
}

/// A run that goes on with another number of ranks.
struct RankChange {
  /// What a user should know; nil: it is the same number.
  let note: String?

  init(from old: Int, to new: Int, _ options: TrainingOptions) {
    func text(_ count: Int) -> String { count == 1 ? "one process" : "\(count) ranks" }
    guard old != new else {
      note = nil
      return
    }
    note =
      "was trained by \(text(old)) so far and goes on with \(text(new)): "
      + (options.synchronizesNorm == true
        ? "sums are rounded otherwise, and noise is drawn otherwise"
        : "batch normalisation takes other shares of a batch together, and sums and noise are others")
      + ", so that it does not end with the same bytes"
  }
}
