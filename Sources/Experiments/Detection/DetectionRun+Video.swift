package import Compute
import Detection
import Drawing
import Evaluation
import Files
import Foundation
package import Images
package import Training

extension DetectionRun {
  /// Which pictures of a film are looked at, and what is kept of them.
  package struct VideoRules {
    /// Every how many pictures one is looked at, at least 1.
    package var every = 1
    /// A folder for those pictures themselves, `STEM-NUMBER.jpg`, to choose from with `detector select`.
    package var frames: String?

    /// Every picture, and none is kept.
    package init() {}
  }

  /// How a film was gone through.
  package struct VideoOutcome: Equatable, Sendable {
    /// Pictures that were looked at.
    package var count = 0
    /// Whether it was ended from outside; what was seen until then is written.
    package var wasInterrupted = false
  }

  /// Looks at a film or a camera: a film with boxes, a table and a plot of how sure it is of each picture.
  ///
  /// ``pictures`` gets `STEM.mp4`, `STEM.csv` and `STEM.png`; ``json`` all detections, each picture by the
  /// name that it has among the kept ones.
  ///
  /// - Parameters:
  ///   - video: What is looked at.
  ///   - rules: Which pictures.
  ///   - backend: Does the work.
  ///   - console: Told which model it is and how far it is.
  ///   - interrupt: Ends it.
  /// - Returns: How it went.
  /// - Throws: Before the work if something cannot be read or written.
  package func run(
    on video: VideoSource, _ rules: VideoRules, backend: any Backend, _ console: Console,
    until interrupt: InterruptFlag
  ) throws -> VideoOutcome {
    // Whoever encodes may go away: that is an error to report.
    signal(SIGPIPE, SIG_IGN)
    for case let folder? in [pictures, rules.frames] { try Folder.make(folder) }
    if let json { try AtomicFile.check(json) }
    let prepared = try PreparedDetection(self, backend, console)
    let reader = try VideoReader(video)
    let film = reader.description
    console.mention(
      "\(video.place): \(film.width)x\(film.height), "
        + String(format: "%.5g pictures a second", film.rate)
        + (film.count.map { ", \($0) of them" } ?? "; Ctrl-C ends it"))
    let stem = video.stem
    let writer = try pictures.map {
      try VideoWriter(
        to: "\($0)/\(stem).mp4", width: film.width, height: film.height,
        rate: film.rate / Double(rules.every))
    }
    var outcome = VideoOutcome()
    var (clock, doubt) = (DetectionClock(), VideoDoubt())
    var found: [ImageDetections] = []
    var meter = console.meter(total: film.count ?? 0, unit: "pictures")
    var index = 0
    while let image = try reader.next() {
      defer { index += 1 }
      if interrupt.isRaised {
        outcome.wasInterrupted = true
        break
      }
      guard index % rules.every == 0 else { continue }
      let detections = try clock.timing { try prepared.detections(in: image) }
      let name = "\(stem)-" + String(format: "%06d", index) + ".jpg"
      if let frames = rules.frames { try image.writeJPEG(to: URL(filePath: "\(frames)/\(name)")) }
      try writer?.add(prepared.picture.drawing(detections, on: image))
      if json != nil { found.append(prepared.content(detections, of: image, file: name)) }
      doubt.add(detections, index: index, seconds: Double(index) / film.rate)
      meter.update(index + 1)
    }
    meter.finish()
    try writer?.finish()
    if let pictures {
      try AtomicFile.write(doubt.table, to: "\(pictures)/\(stem).csv")
      try doubt.plot(title: stem).writePNG(to: URL(filePath: "\(pictures)/\(stem).png"))
    }
    if let json { try AtomicFile.write([UInt8](JSONDetectionFile.data(found)), to: json) }
    outcome.count = clock.count
    console.mention(
      clock.text(
        "picture", doubt.objectCount, in: [pictures, json, rules.frames].compactMap { $0 }))
    return outcome
  }
}
