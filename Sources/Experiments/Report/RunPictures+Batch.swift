import Compute
package import Datasets
package import Detection
import Drawing
import Files
import Foundation
import Geometry
import Images
package import Training

extension RunPictures {
  /// Draws `plots/batch.png`: images as a network learns from them, with their objects.
  ///
  /// - Throws: `FileError`.
  package static func write(
    _ batch: Batch<[GroundTruth]>, classNames: [String], to folder: RunFolder
  ) throws {
    let shape = batch.input.shape
    var painter = DetectionPicture(classNames: classNames)
    painter.showsConfidence = false
    let entries = batch.targets.indices.map { index in
      let objects = batch.targets[index].map { truth in
        Detection(
          box: truth.box.transformed(scaleX: Float(shape.width), scaleY: Float(shape.height)),
          classIndex: truth.classIndex, confidence: 1, objectness: 1)
      }
      return (
        picture: painter.drawing(objects, on: image(index, of: batch.input)),
        caption: batch.sources[index].id
      )
    }
    let sheet = ContactSheet(
      columns: 4, cellWidth: min(shape.width, 416), cellHeight: min(shape.height, 416))
    try Folder.make(folder.plots)
    try sheet.image(entries).writePNG(to: URL(filePath: folder.plot("batch.png")))
  }

  /// An image of a batch as bytes; grey ones as grey colours.
  private static func image(_ index: Int, of input: Tensor) -> Image {
    let shape = input.shape
    let count = shape.countPerImage
    let pixels = input.withHostValues { values in
      values[index * count..<(index + 1) * count].flatMap { value in
        let byte = UInt8((min(max(value, 0), 1) * 255).rounded())
        return repeatElement(byte, count: shape.channels == 1 ? 3 : 1)
      }
    }
    return Image(width: shape.width, height: shape.height, pixels: pixels)
  }
}
