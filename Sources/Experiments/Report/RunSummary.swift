package import Evaluation
package import Foundation
package import Training

/// What a run's folder says about how its model came to be.
package struct RunSummary: Sendable {
  /// Which checkpoint is used.
  package let weights: RunWeights
  /// Names of the class indices.
  package let classNames: [String]
  /// Its iteration.
  package let iteration: Int
  /// The iteration of the last checkpoint, nil if that is missing.
  package let lastIteration: Int?
  /// The best evaluation on the validation images.
  package let best: BestEvaluation
  /// What the run was started with, nil without its file.
  package let configuration: RunConfiguration?
  /// Its log; empty without one.
  package let log: RunLog.Content
  private let layerCount: Int
  private let finished: Date?

  /// Reads checkpoint, configuration and log.
  ///
  /// - Parameters:
  ///   - run: The folder.
  ///   - weights: Which checkpoint; nil: the best one, or the last if there is no best.
  /// - Throws: `FileError` without a checkpoint, ``TrainingError`` for files that cannot be used; the
  ///   configuration and the log may be missing.
  package init(_ run: RunFolder, weights: RunWeights? = nil) throws {
    let chosen = try run.weights(weights)
    self.weights = chosen
    let used = try Checkpoint.metadata(of: run.path(of: chosen))
    classNames = used.classNames
    layerCount = used.configuration.split(whereSeparator: \.isNewline).count {
      $0.hasPrefix("[") && !$0.hasPrefix("[net")
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: run.path(of: chosen))
    finished = attributes?[.modificationDate] as? Date
    iteration = used.iteration
    let exists = FileManager.default.fileExists(atPath:)
    let last =
      chosen == .last ? used : exists(run.last) ? try Checkpoint.metadata(of: run.last) : nil
    lastIteration = last?.iteration
    best = (last ?? used).best
    configuration =
      exists(run.configuration) ? try RunConfiguration(contentsOf: run.configuration) : nil
    log = exists(run.log) ? try RunLog.read(run.log) : (RunLogColumns([]), [])
  }

  /// What a report says about the run, in order.
  package var settings: [EvaluationReport.Setting] {
    var settings: [EvaluationReport.Setting] = [
      .init("model", modelText), .init("weights", weightsText),
    ]
    if let finished { settings.append(.init("weights of", Self.text(of: finished))) }
    if let configuration {
      let sets = configuration.trainingSets.joined(separator: ", ")
      settings.append(.init("trained on", sets.isEmpty ? "–" : sets))
      let judges = configuration.validationSets.joined(separator: ", ")
      settings.append(.init("validated on", judges.isEmpty ? "nothing" : judges))
      settings.append(.init("trained by", "detector \(configuration.toolVersion)"))
      settings.append(.init("training seed", "\(configuration.options.seed)"))
      settings.append(.init("images of an update", "\(configuration.options.batch)"))
      settings.append(.init("updates planned", "\(configuration.options.iterations)"))
    }
    if let seconds = log.records.last?.seconds {
      settings.append(.init("training time", String(format: "%.1f min", seconds / 60)))
    }
    return settings
  }

  /// Every choice that the run was started with, by its name in config.json; empty without that file.
  package var options: [EvaluationReport.Setting] {
    guard let configuration, let data = try? JSONEncoder().encode(configuration),
      var content = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { return [] }
    content["classNames"] = nil
    var options: [EvaluationReport.Setting] = []
    func add(_ name: String, _ value: Any) {
      if let entries = value as? [String: Any] {
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
          add(name.isEmpty ? key : "\(name).\(key)", value)
        }
      } else if let list = value as? [Any] {
        options.append(.init(name, list.map { "\($0)" }.joined(separator: ", ")))
      } else if let number = value as? Double, number != number.rounded() {
        options.append(.init(name, String(format: "%.5g", number)))
      } else {
        options.append(.init(name, "\(value)"))
      }
    }
    add("", content)
    return options
  }

  /// A day and a time, such as 2026-11-27 14:05.
  package static func text(of date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm"
    return formatter.string(from: date)
  }

  private var modelText: String {
    "\(layerCount) layers, \(classNames.count) class\(classNames.count == 1 ? "" : "es"): model.cfg of the"
      + " folder"
  }

  private var weightsText: String {
    switch weights {
    case .best:
      let end = lastIteration.map { ", training went on to \($0)" } ?? ""
      return "best, iteration \(iteration)\(end): the best score on the validation images"
    case .last:
      let iterationText = "last, iteration \(iteration)"
      guard let best = best.iteration, best != iteration else { return iterationText }
      return "\(iterationText); the best evaluation was at \(best)"
    }
  }
}
