import Datasets
import Detection
import Evaluation
import Exchange
import Files
import Foundation
import Images
import Tasks
import Training

/// What a run says of itself, as TensorBoard shows it: `tensorboard/` in the run's folder.
///
/// Names follow TensorBoard's habit of groups: `train/loss`, `train/box`, `train/rate`, `validation/…`.
struct TensorBoardLog {
  private let file: EventFile
  private let folder: RunFolder
  private let step: Int

  /// At most so many points a curve.
  private static let pointCount = 10_000
  /// The folder below that of the run.
  static let folderName = "tensorboard"

  /// Begins a file of events; a run that goes on gets a further one beside those of before.
  ///
  /// - Parameters:
  ///   - folder: The run's.
  ///   - iteration: Iterations that are done; at 0 what is left of another run goes.
  ///   - iterations: Those of the whole run.
  /// - Throws: `FileError` if the system refuses.
  init(_ folder: RunFolder, iteration: Int, of iterations: Int) throws {
    self.folder = folder
    step = max(1, iterations / Self.pointCount)
    let place = folder.path + "/" + Self.folderName
    if iteration == 0, FileManager.default.fileExists(atPath: place) {
      do {
        try FileManager.default.removeItem(atPath: place)
      } catch {
        throw FileError(path: place, reason: "cannot be removed: \(error.localizedDescription)")
      }
    }
    file = try EventFile(in: place)
  }

  /// Losses, rate and speed of an iteration.
  ///
  /// - Throws: `FileError` if the system refuses.
  func write(_ summary: IterationSummary) throws {
    guard summary.iteration % step == 0 || summary.iteration == 1 else { return }
    var values: [EventFile.Value] = [
      .scalar("train/loss", summary.recentLoss), .scalar("train/rate", summary.learningRate),
      .scalar("train/images_per_second", summary.imagesPerSecond),
      .scalar("train/waiting", summary.loaderWaitShare),
    ]
    values += summary.recentParts.map { .scalar("train/\($0.name)", $0.value) }
    try file.append(values, step: summary.iteration)
  }

  /// The scores of an evaluation, and the pictures that were drawn of it.
  ///
  /// - Throws: `FileError` if the system refuses.
  func write(_ scores: Scores, iteration: Int) throws {
    let measure = scores.measure
    let names = measure.columns + measure.details.map(\.column)
    var values = zip(names, scores.values + scores.details).compactMap { name, value in
      value.map { EventFile.Value.scalar("validation/\(name)", $0) }
    }
    values += picture("validation")
    try file.append(values, step: iteration)
  }

  /// The pictures that are drawn before the first iteration.
  ///
  /// - Throws: `FileError` if the system refuses.
  func writeFirstPictures() throws { try file.append(picture("batch"), step: 0) }

  /// Precision and recall of all classes together, and of each by itself.
  ///
  /// - Throws: `FileError` if the system refuses; `EvaluationError` for what cannot be judged.
  func write(_ images: [EvaluatedImage], classNames: [String], iteration: Int) throws {
    let matched = try MatchedDetections(images, classNames: classNames)
    func curve(_ classes: [MatchedDetections.ClassMatches]) -> ThresholdCurve {
      ThresholdCurve(
        classes.flatMap { $0.matches.map { (Double($0.confidence), !$0.isWrong) } },
        positiveCount: classes.reduce(0) { $0 + $1.objectImages.count })
    }
    try file.append(
      [.precisionRecall("all classes", curve(matched.classes))]
        + matched.classes.map { .precisionRecall("class/\($0.name)", curve([$0])) },
      step: iteration)
  }

  /// A picture of the run's folder, if it is there.
  private func picture(_ name: String) -> [EventFile.Value] {
    let path = "\(folder.path)/plots/\(name).png"
    guard let png = FileManager.default.contents(atPath: path),
      let header = try? Image.decodeHeader([UInt8](png), file: path)
    else { return [] }
    return [.picture(name, png: png, width: header.width, height: header.height)]
  }
}
