import Detection
import Files
import Geometry

/// Decides between readings of a file that its content allows alike: the one under which more
/// detections lie on an object of their class.
enum Agreement {
  /// The better reading, with a line that says so.
  ///
  /// - Parameters:
  ///   - readings: What they are called and what they are.
  ///   - file: The file's name for messages.
  ///   - score: How many detections agree with the annotations.
  /// - Returns: The reading.
  /// - Throws: `FileError` that names the readings if they are equally good.
  static func better<Value>(
    _ readings: [(name: String, value: Value)], file: String, score: (Value) throws -> Int
  ) throws -> (value: Value, note: String?) {
    let scores = try readings.map { try score($0.value) }
    guard let most = scores.max(), let index = scores.firstIndex(of: most),
      scores.count(where: { $0 == most }) == 1
    else {
      throw FileError(
        path: file,
        reason:
          "may hold \(readings.map(\.name).joined(separator: " or ")), and the annotations fit"
          + " none better; write the detections as JSON of detector detect, or as VOC's text files")
    }
    let others = readings.indices.filter { $0 != index }.map {
      "\(readings[$0].name) (\(scores[$0]))"
    }
    return (
      readings[index].value,
      "\(file): read as \(readings[index].name), with which \(most) detections lie on an object of"
        + " their class, and not as \(others.joined(separator: " or "))"
    )
  }
}

extension EvaluatedImage {
  /// Whether an object of the class overlaps a box with an IoU of at least .5.
  func hasObject(like box: Box, classIndex: Int) -> Bool {
    objects.contains {
      $0.classIndex == classIndex && $0.box.intersectionOverUnion(with: box) >= 0.5
    }
  }
}
