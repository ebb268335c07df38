import Foundation
import TestSupport
import Testing

/// Mutants of the files of `Corpus`, read as a command would: each gives a result or an error of one
/// line, soon and in little memory, and never ends the process.
///
/// A crash leaves the input in `.build/fuzz`; found ones go into `Corpus`, whose files are tried as
/// they are too. DETECTOR_FUZZ is the number of mutants for each target, DETECTOR_FUZZ_SEED another
/// seed; with either, memory is watched as well, for which nothing else may run in the process.
@Suite(.serialized) struct FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let watch = Watch(seconds: 10)
  private static let allowedKiB = 64 << 10
  // Without optimisation a mutant takes ten times as long.
  #if DEBUG
    private static let usualCount = 150
  #else
    private static let usualCount = 2000
  #endif

  @Test(arguments: FuzzTarget.all) func neverTraps(_ target: FuzzTarget) throws {
    let count = Self.environment["DETECTOR_FUZZ"].flatMap { Int($0) } ?? Self.usualCount
    let seed = Self.environment["DETECTOR_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let isAlone = Self.environment["DETECTOR_FUZZ"] != nil
    let folder = packageRoot.appending(path: ".build/fuzz/\(target.name)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let corpus = try target.corpus()
    let read = try target.prepare(folder)
    let input = folder.appending(path: target.file)
    var mutator = Mutator(seed: seed)
    var understood = 0
    var messages: Set<String> = []
    for number in 0..<(corpus.count + count) {
      let bytes = number < corpus.count ? corpus[number] : mutator.mutant(of: corpus)
      try Data(bytes).write(to: input)
      if isAlone { Watch.forgetPeak() }
      let before = isAlone ? Watch.memory("VmRSS") : 0
      Self.watch.run(input.path) {
        do {
          try read(input)
          understood += 1
        } catch {
          let text = "\(error)"
          if text.isEmpty || text.contains("\n") {
            Issue.record("\(target.name) \(number): an error that is not one line: \(text)")
          }
          messages.insert(String(text.filter { !$0.isNumber }.prefix(200)))
        }
      }
      let growth = isAlone ? Watch.memory("VmHWM") - before : 0
      if growth > 10 * bytes.count / 1024 + Self.allowedKiB {
        Issue.record("\(target.name) \(number): \(bytes.count) bytes take \(growth) KiB")
      }
    }
    print(
      "fuzz \(target.name): \(count) mutants of \(corpus.count) files, \(understood) read,"
        + " \(messages.count) different errors")
    // A target that refuses or takes everything tests nothing.
    #expect(understood > 0 && understood < corpus.count + count)
  }
}
