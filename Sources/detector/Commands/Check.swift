import ArgumentParser
import Datasets
import Experiments
import Foundation
import Training

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads a data set once and names everything that is wrong with it.",
    discussion: """
      Every annotation is parsed and every image decoded. A problem is a line FILE:LINE: KIND: \
      TEXT. The exit code is 1 if there is any. Notes (images without objects, coordinates of 0) \
      are only counted, or listed with --notes.
      """)

  @OptionGroup var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "The known classes, one a line. (default: any class is fine)", valueName: "file"))
  var names: String?

  @Flag(help: "List notes too.")
  var notes = false

  @OptionGroup var runtime: RuntimeOptions

  func validate() throws { try data.validateIsGiven("the data") }

  func run() throws {
    let names = try names.map { try TrainedModel.readNames(URL(filePath: $0)) }
    let check = try DataCheck(
      data.choice, classNames: names, pool: try runtime.makePool(), Console())
    for finding in notes ? check.findings : check.problems { print(finding) }
    print(check.summary, terminator: "")
    if !check.problems.isEmpty { throw ExitCode.failure }
  }
}
