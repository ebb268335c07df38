import Files
package import Foundation

/// Detections from whatever files a user has.
package enum DetectionFiles {
  /// Reads our JSON, one VOC text file, or a folder of VOC text files.
  ///
  /// The class of a text file is in its name: `comp4_det_<split>_<class>.txt`, or any name that
  /// ends in `_<class>.txt` or is `<class>.txt`.
  ///
  /// - Parameters:
  ///   - url: A `.json` file, a `.txt` file or a folder.
  ///   - classNames: The classes that may occur.
  /// - Returns: One list per image, in order of first appearance.
  /// - Throws: ``EvaluationError`` naming file and line, or Foundation's error if the path cannot
  ///   be read.
  package static func read(_ url: URL, classNames: [String]) throws -> [ImageDetections] {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    guard exists else {
      throw FileError(path: url.path, reason: "no such file or folder")
    }
    if isFolder.boolValue { return try readFolder(url, classNames: classNames) }
    if url.pathExtension.lowercased() == "json" {
      return try JSONDetectionFile.parse(Data(contentsOf: url), file: url.lastPathComponent)
    }
    return try readText(url, classNames: classNames)
  }

  /// The class that a VOC text file's name stands for, nil if it is none of `classNames`.
  ///
  /// A name in VOC's own form is taken by the word, so that `comp4_det_test_potted_plant.txt` is
  /// never read as class `plant`. Names that cannot be file names are escaped, see
  /// ``VOCDetectionFile/escaped(_:)``, or as they are.
  package static func className(ofFile name: String, classNames: [String]) -> String? {
    guard name.lowercased().hasSuffix(".txt") else { return nil }
    let stem = String(name.dropLast(4))
    let parts = stem.split(
      separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
    if parts.count == 4, parts[0].hasPrefix("comp"), parts[1] == "det" {
      return classNames.first { VOCDetectionFile.escaped($0) == parts[3] }
        ?? classNames.first { $0 == parts[3] }
    }
    return classNames.filter { name in
      [name, VOCDetectionFile.escaped(name)].contains { stem == $0 || stem.hasSuffix("_" + $0) }
    }.max { $0.count < $1.count }
  }

  private static func readFolder(_ url: URL, classNames: [String]) throws -> [ImageDetections] {
    let files = try textFiles(url)
    guard !files.isEmpty else {
      throw FileError(
        path: url.path,
        reason: "no detection files in this folder, expected"
          + " comp4_det_test_<class>.txt")
    }
    var classes: [String: String] = [:]
    for file in files {
      let name = file.lastPathComponent
      guard let className = className(ofFile: name, classNames: classNames) else { continue }
      if let other = classes.updateValue(name, forKey: className) {
        throw FileError(
          path: url.path,
          reason: "\(other) and \(name) both hold class '\(className)'; keep those of one split")
      }
    }
    var merged: [ImageDetections] = []
    var indices: [String: Int] = [:]
    for file in files {
      for list in try readText(file, classNames: classNames) {
        if let index = indices[list.file] {
          merged[index].detections += list.detections
        } else {
          indices[list.file] = merged.count
          merged.append(list)
        }
      }
    }
    return merged
  }

  /// The text file itself, or those of a folder in order of name.
  static func textFiles(_ url: URL) throws -> [URL] {
    if url.pathExtension.lowercased() == "txt" { return [url] }
    return
      try FileManager.default
      .contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension.lowercased() == "txt" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  private static func readText(_ url: URL, classNames: [String]) throws -> [ImageDetections] {
    let name = url.lastPathComponent
    guard let className = className(ofFile: name, classNames: classNames) else {
      throw FileError(
        path: name,
        reason: "the name ends in none of the evaluated classes, expected"
          + " comp4_det_test_<class>.txt; a names file gives classes that the split lacks")
    }
    guard let text = String(data: try Data(contentsOf: url), encoding: .utf8) else {
      throw FileError(path: name, reason: "not UTF-8 text")
    }
    return try VOCDetectionFile.parse(text, file: name, className: className)
  }
}
