package import Foundation

/// One `--voc` argument: a folder and which split of it.
package struct VOCSource: Hashable, Sendable {
  /// A VOCdevkit, a folder like VOC2007, or any folder with annotations and images.
  package let folder: URL
  /// The split, for example `trainval`; nil to leave the choice to the command.
  package let split: String?

  /// A folder and a split.
  package init(folder: URL, split: String? = nil) {
    self.folder = folder
    self.split = split
  }

  /// Reads `PATH` or `PATH:SPLIT`; a path with colons that exists is taken as it is.
  package init(argument: String) {
    guard !FileManager.default.fileExists(atPath: argument),
      let colon = argument.lastIndex(of: ":"), colon != argument.startIndex
    else {
      self.init(folder: URL(filePath: argument))
      return
    }
    let split = argument[argument.index(after: colon)...]
    self.init(
      folder: URL(filePath: String(argument[..<colon])), split: split.isEmpty ? nil : String(split))
  }
}
