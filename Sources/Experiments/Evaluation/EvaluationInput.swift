package import Compute
package import Datasets
package import Evaluation
import Foundation
import Tasks
import Training

/// The images of an evaluation with their detections, from a model or from files.
package struct EvaluationInput {
  /// What was found in the images, or how to find it.
  package enum Found {
    /// Files that any detector wrote, with the names of the classes if they are known.
    case files(String, names: String?)
    case model(ModelChoice)
  }

  package let images: [EvaluatedImage]
  package let classNames: [String]
  /// What the result says about where the detections come from.
  package let settings: [EvaluationReport.Setting]
  /// What could not be used, a line each; the console was told.
  package var omissions: [String] {
    truth.omissions + DataProblem.summary(of: leftOut).map { "left out of the data: " + $0 }
  }
  /// Images that the model could not look at; no result is about them.
  package let leftOut: [DataProblem]
  /// What is odd about annotations and detections, a line each.
  package let notes: [String]
  /// What the run of the model knows of the images; nil for files and for models that are no run.
  package let known: KnownImages?
  /// How many of the images that run knows.
  package let overlap: KnownImages.Overlap
  private let truth: GroundTruthSource
  private let rules: PredictionRules
  private let console: Console

  /// Reads the annotations and the detections, or lets the model find objects.
  ///
  /// - Throws: `DataError`, `FileError`, `EvaluationError`; ``UsageError`` for what does not go
  ///   together.
  package init(
    _ truth: GroundTruthSource.Choice, _ found: Found, rules: PredictionRules = PredictionRules(),
    backend: any Backend, _ console: Console
  ) throws {
    self.rules = rules
    self.console = console
    switch found {
    case .files(let path, let names):
      let names = try names.map { try TrainedModel.readNames(URL(filePath: $0)) }
      let source = try GroundTruthSource(truth, classNames: names, console)
      let joined = try source.joined(path)
      images = joined.images
      notes = source.notes + joined.notes
      settings = [.init("detections", path)]
      leftOut = []
      known = nil
      overlap = KnownImages.Overlap()
      self.truth = source
    case .model(let choice):
      let loaded = try choice.load(backend)
      let source = try GroundTruthSource(
        truth.adoptingRules(of: choice.run), classNames: loaded.classNames, console)
      let finder = try ObjectFinder(
        loaded,
        choice.settings(of: loaded, by: rules))
      let found = try source.found(by: finder, batchSize: rules.largeBatch, console)
      images = found.images
      leftOut = found.leftOut
      let known = KnownImages(choice)
      overlap =
        known?.overlap(with: source.samples.map { ($0.id, $0.image) }) ?? KnownImages.Overlap()
      notes =
        source.notes + DataProblem.summary(of: found.notes) + (known?.cautions(overlap) ?? [])
      self.known = known
      settings = rules.settings(finder)
      self.truth = source
    }
    classNames = self.truth.classNames
  }

  /// The same images with the detections of another run, or of files, and what is odd about those.
  ///
  /// - Throws: ``UsageError`` for a run of other classes; as the initialiser.
  package func other(
    _ path: String, backend: any Backend
  ) throws -> (images: [EvaluatedImage], notes: [String]) {
    guard FileManager.default.fileExists(atPath: RunFolder(path: path).model) else {
      let joined = try truth.joined(path)
      let ids = Set(images.map(\.id))
      return (joined.images.filter { ids.contains($0.id) }, joined.notes.map { "\(path): \($0)" })
    }
    let choice = ModelChoice(.run(path))
    let loaded = try choice.load(backend)
    if let names = loaded.classNames, names != classNames {
      throw UsageError("--against \(path): its classes are not those of the evaluation")
    }
    let finder = try ObjectFinder(
      loaded,
      choice.settings(of: loaded, by: rules))
    let found = try truth.found(by: finder, batchSize: rules.largeBatch, console)
    guard found.images.count == images.count else {
      throw UsageError(
        "--against \(path): \(found.leftOut.count) images cannot be read, so they cannot be"
          + " compared; leave them out of the data")
    }
    let cautions = KnownImages(choice)?.cautions(judging: truth.samples) ?? []
    return (found.images, cautions.map { "\(path): \($0)" })
  }
}
