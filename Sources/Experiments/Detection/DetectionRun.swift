package import Compute
package import Detection
import Drawing
package import Evaluation
package import Exchange
import Files
import Foundation
import Geometry
import Images
package import Tasks
import Training

/// Finds objects in images and writes them down: as pictures, JSON and VOC's text files.
package struct DetectionRun {
  package var model: ModelChoice
  /// Detections need a larger confidence, after recalibration.
  package var confidence: Float = 0.25
  /// Per class, of two detections with a larger IoU the less confident is dropped.
  package var suppression: Float = 0.45
  /// The views of every image whose detections are joined; nil: the image as it is.
  package var views: ImageViews?
  /// What detections are ranked by.
  package var ranking = RankingScore.confidence
  /// Whether boxes that suppression merges have a say in the box that is kept.
  package var votesBoxes = false
  /// Whether pictures show how far the edges of boxes may be off.
  package var showsEdges = false
  /// Whether pictures say how likely each detection is right, and how well its box is expected to be placed.
  package var showsTrust = false
  /// Which classes of a box are reported.
  package var classes = BoxDecoder.ClassRule.best
  /// A file of `detector calibrate --thresholds`: what each class's confidence, before recalibration,
  /// must exceed instead of ``confidence``.
  package var thresholds: String?
  /// A file of `detector calibrate` that recalibrates the confidences.
  package var calibration: String?
  /// A file of `detector calibrate` that tells how likely each detection is right.
  package var probability: String?
  /// A folder for the images with boxes.
  package var pictures: String?
  /// A file for JSON.
  package var json: String?
  /// A folder for VOC's text files.
  package var voc: String?
  /// Folders for files of labels, which annotation tools open.
  package var labels: [(kind: LabelFiles, folder: String)] = []
  /// A file for COCO's results.
  package var coco: String?

  package init(model: ModelChoice) { self.model = model }

  /// Looks at the images.
  ///
  /// - Parameters:
  ///   - paths: Images, or folders of images.
  ///   - backend: Does the work.
  ///   - console: Told which model it is and which images cannot be read.
  ///   - each: Gets what was found in an image as soon as it is known.
  /// - Returns: How many images could be read; all of those are in the files.
  /// - Throws: Before the work if something cannot be read or written.
  package func run(
    on paths: [String], backend: any Backend, _ console: Console,
    each: (ImageDetections) throws -> Void
  ) throws -> ImageWalk.Outcome {
    let files = try ImageFile.list(paths)
    // Places that cannot be written to must show before the work, not after it.
    for case let folder? in [pictures, voc] + labels.map(\.folder) { try Folder.make(folder) }
    let folder = try pictures.map { try PictureFolder($0, sources: files) }
    for case let file? in [json, coco] { try AtomicFile.check(file) }
    let prepared = try PreparedDetection(self, backend, console)
    var found: [(file: ImageFile, content: ImageDetections)] = []
    var clock = DetectionClock()
    let outcome = try ImageWalk(files, console).forEach { _, file, image in
      let detections = try clock.timing { try prepared.detections(in: image) }
      try folder?.write(prepared.picture.drawing(detections, on: image), of: file)
      let content = prepared.content(detections, of: image, file: file.path)
      try each(content)
      found.append((file, content))
    }
    if let json {
      try AtomicFile.write([UInt8](JSONDetectionFile.data(found.map(\.content))), to: json)
    }
    if let voc {
      let named = found.map { $1.named($0.stem) }
      try VOCDetectionFile.write(named, classNames: prepared.classNames, to: URL(filePath: voc))
    }
    for (kind, folder) in labels {
      try kind.write(found.map(\.content), classNames: prepared.classNames, to: folder)
    }
    if let coco {
      try COCOResults.write(found.map(\.content), classNames: prepared.classNames, to: coco)
    }
    let places = [pictures, json, voc, coco].compactMap { $0 } + labels.map(\.folder)
    console.mention(
      clock.text(
        "image", found.reduce(0) { $0 + $1.content.detections.count },
        in: places.filter { !AtomicFile.isStandardOutput($0) }))
    return outcome
  }
}

extension ImageDetections {
  /// The same as VOC's files have it: by the image's name, boxes cut off at its edges.
  fileprivate func named(_ name: String) -> ImageDetections {
    var content = self
    content.file = name
    if let width = content.width, let height = content.height {
      for index in content.detections.indices {
        content.detections[index].box = content.detections[index].box.clipped(
          width: Float(width), height: Float(height))
      }
    }
    return content
  }
}
