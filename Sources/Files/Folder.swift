import Foundation

/// Folders for what a command writes.
package enum Folder {
  /// Makes a folder, with those above it; one that exists is fine.
  ///
  /// - Throws: ``FileError`` naming the folder if the system refuses.
  package static func make(_ path: String) throws {
    var built = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      built += part
      if mkdir(built, 0o755) != 0, !exists(built) {
        let reason = String(cString: strerror(errno == EEXIST ? ENOTDIR : errno))
        throw FileError(path: path, reason: "cannot be made: \(reason)")
      }
      built += "/"
    }
  }

  /// Whether there is a folder at this path.
  package static func exists(_ path: String) -> Bool {
    let saved = errno
    defer { errno = saved }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
