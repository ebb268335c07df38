import Files
import Foundation
package import Geometry
package import Keypoints

extension KeypointFile {
  /// A picture to be written, with its persons or with its objects' centres.
  package struct Row {
    /// The picture's path, as seen from the file's folder.
    package let path: String
    /// The picture's size; nil: not said.
    package let size: PixelSize?
    /// Its split; nil: not divided.
    package let split: String?
    /// Its persons in pixels of the picture; of centres one that has them all.
    package let truths: [KeypointTruth]

    /// A picture.
    package init(path: String, size: PixelSize?, split: String?, truths: [KeypointTruth]) {
      self.path = path
      self.size = size
      self.split = split
      self.truths = truths
    }
  }

  /// Replaces a file by pictures and what is annotated in them.
  ///
  /// - Parameters:
  ///   - rows: The pictures.
  ///   - layout: What their keypoints are.
  ///   - areCenters: Whether keypoints are centres of objects, which may be there several times.
  ///   - path: The file.
  /// - Throws: `FileError` if the system refuses; the encoder's error for NaN and infinity.
  package static func write(
    _ rows: [Row], layout: KeypointLayout, areCenters: Bool, to path: String
  ) throws {
    let file = KeypointFile(
      format: format, units: units, names: layout.names,
      flip: layout.pairs.map { [.index($0.0), .index($0.1)] },
      skeleton: layout.edges.map { [.index($0.from), .index($0.to)] },
      sigmas: layout.deviations,
      images: rows.map { row in
        Picture(
          file: row.path, width: row.size.map { WholePixels($0.width) },
          height: row.size.map { WholePixels($0.height) }, split: row.split,
          persons: areCenters ? nil : row.truths.map { Person($0) },
          centers: areCenters ? row.truths.flatMap(\.points).map { Center($0) } : nil)
      })
    try JSONFile.write(file, to: path)
  }
}

extension KeypointFile.Person {
  fileprivate init(_ truth: KeypointTruth) {
    func sides(_ box: Box?) -> [Double]? {
      box.map { [Double($0.left), Double($0.top), Double($0.width), Double($0.height)] }
    }
    self.init(
      keypoints: (0..<truth.layout.count).map { index in
        truth[index].map { [$0.position.x, $0.position.y, $0.isOccluded ? 1 : 2] }
      }, region: sides(truth.region), box: sides(truth.sizes.box), area: truth.sizes.area,
      head: truth.sizes.head, ignored: truth.sizes.isIgnored ? true : nil)
  }
}

extension KeypointFile.Center {
  fileprivate init(_ point: LabelledKeypoint) {
    self.init(
      kind: .index(point.index), x: point.position.x, y: point.position.y,
      width: point.extent?.x, height: point.extent?.y, occluded: point.isOccluded ? true : nil)
  }
}
