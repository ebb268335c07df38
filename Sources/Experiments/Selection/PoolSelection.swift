package import Compute
import Detection
import Drawing
package import Evaluation
import Files
import Foundation
import Images
package import Tasks
import Training

/// Looks at a pool of images with a model and chooses those that are most worth labelling next.
package struct PoolSelection {
  package var model: ModelChoice
  package var score: ImageScore
  package var selection: ImageSelection
  /// Detections need a larger confidence.
  package var confidence: Float = 0.05
  /// Per class, of two detections with a larger IoU the less confident is dropped.
  package var suppression: Float = 0.45
  /// The views of every image whose detections are joined; nil: the image as it is.
  package var views: ImageViews?
  /// A class is in an image with a detection of a larger confidence.
  package var classConfidence: Float = 0.25
  /// Why this score; said once the model is read.
  package var remark: String?

  package init(model: ModelChoice, score: ImageScore, selection: ImageSelection) {
    self.model = model
    self.score = score
    self.selection = selection
  }

  /// Chooses images, and writes what became of each into a folder.
  ///
  /// - Parameters:
  ///   - paths: The pool: images, or folders of images.
  ///   - labelled: Images that are labelled already.
  ///   - folder: Gets `selected.txt`, `selected.json` and `contact-sheet.png`.
  ///   - backend: Does the work.
  ///   - console: Told how far it is and which images cannot be read.
  /// - Returns: What became of the pool, and how many images of both lists could be read.
  /// - Throws: Before the work if something cannot be read or written, or if BALD is asked of a
  ///   network without a Bayesian branch.
  package func run(
    on paths: [String], labelled: [String], folder: String, backend: any Backend,
    _ console: Console
  ) throws -> (result: SelectionResult, outcome: ImageWalk.Outcome) {
    let files = try ImageFile.list(paths)
    let known = labelled.isEmpty ? [] : try ImageFile.list(labelled)
    // A place that cannot be written to must show before the work, not after it.
    try Folder.make(folder)
    let viewer = try viewer(backend, console)
    console.mention(viewer.introduction)
    if let remark { console.mention(remark) }
    if let known = KnownImages(model) {
      // The ids of a pool are names of files.
      let overlap = known.overlap(with: files.map { ($0.stem, .file($0.url)) })
      for caution in known.cautions(overlap) { console.say("note: \(caution)") }
    }
    var pool: [ScoredImage] = []
    let outcome = try ImageWalk(files, console).forEach(counts: true) { _, file, image in
      pool.append(try viewer.look(file, image))
    }
    var hashes: [(file: ImageFile, hash: DifferenceHash)] = []
    let knownOutcome = try ImageWalk(known, console).forEach { _, file, image in
      hashes.append((file, DifferenceHash(image)))
    }
    let result = SelectionResult(
      pool, labelled: hashes, settings: settings(of: viewer, labelled: hashes.count),
      verdicts: selection.verdicts(pool.map(\.candidate), labelled: hashes.map(\.hash)),
      classNames: viewer.classNames)
    try result.write(to: folder, pool)
    return (result, outcome + knownOutcome)
  }

  private func settings(of viewer: Viewer, labelled: Int) -> SelectionResult.Settings {
    let finds = viewer.findsObjects
    return SelectionResult.Settings(
      model: viewer.origin, score: score.measure, aggregate: finds ? score.aggregate : nil,
      top: finds && score.aggregate == .topK ? score.count : nil, balance: selection.balance,
      budget: selection.budget, hashDistance: selection.duplicateDistance, labelled: labelled,
      confidence: finds ? confidence : nil, classConfidence: classConfidence)
  }
}

extension SelectionResult {
  /// Images on the contact sheet, at most.
  private static let sheetCount = 100

  /// Writes the list of the chosen images, all numbers, and the chosen images side by side.
  func write(to folder: String, _ pool: [ScoredImage]) throws {
    try AtomicFile.write(
      selected.map { $0.path + "\n" }.joined(), to: folder + "/selected.txt")
    try JSONFile.write(self, to: folder + "/selected.json")
    var sheet = ContactSheet(columns: 4, cellWidth: 320, cellHeight: 240)
    sheet.textSize = 16
    let painters = Dictionary(
      pool.map { ($0.file.path, $0.painted) }, uniquingKeysWith: { first, _ in first })
    let entries = try selected.prefix(Self.sheetCount).map { entry in
      let image = try Image.read(URL(filePath: entry.path))
      return (
        picture: painters[entry.path]?(image, sheet) ?? sheet.thumbnail(of: image),
        caption: "\(entry.rank ?? 0)  " + String(format: "%.3f  ", entry.score) + entry.caption
      )
    }
    try sheet.image(entries).writePNG(to: URL(filePath: folder + "/contact-sheet.png"))
  }
}

extension SelectionResult.Entry {
  /// What the sheet says below the picture: the file, and the answer of a classifier.
  fileprivate var caption: String {
    let name = URL(filePath: path).lastPathComponent
    return detections == nil ? ([name] + classes.keys.sorted()).joined(separator: "  ") : name
  }
}
