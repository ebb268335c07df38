import Files
package import Foundation

/// Image files that a user has named, and what their results are to be called.
package struct ImageFile: Hashable, Sendable {
  /// Where the image is.
  package let url: URL
  /// The path for messages and results, as the user would write it.
  package let path: String
  /// A path for results below some folder, different for every image of a list: the file's name, or
  /// its path below the folder that was named.
  package let name: String

  /// ``name`` without the extension.
  package var stem: String {
    guard let dot = name.lastIndex(of: "."), name[dot...].allSatisfy({ $0 != "/" }),
      dot > (name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex)
    else { return name }
    return String(name[..<dot])
  }

  /// The images that arguments of a command name.
  ///
  /// A file is taken whatever it is called. Of a folder all image files are taken, by their
  /// extension, also those in folders below it, sorted; hidden ones are not. Formats that cannot be
  /// read are among them: reading says so. Names that would be
  /// equal, with or without extension, get a number.
  ///
  /// - Throws: `FileError` for a path without a file and a folder without images.
  package static func list(_ arguments: [String]) throws -> [ImageFile] {
    var files: [ImageFile] = []
    var stems: Set<String> = []
    func add(_ path: String, name: String) {
      let file = ImageFile(url: URL(filePath: path), path: path, name: name)
      let end = name.dropFirst(file.stem.count)
      var unique = file
      var number = 2
      // The stem must be unique: detections are stored under it, and pictures beside each other.
      while !stems.insert(unique.stem).inserted {
        unique = ImageFile(url: file.url, path: path, name: "\(file.stem)-\(number)\(end)")
        number += 1
      }
      files.append(unique)
    }
    for argument in arguments {
      if Folder.exists(argument) {
        let names = try imageNames(in: argument)
        let prefix = argument.hasSuffix("/") ? argument : argument + "/"
        for name in names { add(prefix + name, name: name) }
      } else if FileManager.default.fileExists(atPath: argument) {
        add(argument, name: URL(filePath: argument).lastPathComponent)
      } else {
        let isPattern = argument.contains { $0 == "*" || $0 == "?" }
        throw FileError(
          path: argument,
          reason: "no such file or folder"
            + (isPattern
              ? "; the shell has left the pattern as it is: nothing matches, or it was quoted" : "")
        )
      }
    }
    return files
  }

  private static func imageNames(in folder: String) throws -> [String] {
    guard let walk = FileManager.default.enumerator(atPath: folder) else {
      throw FileError(path: folder, reason: "cannot be listed")
    }
    var names: [String] = []
    for case let name as String in walk {
      let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
      if !isHidden, PictureExtensions.rank(name) < 3, !Folder.exists(folder + "/" + name) {
        names.append(name)
      }
    }
    if names.isEmpty {
      throw FileError(
        path: folder, reason: "no image file (.jpg, .png, .bmp, .tif, .webp) in this folder")
    }
    return names.sorted()
  }
}
