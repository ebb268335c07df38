import Foundation
import Training

/// Counts work that is done: a line that is redrawn on a terminal, little elsewhere.
package struct CountMeter {
  private let total: Int
  private let unit: String
  private let output: ProgressOutput?
  private let start = ProgressReporter.uptime()
  private var lastShown = ProgressReporter.uptime()
  private var isShown = false

  init(total: Int, unit: String, output: ProgressOutput?) {
    self.total = total
    self.unit = unit
    self.output = output
  }

  /// Shows how much is done if it is time to.
  package mutating func update(_ done: Int) {
    guard let output else { return }
    let now = ProgressReporter.uptime()
    let pause = output.width() == nil ? 10 : 0.1
    guard now - lastShown >= pause else { return }
    lastShown = now
    let speed = String(format: "%.1f", Double(done) / max(1e-9, now - start))
    let line = "\(done)/\(total) \(unit), \(speed) \(unit)/s"
    output.write(output.width() == nil ? line + "\n" : "\r\(line)\u{1B}[K")
    isShown = output.width() != nil
  }

  /// Removes the line.
  package mutating func finish() {
    if isShown { output?.write("\r\u{1B}[K") }
    isShown = false
  }
}
