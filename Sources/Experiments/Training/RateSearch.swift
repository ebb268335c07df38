package import Compute
import Darknet
import Drawing
import Files
import Foundation
import Images
import Tasks
package import Training

/// A range test of the learning rate: what a training would do, with a rate that rises, and nothing
/// saved.
package struct RateSearch: Sendable {
  /// The losses by their rates.
  package let curve: RateCurve
  /// What would be trained: the folder's name in the plot.
  private let title: String

  package init(_ curve: RateCurve, title: String) {
    self.curve = curve
    self.title = title
  }

  /// Tries rates with the network, data and options of a training.
  ///
  /// - Parameters:
  ///   - plan: The training.
  ///   - loss: The loss; nil: the cfg's.
  ///   - seed: Chooses weights, order and augmentation.
  ///   - range: The rates.
  ///   - folder: Gets the table and the plot; made now, so that nothing is tried that cannot be kept.
  ///   - memory: What the training may need; nil: unknown.
  ///   - interrupt: Ends the test; what is known then is kept.
  ///   - backend: Does the work.
  ///   - console: Told what is tried.
  /// - Returns: What came of it.
  /// - Throws: `DataError`, `DarknetError`, `TrainingError`, `FileError`; ``UsageError`` for a folder
  ///   that has something in it.
  package static func run(
    _ plan: TrainingPlan, loss: LossChoice?, seed: UInt64, range: RateRange, folder: String,
    memory: AvailableMemory? = AvailableMemory(), until interrupt: InterruptFlag? = nil,
    backend: any Backend, _ console: Console
  ) throws -> RateSearch {
    guard Self.isFree(folder) else {
      throw UsageError("\(folder) is not empty; --find-rate needs a new folder in --out")
    }
    let (file, task) = try plan.network(console)
    func test<Task: LearningTask>(_ task: Task.Type) throws -> RateCurve {
      let prepared = try TrainingPreparation<Task>(
        plan, file: file, loss: loss, seed: seed, version: "", memory: memory,
        pool: backend.pool, console)
      var configuration = prepared.configuration
      // Nothing is evaluated.
      configuration.options.averageDecay = nil
      let trainer = try TrainingSession<Task>.trainer(
        prepared.file, configuration, data: prepared.material.data, path: folder,
        backend: backend, report: console.say)
      try Folder.make(folder)
      console.say(Self.introduction(range, configuration.options))
      var meter = console.meter(total: range.updates, unit: "updates")
      defer { meter.finish() }
      return try trainer.testRates(range, isInterrupted: { interrupt?.isRaised ?? false }) {
        meter.update($0)
      }
    }
    return RateSearch(
      try test(task), title: URL(filePath: plan.model).deletingPathExtension().lastPathComponent)
  }

  private static func isFree(_ folder: String) -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?.isEmpty
      ?? !FileManager.default.fileExists(atPath: folder)
  }

  private static func introduction(_ range: RateRange, _ options: TrainingOptions) -> String {
    "range test: \(range.updates) updates of \(options.batch) images, \(options.optimizer.name.rawValue) "
      + "with rates from \(text(range.first)) to \(text(range.last)), input \(options.inputWidth)x"
      + "\(options.inputHeight); no run is made"
  }

  private static func text(_ value: Double) -> String { String(format: "%.3g", value) }

  /// Rates that suggest themselves, with what they are.
  private var suggestions: [(name: String, rate: Double?, why: String)] {
    let least = curve.least.map {
      "the smoothed loss is least, \(Self.text($0.smoothed)), at \(Self.text($0.rate))"
    }
    return [
      ("steepest descent", curve.steepest, "the smoothed loss falls fastest there"),
      ("least / 10", curve.leastTenth, least ?? ""),
    ]
  }

  /// For people: the suggestions, a line each, and why the test ended.
  package var text: String {
    let lines = suggestions.map { name, rate, why in
      name + ": "
        + (rate.map { "rate \(Self.text($0)) (\(why))" } ?? "none, no rate lowers the loss")
    }
    return (lines + [ending]).joined(separator: "\n")
  }

  private var ending: String {
    let updates = "\(curve.points.count) update" + (curve.points.count == 1 ? "" : "s")
    let rate = Self.text(curve.points.last?.rate ?? 0)
    return switch curve.end {
    case .complete: "\(updates): all rates were tried"
    case .diverged:
      "\(updates), up to rate \(rate): the smoothed loss is above "
        + "\(Self.text(RateCurve.tolerance)) times its least"
    case .notFinite: "\(updates), up to rate \(rate): the next loss is not finite"
    case .interrupted: "\(updates), up to rate \(rate): interrupted"
    }
  }

  /// Writes `find-rate.csv` and `find-rate.png`.
  ///
  /// - Returns: The files.
  /// - Throws: ``FileError``, `ImageError`.
  package func write(to folder: String) throws -> [String] {
    let (table, plot) = (folder + "/find-rate.csv", folder + "/find-rate.png")
    let lines =
      [["rate", "loss", "smoothed_loss"]]
      + curve.points.map { ["\($0.rate)", "\($0.loss)", "\($0.smoothed)"] }
    try AtomicFile.write(lines.map(CommaSeparatedValues.line).joined(), to: table)
    let picture = RatePlot(
      title: "\(title): range test",
      points: curve.points.map { .init(rate: $0.rate, loss: $0.loss, smoothed: $0.smoothed) },
      marks: suggestions.compactMap { name, rate, _ in
        rate.map { .init(name: "\(name): \(Self.text($0))", rate: $0) }
      })
    try picture.image().writePNG(to: URL(filePath: plot))
    return [table, plot]
  }
}

extension RateSearch: Encodable {
  private enum CodingKeys: CodingKey { case steepest, leastTenth, end, points }

  /// For scripts: the suggestions (absent where there is none), why the test ended, and all points.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(curve.steepest, forKey: .steepest)
    try container.encodeIfPresent(curve.leastTenth, forKey: .leastTenth)
    try container.encode(curve.end, forKey: .end)
    try container.encode(curve.points, forKey: .points)
  }
}
