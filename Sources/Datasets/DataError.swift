/// Why a data set cannot be used.
package enum DataError: Error, Equatable, CustomStringConvertible {
  /// There is no such folder.
  case noSuchFolder(String)
  /// A folder cannot be listed or made.
  case folder(String, reason: String)
  /// The folder holds no VOC annotations in any known layout.
  case noAnnotations(String)
  /// There are annotations but no folder of images.
  case noImages(String)
  /// The folder has no such split.
  case unknownSplit(folder: String, split: String, available: [String])
  /// An annotation that cannot be understood.
  case malformedAnnotation(file: String, line: Int?, reason: String)
  /// No usable image is left.
  case empty(folder: String, reason: String)
  /// No image of the whole set can be decoded; the first error.
  case noReadableImage(String)
  /// An option is outside its range.
  case invalidOption(String)

  /// One line: place, cause, remedy.
  package var description: String {
    switch self {
    case .noSuchFolder(let folder):
      "\(folder): no such folder; give PATH or PATH:SPLIT"
    case .folder(let folder, let reason):
      "\(folder): \(reason)"
    case .noAnnotations(let folder):
      "\(folder): no VOC annotations; expected Annotations and JPEGImages, annotations and "
        + "images, XML files beside images, or a VOCdevkit of such folders"
    case .noImages(let folder):
      "\(folder): there are annotations but no folder JPEGImages or images"
    case .unknownSplit(let folder, let split, let available):
      "\(folder): no split '\(split)'; there is \(available.joined(separator: ", "))"
    case .malformedAnnotation(let file, let line, let reason):
      "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
    case .empty(let folder, let reason):
      "\(folder): no usable image: \(reason)"
    case .noReadableImage(let reason):
      "none of the images can be read; the first: \(reason)"
    case .invalidOption(let reason):
      reason
    }
  }
}
