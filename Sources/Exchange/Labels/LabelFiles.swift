package import Evaluation
import Files
import Foundation
import Geometry

/// Detections as files of labels that annotation tools open, to be put right there: one file an image, named
/// after it.
///
/// Boxes are cut off at the edges of the image; those that lie outside are left out. Confidences have no
/// place in such files.
package enum LabelFiles: Sendable {
  /// VOC's XML, corners counted from 1, whole pixels: LabelImg, CVAT.
  case voc
  /// YOLO's text, shares of the image, and `classes.txt` with the names: LabelImg, CVAT, Ultralytics.
  case yolo

  /// Writes a file for each image, also for one in which nothing was found.
  ///
  /// - Parameters:
  ///   - images: With their sizes.
  ///   - classNames: Names in the order of YOLO's numbers.
  ///   - folder: Created if need be.
  /// - Throws: `FileError` if the system refuses, or if two images have one name.
  package func write(
    _ images: [ImageDetections], classNames: [String], to folder: String
  ) throws {
    try Folder.make(folder)
    var taken: [String: String] = [:]
    for image in images {
      let name = URL(filePath: image.file).deletingPathExtension().lastPathComponent
      if let other = taken.updateValue(image.file, forKey: name) {
        throw FileError(
          path: folder,
          reason: "\(other) and \(image.file) would have one file of labels, \(name); label one "
            + "folder at a time")
      }
    }
    for image in images {
      let name = URL(filePath: image.file).deletingPathExtension().lastPathComponent
      switch self {
      case .voc: try AtomicFile.write(xml(of: image), to: "\(folder)/\(name).xml")
      case .yolo: try AtomicFile.write(rows(of: image, classNames), to: "\(folder)/\(name).txt")
      }
    }
    if case .yolo = self {
      try AtomicFile.write(classNames.map { $0 + "\n" }.joined(), to: "\(folder)/classes.txt")
    }
  }

  /// What lies inside the image, with its edges in pixels.
  private func visible(_ image: ImageDetections) -> [(name: String, edges: [Double])] {
    let (width, height) = (Float(image.width ?? 0), Float(image.height ?? 0))
    return image.detections.compactMap { detection in
      let box = detection.box.clipped(width: width, height: height)
      guard box.width > 0, box.height > 0 else { return nil }
      return (detection.className, [box.left, box.top, box.right, box.bottom].map(Double.init))
    }
  }

  private func rows(of image: ImageDetections, _ classNames: [String]) -> String {
    let (width, height) = (Double(image.width ?? 0), Double(image.height ?? 0))
    return visible(image).compactMap { name, edges in
      classNames.firstIndex(of: name).map { index in
        let shares = [
          (edges[0] + edges[2]) / 2 / width, (edges[1] + edges[3]) / 2 / height,
          (edges[2] - edges[0]) / width, (edges[3] - edges[1]) / height,
        ]
        return "\(index) " + shares.map { String(format: "%.6f", $0) }.joined(separator: " ")
          + "\n"
      }
    }.joined()
  }

  private func xml(of image: ImageDetections) -> String {
    let (width, height) = (image.width ?? 0, image.height ?? 0)
    let url = URL(filePath: image.file)
    var text = """
      <annotation>
        <folder>\(Self.escaped(url.deletingLastPathComponent().lastPathComponent))</folder>
        <filename>\(Self.escaped(url.lastPathComponent))</filename>
        <size>
          <width>\(width)</width>
          <height>\(height)</height>
          <depth>3</depth>
        </size>
        <segmented>0</segmented>

      """
    for (name, edges) in visible(image) {
      // The first pixel is 1; a box has at least one.
      let left = min(Int(edges[0].rounded()) + 1, width)
      let top = min(Int(edges[1].rounded()) + 1, height)
      text += """
          <object>
            <name>\(Self.escaped(name))</name>
            <pose>Unspecified</pose>
            <truncated>0</truncated>
            <difficult>0</difficult>
            <bndbox>
              <xmin>\(left)</xmin>
              <ymin>\(top)</ymin>
              <xmax>\(max(left, Int(edges[2].rounded())))</xmax>
              <ymax>\(max(top, Int(edges[3].rounded())))</ymax>
            </bndbox>
          </object>

        """
    }
    return text + "</annotation>\n"
  }

  private static func escaped(_ text: String) -> String {
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")].reduce(text) {
      $0.replacing($1.0, with: $1.1)
    }
  }
}
