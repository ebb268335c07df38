import Darknet
import Files
package import Foundation

/// The cfg files that come with the program, and what a training may start from.
///
/// They lie in `Models`, in the current folder or beside the program, or in `share/detector/Models`
/// where it was installed.
package struct ModelLibrary {
  /// The network that is trained where none is named.
  package static let standard = "quick-voc"

  private let folders: [URL]

  /// Looks in these folders, the first one first.
  package init(folders: [URL]) { self.folders = folders }

  /// Looks where the program lies.
  package init() {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    var folders = [URL(filePath: "Models")]
    var parent = program.deletingLastPathComponent()
    // .build/release/detector, or bin/detector.
    for _ in 0..<4 {
      folders.append(parent.appending(path: "Models"))
      folders.append(parent.appending(path: "share/detector/Models"))
      parent = parent.deletingLastPathComponent()
    }
    self.init(folders: folders)
  }

  /// The cfg that is meant: a file, or the name of one that comes with the program, with or without
  /// extension.
  ///
  /// - Throws: `FileError` for a name that is neither, and for a folder.
  package func configuration(_ name: String) throws -> URL {
    if Folder.exists(name) {
      let cfgs = Self.configurations(in: URL(filePath: name))
      throw FileError(
        path: name,
        reason: "is a folder; give one of its cfg files"
          + (cfgs.isEmpty ? "" : ": " + cfgs.joined(separator: ", ")))
    }
    let file = URL(filePath: name)
    if FileManager.default.fileExists(atPath: name) || name.contains("/") { return file }
    let wanted = file.pathExtension == "cfg" ? name : name + ".cfg"
    for folder in folders {
      let candidate = folder.appending(path: wanted)
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
    }
    guard file.pathExtension.isEmpty else { return file }
    let known = Set(folders.flatMap(Self.configurations)).sorted()
    throw FileError(
      path: name,
      reason: known.isEmpty
        ? "no such file, and no folder Models beside the program; give the path of a cfg"
        : "neither a file nor one of the program's models: " + known.joined(separator: ", "))
  }

  /// Weights of the first layers that lie beside a cfg, `STEM.conv.N`: of several the most layers.
  package static func pretrained(for configuration: URL) -> URL? {
    let folder = configuration.deletingLastPathComponent()
    let prefix = configuration.deletingPathExtension().lastPathComponent + ".conv."
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let found = names.compactMap { name in
      name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)).map { (count: $0, name) } : nil
    }
    return found.max { $0.count < $1.count }.map { folder.appending(path: $0.1) }
  }

  /// The file of first layers that Darknet's authors publish for networks of a cfg's name; nil: none.
  static func published(for configuration: URL) -> String? {
    let stem = configuration.deletingPathExtension().lastPathComponent
    return publishedFiles.first(where: { stem.hasPrefix($0.stem) })?.file
  }

  /// The longer names first.
  private static let publishedFiles: [(stem: String, file: String)] = [
    (stem: "yolov3-tiny", file: "yolov3-tiny.conv.15"), ("yolov3", "darknet53.conv.74"),
    ("yolov4-tiny", "yolov4-tiny.conv.29"), ("yolov4", "yolov4.conv.137"),
    ("yolov2", "darknet19_448.conv.23"),
  ]

  private static func configurations(in folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.hasSuffix(".cfg") }.map { String($0.dropLast(4)) }.sorted()
  }
}
