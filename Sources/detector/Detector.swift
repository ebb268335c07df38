import ArgumentParser
import Files
import Foundation

/// The version of the program, as saved with runs.
let toolVersion = "0.1.0"

@main
struct Detector: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detector",
    abstract: "Single-stage object detection on the CPU, from Darknet cfg files and VOC data.",
    version: toolVersion,
    subcommands: [
      Train.self, Compare.self, Evaluate.self, Report.self, Calibrate.self, Shift.self, Detect.self,
      Predict.self, UncertaintyMaps.self, Select.self, Summarize.self, Check.self, Anchors.self,
      Convert.self, Quantize.self,
      Synthesize.self, Bench.self, Plot.self,
    ])

  /// Runs the command that the arguments name.
  static func main() {
    do {
      var command = try ForeignWords.parsing(CommandLine.arguments.dropFirst().map(\.self))
      try Ranks.checkAlone(command)
      try checkingUsage { try command.run() }
      // What was printed may still wait in memory, and a full device would swallow it unnoticed.
      if fflush(nil) != 0 {
        throw FileError(
          path: "standard output", reason: "cannot be written: \(FileProblem.describe(errno))")
      }
    } catch {
      exit(withError: error)
    }
  }
}
