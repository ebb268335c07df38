import Foundation
import Training

/// Counts work that is done on standard error: a line that is redrawn on a terminal, little elsewhere.
struct CountReporter {
  private let total: Int
  private let unit: String
  private let output = ProgressOutput.standardError()
  private let start = ProgressReporter.uptime()
  private var lastShown = ProgressReporter.uptime()
  private var isShown = false

  init(total: Int, unit: String) {
    self.total = total
    self.unit = unit
  }

  mutating func update(_ done: Int) {
    let now = ProgressReporter.uptime()
    let pause = output.width() == nil ? 10 : 0.1
    guard now - lastShown >= pause else { return }
    lastShown = now
    let speed = String(format: "%.1f", Double(done) / max(1e-9, now - start))
    let line = "\(done)/\(total) \(unit), \(speed) \(unit)/s"
    output.write(output.width() == nil ? line + "\n" : "\r\(line)\u{1B}[K")
    isShown = output.width() != nil
  }

  mutating func finish() {
    if isShown { output.write("\r\u{1B}[K") }
    isShown = false
  }
}
