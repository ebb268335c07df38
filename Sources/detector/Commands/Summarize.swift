import ArgumentParser
import Darknet
import Experiments
import Files
import Foundation

struct Summarize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Prints the layers of a cfg with operations, parameters and memory.",
    discussion: """
      BFLOPs are 10⁹ multiplications and additions for one image. The memory is planned, not \
      measured: nothing is run.
      """)

  @Argument(help: ArgumentHelp("A Darknet cfg.", valueName: "cfg"))
  var model: String

  @Option(help: ArgumentHelp("Input size in pixels. (default: the cfg's)", valueName: "pixels"))
  var size: Int?

  @Option(help: ArgumentHelp("Images of a pass, for the memory.", valueName: "images"))
  var batch = 1

  @Flag(help: "Warn about unknown cfg keys instead of refusing them.")
  var lenient = false

  @Option(
    help: ArgumentHelp("Writes the table as JSON here; - is standard output.", valueName: "file"))
  var json: String?

  func validate() throws {
    try InputSize.validate(size)
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
  }

  func run() throws {
    if let json { try AtomicFile.check(json) }
    var file = try ConfigurationFile(
      contentsOf: ModelLibrary().configuration(model), lenient: lenient)
    let console = Console()
    for warning in file.warnings { console.say("warning: \(warning)") }
    if let size { file = try file.settingInputSize(width: size, height: size) }
    let definition = try NetworkBuilder.build(file)
    for note in file.ignoredKeysSummary + definition.notes { console.say("note: \(note)") }
    let summary = try NetworkSummary(definition, batch: batch)
    ResultText(beside: json).say(lines: summary.text)
    if let json { try JSONFile.write(summary, to: json) }
  }
}
