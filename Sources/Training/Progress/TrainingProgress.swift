import Foundation

/// How far a run is, for people.
package struct TrainingProgress: Sendable {
  /// Updates done.
  package var iteration: Int
  /// Updates of the whole run.
  package var iterationCount: Int
  /// The pass over the training images under way, from 1.
  package var epoch: Int
  /// Passes of the whole run; nil if it is limited by iterations alone.
  package var epochCount: Int?
  /// The loss per image, averaged as the caller likes; nil before the first.
  package var loss: Double?
  /// Its parts by name, averaged likewise.
  package var parts: [(name: String, value: Double)] = []
  /// The learning rate of the last update.
  package var rate: Double?
  /// Training images per second.
  package var imagesPerSecond: Double?
  /// The share of the time spent waiting for images, 0...1.
  package var waitShare: Double?
  /// The best score so far with its name, for people: `accuracy 81.2 %`.
  package var best: String?

  /// How far a run is.
  package init(iteration: Int, iterationCount: Int, epoch: Int, epochCount: Int? = nil) {
    self.iteration = iteration
    self.iterationCount = iterationCount
    self.epoch = epoch
    self.epochCount = epochCount
  }

  /// The share of the run that is done, 0...1.
  package var fraction: Double {
    iterationCount > 0 ? min(1, max(0, Double(iteration) / Double(iterationCount))) : 1
  }

  /// A line for a terminal of a width, with a bar if there is room.
  ///
  /// What matters least goes first where it is narrow: bar, waiting, parts of the loss, rate, speed, the
  /// best score, epoch, iterations.
  func bar(remaining: Double?, width: Int) -> String {
    // In the order of the line, each with its rank: the highest is left out first.
    var parts: [(rank: Int, text: String?)] = [
      (3, "epoch " + epochText), (0, "\(Int(100 * fraction))%"),
      (2, "\(iteration)/\(iterationCount)"), (1, timeText(remaining)), (0, lossText),
      (7, partsText), (6, rateText), (5, speedText), (8, waitText), (4, bestText),
    ]
    func line() -> String { parts.compactMap(\.text).joined(separator: "  ") }
    while line().count >= width, let worst = parts.map(\.rank).max(), worst > 0 {
      parts.removeAll { $0.rank == worst }
    }
    let text = line()
    // Two brackets and two spaces belong to the bar; the last column stays free, since a terminal
    // may wrap when it is written to.
    let length = min(30, width - 1 - text.count - 4)
    guard length >= 5 else { return String(text.prefix(max(0, width - 1))) }
    let done = Int(Double(length) * fraction)
    let head = done < length ? ">" : ""
    let bar = String(repeating: "=", count: done) + head
    return "[" + bar + String(repeating: " ", count: length - bar.count) + "]  " + text
  }

  /// A line for a file or a pipe.
  func plain(remaining: Double?) -> String {
    let loss = [lossText, partsText].compactMap { $0 }.joined(separator: " ")
    let parts: [String?] = [
      "epoch \(epochText)", "iteration \(iteration)/\(iterationCount)",
      loss.isEmpty ? nil : loss, rateText, speedText, waitText, timeText(remaining), bestText,
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  private var epochText: String { epochCount.map { "\(epoch)/\($0)" } ?? "\(epoch)" }
  private var lossText: String? { loss.map { "loss " + Self.short($0) } }
  private var partsText: String? {
    // A single part is the loss itself.
    guard parts.count > 1 else { return nil }
    return "(" + parts.map { $0.name + " " + Self.short($0.value) }.joined(separator: ", ") + ")"
  }
  private var rateText: String? { rate.map { String(format: "rate %.3g", $0) } }
  private var speedText: String? { imagesPerSecond.map { String(format: "%.1f images/s", $0) } }
  private var waitText: String? { waitShare.map { String(format: "waiting %.1f %%", 100 * $0) } }
  private var bestText: String? { best.map { "best " + $0 } }
  private func timeText(_ remaining: Double?) -> String? {
    remaining.map { "eta " + Self.duration($0) }
  }

  /// A loss with as many digits as say something.
  private static func short(_ loss: Double) -> String {
    let digits = abs(loss) >= 100 ? 0 : abs(loss) >= 10 ? 1 : abs(loss) >= 0.1 ? 2 : 4
    return String(format: "%.\(digits)f", loss)
  }

  /// Seconds as `m:ss`, `h:mm:ss` or `3d 04:05` (hours and minutes).
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let total = Int(max(0, seconds).rounded())
    let (days, hours, minutes) = (total / 86400, total / 3600 % 24, total / 60 % 60)
    if days > 0 { return String(format: "%dd %02d:%02d", days, hours, minutes) }
    if hours > 0 { return String(format: "%d:%02d:%02d", hours, minutes, total % 60) }
    return String(format: "%d:%02d", minutes, total % 60)
  }
}
