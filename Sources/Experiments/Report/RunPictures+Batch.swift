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
    try write(
      entries,
      on: ContactSheet(
        columns: 4, cellWidth: min(shape.width, 416), cellHeight: min(shape.height, 416)),
      to: folder)
  }

  /// Small inputs are enlarged to about this many pixels, so that the names of two classes fit below.
  private static let smallestCell = 224

  /// Draws `plots/batch.png`: images as a network learns from them, with their class, or of mixed ones
  /// with the shares of each.
  ///
  /// - Throws: `FileError`.
  package static func write(
    _ batch: Batch<Int>, classNames: [String], to folder: RunFolder
  ) throws {
    let shape = batch.input.shape
    let factor = max(1, smallestCell / max(shape.width, shape.height))
    let entries = batch.targets.indices.map { index in
      (
        picture: enlarged(image(index, of: batch.input), by: factor),
        caption: caption(batch.targets[index], classNames)
      )
    }
    var sheet = ContactSheet(
      columns: 4, cellWidth: min(max(shape.width * factor, smallestCell), 416),
      cellHeight: min(shape.height * factor, 416))
    sheet.textSize = 16
    try write(entries, on: sheet, to: folder)
  }

  /// The class, or `60% cat, 40% dog`.
  static func caption(_ target: ClassShares, _ classNames: [String]) -> String {
    guard !target.isPlain else { return classNames[target.label] }
    return target.shares.sorted { $0.share > $1.share }
      .map { "\(Int((100 * $0.share).rounded()))% \(classNames[$0.label])" }
      .joined(separator: ", ")
  }

  static func write(
    _ entries: [(picture: Image, caption: String)], on sheet: ContactSheet, to folder: RunFolder,
    named name: String = "batch.png"
  ) throws {
    try Folder.make(folder.plots)
    try sheet.image(entries).writePNG(to: URL(filePath: folder.plot(name)))
  }

  /// Every pixel as a square of so many.
  private static func enlarged(_ image: Image, by factor: Int) -> Image {
    guard factor > 1 else { return image }
    var large = Image(width: factor * image.width, height: factor * image.height)
    for y in 0..<large.height {
      for x in 0..<large.width { large[x, y] = image[x / factor, y / factor] }
    }
    return large
  }

  /// An image of a batch as bytes; grey ones as grey colours.
  static func image(_ index: Int, of input: Tensor) -> Image {
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
