import Files

/// Why a data set cannot be used.
package enum DataError: Error, Equatable, CustomStringConvertible {
  /// There is no such folder.
  case noSuchFolder(String)
  /// There is neither a file nor a folder.
  case noSuchData(String)
  /// A folder cannot be listed or made.
  case folder(String, reason: String)
  /// The folder holds no VOC annotations in any known layout.
  case noAnnotations(String)
  /// There are annotations but no folder of images.
  case noImages(String)
  /// The folder has no such split.
  case unknownSplit(folder: String, split: String, available: [String])
  /// Of a folder without lists nothing is set aside for testing.
  case nothingToTest(String)
  /// An annotation that cannot be understood.
  case malformedAnnotation(file: String, line: Int?, reason: String)
  /// No usable image is left.
  case empty(folder: String, reason: String)
  /// There are images, but nothing in them to learn.
  case nothingToLearn(folder: String, reason: String)
  /// No image of the whole set can be decoded; the first error.
  case noReadableImage(String)
  /// Nothing of what lies there is known.
  case notRecognized(String)
  /// A format that is known and not read; what to use instead.
  case foreignFormat(String, format: String, remedy: String)
  /// What lies at a path could be one of two things.
  case ambiguous(String, first: String, second: String, remedy: String)
  /// The images of a COCO file are in none of the usual places; the first one's name.
  case imagesNotFound(String, name: String, places: [String])
  /// Nothing says what the classes are called.
  case noClassNames(String, looked: String)
  /// A set of one kind where the other is needed.
  case otherTarget(String, format: String, has: String, needs: String)
  /// An option is outside its range.
  case invalidOption(String)

  /// One line: place, cause, remedy.
  package var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .noSuchFolder(let folder):
      "\(folder): no such folder; give PATH or PATH:SPLIT"
    case .noSuchData(let path):
      "\(path): no such file or folder; give PATH or PATH:SPLIT"
    case .folder(let folder, let reason):
      "\(folder): \(reason)"
    case .noAnnotations(let folder):
      "\(folder): no VOC annotations; expected Annotations and JPEGImages, annotations and "
        + "images, XML files beside images, or a VOCdevkit of such folders"
    case .noImages(let folder):
      "\(folder): there are annotations but no folder JPEGImages or images"
    case .unknownSplit(let folder, let split, let available):
      "\(folder): no split '\(split)'; there is \(available.joined(separator: ", "))"
    case .nothingToTest(let folder):
      "\(folder): no images are set aside for testing: their share is 0; give --test-fraction 0.1, "
        + "to train as well"
    case .malformedAnnotation(let file, let line, let reason):
      "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
    case .empty(let folder, let reason):
      "\(folder): no usable image: \(reason)"
    case .nothingToLearn(let folder, let reason):
      "\(folder): nothing can be learned: \(reason)"
    case .noReadableImage(let reason):
      "none of the images can be read; the first: \(reason)"
    case .notRecognized(let path):
      "\(path): no data set recognised; looked for VOC (Annotations and JPEGImages, XML beside "
        + "images, a VOCdevkit), COCO (annotations/*.json, SPLIT/_annotations.coco.json, a .json), "
        + "YOLO (data.yaml, images and labels), CIFAR (data_batch_*.bin, train.bin), folders of "
        + "pictures named for their classes (train/CLASS/*.jpg), CSV (path,label,split), "
        + "Darknet's .data with labels, keypoints (joints.mat, MPII's or COCO's JSON, our own JSON, "
        + "CollectedData_*.csv, CSV of name,a_x,a_y) and dots (001cell.png and 001dots.png, CSV of "
        + "image,x,y)"
    case .foreignFormat(let path, let format, let remedy):
      "\(path): \(format) are not read; \(remedy)"
    case .ambiguous(let path, let first, let second, let remedy):
      "\(path): could be \(first) or \(second); \(remedy)"
    case .imagesNotFound(let file, let name, let places):
      "\(file): its images are not found: looked for '\(name)' in \(places.joined(separator: ", "))"
    case .noClassNames(let path, let looked):
      "\(path): the names of the classes are missing: no \(looked); give them with --names"
    case .otherTarget(let path, let format, let has, let needs):
      "\(path): \(format) has \(has), where \(needs) are needed"
    case .invalidOption(let reason):
      reason
    }
  }

  /// A file that the system does not give.
  static func unreadable(_ path: String, _ error: any Error) -> DataError {
    .folder(path, reason: "cannot be read: \(FileProblem.reason(error))")
  }
}
