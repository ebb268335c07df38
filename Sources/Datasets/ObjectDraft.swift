import Detection
import Foundation
import Geometry
import Images

/// An annotated picture of any format, with the names of its objects' classes: indices come last,
/// since the names may depend on all pictures.
struct ObjectDraft: Sendable {
  /// One object.
  struct Object: Sendable {
    let className: String
    let box: Box
    let isDifficult: Bool
    var detail: GroundTruthDetail?
    /// Where it is annotated.
    let file: String
    let line: Int?
    /// What the annotation says of its place, for messages.
    let place: String
    /// Whether it can be trained on.
    let hasArea: Bool

    var unknownClass: DataProblem {
      DataProblem(
        file: file, line: line, kind: .unknownClass,
        text: "'\(className)' is not in the list of classes")
    }

    var zeroArea: DataProblem {
      DataProblem(file: file, line: line, kind: .zeroArea, text: "'\(className)' \(place)")
    }
  }

  let id: String
  /// Used where several pictures have the same id.
  let qualifiedID: String
  /// The folder that the qualified id begins with; its own path tells apart what is still the same.
  var folder: URL?
  let image: ImageSource
  let size: PixelSize?
  let objects: [Object]
}

extension ObjectDraft {
  /// The id, with as many of its folders as it takes to tell every picture from the others.
  static func distinctIDs(_ drafts: [ObjectDraft]) -> [String] {
    var ids = drafts.map(\.id)
    for level in 0..<32 {
      let uses = Dictionary(ids.map { ($0, 1) }, uniquingKeysWith: +)
      var isDone = true
      for (i, draft) in drafts.enumerated() where uses[ids[i]] != 1 {
        let longer = draft.qualified(level)
        isDone = isDone && longer == ids[i]
        ids[i] = longer
      }
      if isDone { break }
    }
    return ids
  }

  /// The qualified id behind `level` more folders.
  private func qualified(_ level: Int) -> String {
    let path = folder?.pathComponents.dropLast().filter { $0 != "/" } ?? []
    return (path.suffix(level) + [qualifiedID]).joined(separator: "/")
  }
}

extension SampleSet<[GroundTruth]> {
  /// Objects of unknown classes and boxes without area are left out.
  init(_ drafts: [ObjectDraft], classNames: [String], problems: [DataProblem]) {
    let index = Dictionary(
      classNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    let ids = ObjectDraft.distinctIDs(drafts)
    var problems = problems
    var samples: [Sample<[GroundTruth]>] = []
    var details: [[GroundTruthDetail]] = []
    for (draft, id) in zip(drafts, ids) {
      var truths: [GroundTruth] = []
      var known: [GroundTruthDetail] = []
      for object in draft.objects {
        guard let classIndex = index[object.className] else {
          problems.append(object.unknownClass)
          continue
        }
        guard object.hasArea else {
          problems.append(object.zeroArea)
          continue
        }
        truths.append(
          GroundTruth(box: object.box, classIndex: classIndex, isDifficult: object.isDifficult))
        if let detail = object.detail { known.append(detail) }
      }
      samples.append(
        Sample(
          id: id, image: draft.image, target: truths, size: draft.size))
      details.append(known)
    }
    self.init(
      samples: samples, classNames: classNames, problems: problems,
      details: details.allSatisfy(\.isEmpty) ? [] : details)
  }
}
