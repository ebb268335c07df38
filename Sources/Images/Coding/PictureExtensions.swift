/// The ends of names by which image files are found in folders; content decides how they are read.
package enum PictureExtensions {
  /// Of the formats that photographs usually have.
  private static let usual: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png"]
  /// Of the other formats that can be read.
  private static let others: Set<String> = ["bmp", "dib", "tif", "tiff", "webp"]
  /// Of formats that cannot be read.
  ///
  /// They are found all the same, so that reading says so: a part of a folder is never passed over in
  /// silence.
  private static let unreadable: Set<String> = [
    "gif", "heic", "heif", "avif", "jp2", "j2k", "jxl", "ppm", "pgm", "pbm", "pnm",
  ]

  /// All of them, in lower case.
  package static let all = usual.union(others).union(unreadable)

  /// Which of several files of one picture is taken: the one of the lowest rank.
  ///
  /// - Parameter name: A file's name.
  /// - Returns: 0...2, or 3 for what is not called like an image.
  package static func rank(_ name: String) -> Int {
    guard let dot = name.lastIndex(of: ".") else { return 3 }
    let end = name[name.index(after: dot)...].lowercased()
    return [usual, others, unreadable].firstIndex { $0.contains(end) } ?? 3
  }
}
