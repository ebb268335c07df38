package import Datasets
package import Training

/// Where work says, while it is done, what a person should know.
///
/// Results go elsewhere.
package struct Console {
  private let output: ProgressOutput
  /// Whether only what must not be missed is said.
  package let isQuiet: Bool

  /// A console, usually on standard error.
  package init(_ output: ProgressOutput = .standardError(), isQuiet: Bool = false) {
    self.output = output
    self.isQuiet = isQuiet
  }

  /// Says a line, quiet or not.
  package func say(_ line: String) { output.write(line + "\n") }

  /// Says a line that nobody misses where quiet is wanted.
  package func mention(_ line: String) {
    if !isQuiet { say(line) }
  }

  /// Names what was left out of a data set, and what was used although it is odd, with counts.
  package func say(leftOut problems: [DataProblem]) {
    let leftOut = problems.filter { !$0.kind.isUsed }
    if !leftOut.isEmpty {
      say("left out \(leftOut.count) of the data (detector check lists every place):")
      for line in DataProblem.summary(of: leftOut) { say("  " + line) }
    }
    for line in DataProblem.summary(of: problems.filter(\.kind.isUsed)) { say("note: " + line) }
  }

  /// Names the images that could not be read and that no result is about.
  package func say(unreadable problems: [DataProblem]) {
    for problem in problems { say("left out: \(problem)") }
  }

  /// Counts what is done; says nothing where quiet is wanted.
  package func meter(total: Int, unit: String) -> CountMeter {
    CountMeter(total: total, unit: unit, output: isQuiet ? nil : output)
  }
}
