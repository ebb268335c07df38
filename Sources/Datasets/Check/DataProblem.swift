import Files
package import Images

/// Something wrong in a data set, with the place where to mend it.
package struct DataProblem: Hashable, Sendable, CustomStringConvertible {
  /// What kinds of problems there are.
  package enum Kind: String, CaseIterable, Sendable {
    /// An annotation whose image does not exist.
    case missingImage = "missing image"
    /// An image that cannot be decoded.
    case unreadableImage = "unreadable image"
    /// An image, or an entry of a split list, without annotation.
    case missingAnnotation = "missing annotation"
    /// A class without a picture, in all or in one of the splits.
    case missingClass = "missing class"
    /// An annotation that is not well-formed XML, or not VOC's.
    case malformedAnnotation = "malformed annotation"
    /// An object without name or without a complete box of numbers.
    case invalidObject = "invalid object"
    /// A box whose upper corner is not above its lower one.
    case zeroArea = "box without area"
    /// A box that reaches out of its image.
    case outOfImage = "box outside the image"
    /// An annotation whose `<size>` is not that of the image.
    case sizeMismatch = "wrong image size"
    /// An annotation of another `<size>` and the same shape: its boxes are scaled.
    case scaledBoxes = "boxes scaled to the image"
    /// An annotation made before the rotation that EXIF asks for: its boxes are turned.
    case turnedBoxes = "boxes turned with the image"
    /// An annotation of another `<size>`, whose boxes are pixels of the image: by the rule that was
    /// given, or since they fit the image alone.
    case ignoredSize = "size ignored"
    /// An object with several boxes, which are taken for as many objects.
    case severalBoxes = "several boxes in one object"
    /// An object with the class and box of another one of its image.
    case duplicateObject = "the same object twice"
    /// A flag that is neither yes nor no, taken for no.
    case unclearFlag = "unclear flag"
    /// An object of a class that is not in the list of names.
    case unknownClass = "unknown class"
    /// An annotation whose `<filename>` names another file.
    case filenameDiffers = "other file name"
    /// Two images with the same bytes, or the same pixels.
    case duplicateImage = "duplicate image"
    /// Two images that look alike in a small grey copy.
    case nearCopy = "near copy"
    /// An entry that a split, or several sources together, list twice.
    case duplicateEntry = "duplicate entry"
    /// An image of the training list that the test list has, too.
    case testImage = "test image"
    /// A list of a split that is no text.
    case unreadableList = "unreadable list"
    /// Two images that fit one annotation.
    case ambiguousImage = "two images for one annotation"
    /// An image without objects: fine, but worth knowing.
    case noObjects = "no objects"
    /// A box with a coordinate of 0: VOC counts from 1, so the set may be off by one.
    case zeroBased = "coordinate 0"
    /// A file that its decoder warns of, though all pixels are there: used, but worth knowing.
    case warnedImage = "image with a warning"
    /// A file in another encoding than it says, or that says none.
    case guessedEncoding = "guessed encoding"
    /// A keypoint whose place is no pair of numbers; it is not labelled then.
    case invalidKeypoint = "invalid keypoint"
    /// A labelled keypoint outside its picture.
    case keypointOutside = "keypoint outside the image"
    /// Left and right keypoints that lie the other way round than the others in many persons.
    case exchangedSides = "left and right exchanged"
    /// A person of whom some left keypoints lie on either side, or a set where most lie on the left.
    case unusualSides = "unusual sides"
    /// A person with the keypoints of another one of its picture.
    case duplicatePerson = "the same person twice"
    /// A person without a labelled keypoint.
    case noKeypoints = "no labelled keypoint"
    /// A person of whom the network would see no labelled keypoint.
    case regionElsewhere = "region without its keypoints"
    /// Keypoints that change places in a mirrored picture, by their names: the set does not say it.
    case guessedPairs = "flip pairs"
    /// Boxes that are read as corners, though nothing says so.
    case guessedBoxes = "boxes as corners"

    /// Whether this is only worth knowing, not wrong.
    package var isNote: Bool {
      switch self {
      case .noObjects, .zeroBased, .nearCopy, .warnedImage, .guessedEncoding, .noKeypoints,
        .unusualSides, .guessedPairs, .guessedBoxes:
        true
      default: false
      }
    }

    /// Whether what is reported was used all the same.
    package var isUsed: Bool {
      switch self {
      case .scaledBoxes, .turnedBoxes, .ignoredSize, .severalBoxes, .duplicateObject, .unclearFlag,
        .keypointOutside, .regionElsewhere, .exchangedSides, .duplicatePerson:
        true
      default: isNote
      }
    }
  }

  /// The file where it is.
  package let file: String
  /// The line of the file, from 1; nil if it has none.
  package let line: Int?
  /// What kind of problem it is.
  package let kind: Kind
  /// What exactly is wrong.
  package let text: String

  /// A problem at a place.
  package init(file: String, line: Int? = nil, kind: Kind, text: String) {
    self.file = file
    self.line = line
    self.kind = kind
    self.text = text.onOneLine
  }

  /// `file:line: kind: text`.
  package var description: String {
    (file + (line.map { ":\($0)" } ?? "") + ": \(kind.rawValue): \(text)").onOneLine
  }

  /// One line for each kind that occurs: how often, and the first case.
  package static func summary(of problems: [DataProblem]) -> [String] {
    Kind.allCases.compactMap { kind in
      let some = problems.filter { $0.kind == kind }
      guard let first = some.first else { return nil }
      let place = first.file + (first.line.map { ":\($0)" } ?? "")
      return some.count == 1
        ? "1 × \(kind.rawValue) (\(place): \(first.text))"
        : "\(some.count) × \(kind.rawValue) (first: \(place): \(first.text))"
    }
  }

  /// A picture that is used though its decoder warned.
  package static func warnedImage(_ image: ImageSource, _ warning: String) -> DataProblem {
    DataProblem(file: image.path, kind: .warnedImage, text: warning)
  }

  /// A picture that cannot be decoded, with the cause.
  package static func unreadableImage(_ image: ImageSource, _ error: any Error) -> DataProblem {
    let prefix = image.path + ": "
    let text = "\(error)"
    return DataProblem(
      file: image.path, kind: .unreadableImage,
      text: text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
  }
}
