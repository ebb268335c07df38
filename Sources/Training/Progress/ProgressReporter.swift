/// Shows how far a run is: one line that is redrawn on a terminal, a line now and then elsewhere.
package struct ProgressReporter {
  /// Seconds between two lines where the output is no terminal.
  package let interval: Double
  private let output: ProgressOutput
  private let clock: () -> Double
  private var start: (time: Double, iteration: Int)?
  private var lastShown: Double?
  private var isBarShown = false
  private var latest: TrainingProgress?

  /// Seconds between two drawings on a terminal.
  private static let redrawInterval = 0.1

  /// A reporter that has shown nothing yet.
  ///
  /// - Parameters:
  ///   - output: Where to show it.
  ///   - interval: Seconds between two lines where the output is no terminal.
  ///   - clock: Seconds since any moment; must not run backwards.
  package init(
    output: ProgressOutput = .standardError(), interval: Double = 10,
    clock: @escaping () -> Double = ProgressReporter.uptime
  ) {
    self.output = output
    self.interval = interval
    self.clock = clock
  }

  /// Seconds of a clock that is never set.
  package static func uptime() -> Double {
    reference.duration(to: .now) / .seconds(1)
  }

  private static let reference = ContinuousClock.Instant.now

  /// Begins to measure speed, with the iteration that the run starts or continues from.
  package mutating func begin(iteration: Int) { start = (clock(), iteration) }

  /// Shows progress if it is time to; the last iteration of a run always is.
  package mutating func update(_ progress: TrainingProgress) {
    let now = clock()
    if start == nil { start = (now, progress.iteration) }
    latest = progress
    let pause = output.width() == nil ? interval : ProgressReporter.redrawInterval
    if let lastShown, now - lastShown < pause, progress.iteration < progress.iterationCount {
      return
    }
    lastShown = now
    show(progress, at: now)
  }

  /// Writes a line of its own, above the bar if there is one.
  package mutating func message(_ text: String) {
    output.write((isBarShown ? "\r\u{1B}[K" : "") + text + "\n")
    let wasShown = isBarShown
    isBarShown = false
    if wasShown, let latest { show(latest, at: clock()) }
  }

  /// Leaves the bar as it is and goes to a new line; afterwards nothing is redrawn.
  package mutating func finish() {
    if isBarShown { output.write("\n") }
    isBarShown = false
    latest = nil
  }

  private mutating func show(_ progress: TrainingProgress, at now: Double) {
    let remaining = remaining(progress, at: now)
    if let width = output.width() {
      output.write("\r" + progress.bar(remaining: remaining, width: width) + "\u{1B}[K")
      isBarShown = true
    } else {
      output.write(progress.plain(remaining: remaining) + "\n")
    }
  }

  // The mean over the whole session: it contains evaluations and all sizes of multi-scale
  // training in the proportion in which they will go on.
  private func remaining(_ progress: TrainingProgress, at now: Double) -> Double? {
    guard let start, progress.iteration > start.iteration else { return nil }
    let perIteration = (now - start.time) / Double(progress.iteration - start.iteration)
    return perIteration * Double(max(0, progress.iterationCount - progress.iteration))
  }
}
