import ArgumentParser
import Files
import Foundation

/// What other programs call our commands and options, for people who come from there: wrong usage is
/// answered by what is meant, never by a guess at it.
enum ForeignWords {
  private static let commands = [
    "infer": "detect", "inference": "detect", "val": "eval", "valid": "eval",
    "validate": "eval", "test": "eval", "map": "eval", "export": "convert", "benchmark": "bench",
    "info": "summary", "calc_anchors": "anchors",
  ]

  /// Options by their names there; they count only where a command has ours.
  private static let options = [
    "conf": "confidence", "conf-thres": "confidence", "thresh": "confidence",
    "threshold": "confidence", "imgsz": "size", "img": "size", "img-size": "size",
    "lr": "learning-rate", "lr0": "learning-rate", "batch-size": "batch", "iou": "nms",
    "iou-thres": "nms", "nms-thresh": "nms", "cfg": "model", "workers": "threads",
    "tta": "augment", "test-time-augmentation": "augment", "flip-test": "augment",
    "project": "out", "name": "out", "exist-ok": "overwrite",
  ]

  private static let device = "the program computes on the CPU; --threads says on how many cores"
  private static let sentences = [
    "device": device, "gpu": device, "gpus": device,
    "source": "images and their folders are named without an option: detect photo.jpg",
  ]

  /// Parses the arguments.
  ///
  /// - Throws: What ArgumentParser throws; for words that are known here, the program ends with
  ///   exit code 64 as it does for that.
  static func parsing(_ arguments: [String]) throws -> any ParsableCommand {
    if let address = arguments.lazy.compactMap(address).first {
      throw ValidationError("\(address) is an address; download it first, and name the file")
    }
    do {
      return try Detector.parseAsRoot(arguments)
    } catch {
      guard Detector.exitCode(for: error) == .validationFailure,
        let answer = answer(to: arguments)
      else { throw error }
      let text = Detector.fullMessage(for: error)
      let usage = text.range(of: "\nUsage:").map { text[$0.lowerBound...] } ?? ""
      FileHandle.standardError.write(Data("Error: \(answer.onOneLine)\(usage)\n".utf8))
      throw ExitCode.validationFailure
    }
  }

  /// The address in an argument, nil if it has none.
  private static func address(_ argument: String) -> String? {
    let value = argument.hasPrefix("--") ? argument.drop { $0 != "=" }.dropFirst() : argument[...]
    let schemes = ["http://", "https://", "ftp://", "s3://"]
    return schemes.contains { value.lowercased().hasPrefix($0) } ? String(value) : nil
  }

  /// What is meant by a command or an option that there is not; nil if nobody knows.
  static func answer(to arguments: [String]) -> String? {
    let types = Detector.configuration.subcommands
    guard let name = arguments.first, !name.hasPrefix("-"), name != "help" else { return nil }
    guard let command = types.first(where: { $0._commandName == name }) else {
      let known = types.map { $0._commandName }
      let start = "there is no command '\(name)'"
      if let other = commands[name.lowercased()] { return "\(start); here it is \(other)" }
      let near = known.map { ($0, distance(name, $0)) }.min { $0.1 < $1.1 }
      if let near, near.1 <= 2, near.1 < name.count - 1 {
        return "\(start); did you mean '\(near.0)'?"
      }
      return "\(start); there are \(known.joined(separator: ", "))"
    }
    let help = Detector.helpMessage(for: command)
    func has(_ option: String) -> Bool {
      ["--\(option) ", "--\(option)\n", "--\(option)]", "--\(option)/"].contains(
        where: help.contains)
    }
    for argument in arguments.dropFirst() where argument.hasPrefix("-") {
      let word = String(argument.drop { $0 == "-" }.prefix { $0 != "=" })
      guard !has(word) else { continue }
      if let sentence = sentences[word] { return "there is no --\(word): \(sentence)" }
      if let option = options[word], has(option) {
        return "there is no --\(word); here it is --\(option)"
      }
    }
    return nil
  }

  /// Letters to insert, remove or exchange to turn one word into another.
  private static func distance(_ first: String, _ second: String) -> Int {
    var row = Array(0...second.count)
    for (i, letter) in first.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in second.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[second.count]
  }
}
