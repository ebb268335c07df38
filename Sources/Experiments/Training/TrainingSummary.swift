import Darknet
import Foundation
package import Training

/// What a training is going to do and how long it will take, said before it begins.
package struct TrainingSummary {
  private let configuration: RunConfiguration
  private let imageCount: Int
  private let isFitted: Bool
  private let seconds: Double

  /// Longer runs are seldom meant.
  private static let longSeconds = 7200.0
  private static let manyEpochs = 500.0

  /// - Parameters:
  ///   - configuration: How it is trained.
  ///   - forecast: How long that takes.
  ///   - imageCount: The images to learn from.
  ///   - isFitted: Whether the memory decided into how many parts an update is cut.
  package init(
    _ configuration: RunConfiguration, _ forecast: TrainingForecast, imageCount: Int,
    isFitted: Bool = false
  ) {
    self.isFitted = isFitted
    self.configuration = configuration
    self.imageCount = imageCount
    seconds = forecast.seconds(of: configuration.options)
  }

  private var options: TrainingOptions { configuration.options }

  private var epochs: Double {
    Double(options.iterations * options.batch) / Double(max(1, imageCount))
  }

  /// One line: passes, updates, time, evaluations, rate.
  package var text: String {
    let schedule = configuration.schedule
    let rule = options.optimizer.name
    let end = schedule.rate(at: max(schedule.burnIn + 1, options.iterations * 99 / 100))
    func rate(_ value: Double) -> String { String(format: "%.3g", value) }
    let evaluations = options.evaluationCount
    let updates = "\(options.iterations) update" + (options.iterations == 1 ? "" : "s")
    var parts = [
      "\(epochText) = \(updates) of \(options.batch) images" + partsText,
      "about \(Self.duration(seconds)) on this machine",
      evaluations == 0
        ? "no evaluations" : "\(evaluations) evaluation\(evaluations == 1 ? "" : "s")",
      (rule == .sgd ? "" : "\(rule.rawValue) at ")
        + "rate \(rate(schedule.base))" + (end == schedule.base ? "" : " to \(rate(end))"),
    ]
    if let norm = options.maximumGradientNorm {
      parts.append("clipped at \(rate(norm))" + (options.clipsParts == true ? "" : " together"))
    }
    if options.averageDecay != nil { parts.append("weights averaged") }
    return "plan: " + parts.joined(separator: ", ")
  }

  /// What to do about a run that takes longer than people expect.
  package var hints: [String] {
    guard seconds > Self.longSeconds || epochs > Self.manyEpochs else { return [] }
    return [
      "that is long: --minutes 60 fits the plan to an hour; --epochs, a smaller --size and another"
        + " --model change it, and --recipe auto chooses for the data"
    ]
  }

  private var partsText: String {
    guard options.subdivisions > 1 else { return "" }
    return " in \(options.subdivisions) parts" + (isFitted ? ", to fit into memory" : "")
  }

  private var epochText: String {
    // The last update may reach into the next pass.
    let whole = (epochs - Double(options.batch - 1) / Double(max(1, imageCount))).rounded(.up)
    return whole > 1 ? "\(Int(whole)) epochs" : "1 epoch"
  }

  /// A time as people say it, by its largest units.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: "\(max(1, Int(seconds.rounded()))) s"
    case ..<5400: "\(Int((seconds / 60).rounded())) min"
    case ..<172_800: String(format: "%.1f h", seconds / 3600)
    default: "\(Int((seconds / 86400).rounded())) days"
    }
  }
}
