import Files
import Foundation

/// Where progress is shown: a terminal, or something that keeps lines.
package struct ProgressOutput {
  /// Takes text, control characters included.
  package let write: (String) -> Void
  /// Columns of the terminal at present; nil if it is none.
  package let width: () -> Int?

  /// An output of one's own.
  package init(write: @escaping (String) -> Void, width: @escaping () -> Int?) {
    self.write = write
    self.width = width
  }

  /// The standard error, so that the standard output stays free for results.
  package static func standardError() -> ProgressOutput {
    let isTerminal =
      isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    return ProgressOutput(
      write: { text in
        // Nobody may be listening any more; that is no reason to lose a run.
        try? Array(text.utf8).withUnsafeBytes {
          try writeAll($0, to: STDERR_FILENO, path: "standard error")
        }
      },
      width: { isTerminal ? terminalWidth() : nil })
  }

  private static func terminalWidth() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
