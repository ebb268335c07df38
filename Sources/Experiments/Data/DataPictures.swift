import Datasets
import Detection
import Drawing
import Files
import Foundation
import Geometry
import Images
import Keypoints
import Tasks

/// Pictures of what data say: a sheet of images with their labels, and how large labelled boxes are.
package struct DataPictures {
  /// Images of a sheet.
  private static let imageCount = 24

  private let choice: DataChoice
  private let classNames: [String]?

  /// Pictures of all splits of data.
  package init(_ choice: DataChoice, classNames: [String]?) {
    self.choice = choice
    self.classNames = classNames
  }

  /// Writes `labels.png` and, of objects in boxes, `sizes.png` into a folder.
  ///
  /// Images at equal steps through the data are shown; those that cannot be read are left out, as the check
  /// names them.
  ///
  /// - Returns: The files.
  /// - Throws: `DataError`, `FileError`.
  package func write(to folder: String) throws -> [String] {
    let sets = try choice.sets()
    try Folder.make(folder)
    if sets.allSatisfy(\.format.hasObjects) {
      return try write(
        try sets.objects(split: "all", classNames: classNames, rules: choice.rules), to: folder)
    }
    if sets.allSatisfy(\.hasKeypoints) {
      let data = try KeypointTask.read(
        sets, split: "all", classNames: classNames, rules: choice.rules)
      return [
        try sheet(of: data.samples, to: folder) { sample, image, cell in
          let painter = KeypointPainter(
            layout: sample.target.layout, areJoints: sample.target.region != nil)
          return painter.view(
            of: image, painter.found(sample.target), region: sample.target.region,
            side: cell.cellHeight)
        }
      ]
    }
    let data = try ClassificationTask.read(
      sets, split: "all", classNames: classNames, rules: choice.rules)
    return [
      try sheet(
        of: data.samples, to: folder, named: { data.classNames[$0.target] },
        painted: { _, image, cell in cell.thumbnail(of: image) })
    ]
  }

  private func write(_ data: SampleSet<[GroundTruth]>, to folder: String) throws -> [String] {
    var painter = DetectionPicture(classNames: data.classNames)
    painter.showsConfidence = false
    let labels = try sheet(of: data.samples, to: folder) { sample, image, cell in
      let objects = sample.target.map {
        Detection(box: $0.box, classIndex: $0.classIndex, confidence: 1, objectness: 1)
      }
      return painter.drawing(objects, on: image, in: cell)
    }
    var boxes = [[Box]](repeating: [], count: data.classNames.count)
    for object in data.samples.flatMap(\.target) { boxes[object.classIndex].append(object.box) }
    let sizes = folder + "/sizes.png"
    try BoxHistograms(zip(data.classNames, boxes).map { (name: $0, boxes: $1) })
      .image(title: "objects of \((choice.voc + choice.other).joined(separator: ", "))")
      .writePNG(to: URL(filePath: sizes))
    return [labels, sizes]
  }

  private func sheet<Target>(
    of samples: [Sample<Target>], to folder: String,
    named name: (Sample<Target>) -> String = { $0.id },
    painted: (Sample<Target>, Image, ContactSheet) -> Image
  ) throws -> String {
    var cell = ContactSheet(columns: 4, cellWidth: 360, cellHeight: 300)
    cell.textSize = 16
    let entries = RunFindings.spread(samples, Self.imageCount).compactMap { sample in
      (try? sample.image.read()).map {
        (picture: painted(sample, $0, cell), caption: name(sample))
      }
    }
    let path = folder + "/labels.png"
    try cell.image(entries).writePNG(to: URL(filePath: path))
    return path
  }
}
