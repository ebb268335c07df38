package import Foundation

/// One `--data` or `--voc` argument: what lies at a path and which split of it.
package struct DataArgument: Hashable, Sendable {
  /// A folder, or the file that describes a set.
  package let url: URL
  /// The split, for example `trainval`; nil to leave the choice to the command.
  package let split: String?

  /// A path and a split.
  package init(_ url: URL, split: String? = nil) {
    self.url = url
    self.split = split
  }

  /// Reads `PATH` or `PATH:SPLIT`; a path with colons that exists is taken as it is.
  package init(argument: String) {
    guard !FileManager.default.fileExists(atPath: argument),
      let colon = argument.lastIndex(of: ":"), colon != argument.startIndex
    else {
      self.init(URL(filePath: argument))
      return
    }
    let split = argument[argument.index(after: colon)...]
    self.init(
      URL(filePath: String(argument[..<colon])), split: split.isEmpty ? nil : String(split))
  }
}
