import Experiments
import Files

/// Where a command tells people its result: on standard output, or on standard error when one of
/// the files that it writes is standard output, which then holds nothing else.
struct ResultText {
  /// Whether standard output belongs to a file.
  let isAside: Bool

  /// For a command that writes these files.
  init(beside files: String?...) {
    isAside = files.contains { $0.map(AtomicFile.isStandardOutput) ?? false }
  }

  /// Says text, with a line feed at its end.
  func say(_ text: String) {
    if isAside {
      Console().say(text)
    } else {
      print(text)
    }
  }

  /// Says text that brings its line feed.
  func say(lines text: String) {
    say(text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }
}
