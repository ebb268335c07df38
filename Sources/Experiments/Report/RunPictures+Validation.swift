import Datasets
import Detection
import Drawing
import Files
import Foundation
import Geometry
import Images
import Tasks
package import Training

extension RunPictures {
  /// Images that ``writeValidation(_:of:classNames:to:)`` shows at most.
  private static let validationImages = 8
  /// Less confident detections are not shown.
  private static let shownConfidence: Float = 0.25

  /// Draws `plots/validation.png`: the first validation images, what is in them beside what was found.
  ///
  /// - Parameters:
  ///   - judged: What a network says about the images that could be read.
  ///   - samples: The validation images.
  ///   - classNames: Names of the class indices.
  ///   - folder: The run's.
  /// - Throws: `ImageError` for an image that has become unreadable; `FileError`.
  static func writeValidation(
    _ judged: JudgedSamples<JudgedImage<[GroundTruth], [Detection]>>,
    of samples: [Sample<[GroundTruth]>], classNames: [String], to folder: RunFolder
  ) throws {
    var truthPainter = DetectionPicture(classNames: classNames)
    truthPainter.showsConfidence = false
    let painter = DetectionPicture(classNames: classNames)
    // Small ones first reduced, so that labels can be read.
    let sheet = ContactSheet(columns: 4, cellWidth: 360, cellHeight: 300)
    let entries = try zip(judged.images, judged.indices).prefix(validationImages).flatMap {
      image, index in
      let photo = try samples[index].image.read()
      let small = sheet.thumbnail(of: photo)
      let scale = (
        x: Float(small.width) / Float(photo.width), y: Float(small.height) / Float(photo.height)
      )
      let truths = image.target.map {
        Detection(box: $0.box, classIndex: $0.classIndex, confidence: 1, objectness: 1)
      }
      let found = image.prediction.filter { $0.confidence >= shownConfidence }
      return [("truth", truthPainter, truths), ("found", painter, found)].map {
        name, painter, boxes in
        let placed = boxes.map { detection in
          var detection = detection
          detection.box = detection.box.transformed(scaleX: scale.x, scaleY: scale.y)
          return detection
        }
        return (
          picture: painter.drawing(placed, on: small),
          caption: "\(name) \(boxes.count): \(image.id)"
        )
      }
    }
    try Folder.make(folder.plots)
    try sheet.image(entries).writePNG(to: URL(filePath: folder.plot("validation.png")))
  }
}
