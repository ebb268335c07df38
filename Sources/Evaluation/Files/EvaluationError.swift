import Files

/// What can be wrong with the detections or annotations handed to an evaluation.
package enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// Detections for an image that the evaluated split does not contain, and of how many images that
  /// is so.
  case unknownImage(String, source: String, unknown: Int, of: Int)
  /// A class name that is not among the evaluated classes, and the one that may be meant.
  case unknownClass(String, source: String, suggestion: String?)
  /// Two images with the same id, of which detections could be either's.
  case ambiguousImage(String, source: String)
  /// A name that two images of different ids may have.
  case ambiguousName(String, String, String, source: String)
  /// Two lists of detections for the same image.
  case duplicateImage(String, source: String)
  /// A confidence or box edge that is NaN or infinite.
  case notFinite(String, image: String)
  /// A class index outside the list of class names.
  case classIndexOutOfRange(Int, image: String)
  /// A line of a text file that cannot be read.
  case malformedLine(file: String, line: Int, reason: String)
  /// Two runs that are to be compared, but an image has been evaluated in one of them only.
  case differentImages(String)
  /// Detections that no recalibration can be fitted to.
  case notCalibratable(String)
  /// A recalibration is applied to an image that it was fitted on.
  case fittedOnTheseImages(String)
  /// A metric's name that does not exist.
  case unknownMetric(String)
  /// There are no keypoints to judge.
  case noKeypoints
  /// Keypoints of another layout than the first sample's.
  case otherLayout(sample: String)
  /// A keypoint's index outside the layout.
  case noKeypoint(Int, count: Int, sample: String)
  /// More or fewer keypoints were found of a person than the layout has.
  case keypointCount(Int, of: Int, sample: String)
  /// A keypoint that a person has twice.
  case keypointTwice(String, sample: String)
  /// A length that distances are to be divided by, but that the annotation does not have.
  case noReference(String, reason: String)
  /// A keypoint's name that the layout does not have.
  case unknownKeypoint(String, names: [String])
  /// A number that has to be above 0.
  case notPositive(String, Double)
  /// Object keypoint similarity cannot be computed.
  case noSimilarity(String)

  /// One line: place, cause, remedy.
  package var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .unknownImage(let image, let source, let unknown, let count):
      "\(source): image '\(image)' is not in the evaluated split"
        + (unknown < 2
          ? ""
          : unknown < count
            ? ", as \(unknown) of the \(count) images with detections are not"
            : ", nor is any other of the \(count) images with detections")
        + "; evaluate the split that the detections were made on"
    case .unknownClass(let name, let source, let suggestion):
      "\(source): class '\(name)' is not among the evaluated classes; "
        + (suggestion.map { "did you mean '\($0)'?" } ?? "check the spelling in the names file")
    case .ambiguousImage(let image, let source):
      "\(source): two images of the split are called '\(image)'; give them different names"
    case .ambiguousName(let name, let first, let second, let source):
      "\(source): '\(name)' may be image '\(first)' or '\(second)'; write the folder before the name"
    case .duplicateImage(let image, let source):
      "\(source): image '\(image)' is listed twice; keep one list of detections per image"
    case .notFinite(let what, let image):
      "image '\(image)': \(what) is not a finite number; remove the detection or find out why the"
        + " network produced it"
    case .classIndexOutOfRange(let index, let image):
      "image '\(image)': class index \(index) has no name; the model and the names file differ in"
        + " their number of classes"
    case .malformedLine(let file, let line, let reason):
      "\(file):\(line): \(reason)"
    case .differentImages(let image):
      "image '\(image)' is in one of the two evaluations only; evaluate both on the same split"
    case .notCalibratable(let reason):
      "no recalibration can be fitted: \(reason)"
    case .fittedOnTheseImages(let image):
      "the recalibration was fitted on image '\(image)': its numbers there would look better than"
        + " they are; use other images"
    case .unknownMetric(let name):
      "unknown metric '\(name)'; choose from "
        + EvaluationMetric.allCases.map(\.rawValue).joined(separator: ", ")
    case .noKeypoints:
      "there are no keypoints to judge; choose a split that has some"
    case .otherLayout(let sample):
      "'\(sample)': its keypoints are called otherwise than the first one's; judge data sets apart"
    case .noKeypoint(let index, let count, let sample):
      "'\(sample)': there is no keypoint \(index), the layout has \(count), counted from 0; the model and"
        + " the data set differ in their keypoints"
    case .keypointCount(let found, let count, let sample):
      "'\(sample)': \(found) keypoints were found, but the layout has \(count); the model and the data"
        + " set differ in their keypoints"
    case .keypointTwice(let name, let sample):
      "'\(sample)': keypoint '\(name)' is there twice; a person has each once"
    case .noReference(let reference, let reason):
      "no distance can be divided by the reference '\(reference)': \(reason); choose another reference"
    case .unknownKeypoint(let name, let names):
      "there is no keypoint '\(name)'; choose from " + names.joined(separator: ", ")
    case .notPositive(let what, let value):
      "\(what) is \(value); give a number above 0"
    case .noSimilarity(let reason):
      "no object keypoint similarity: \(reason)"
    }
  }
}
