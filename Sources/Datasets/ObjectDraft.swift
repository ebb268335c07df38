import Detection
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
  let image: ImageSource
  let size: PixelSize?
  let objects: [Object]
}

extension SampleSet<[GroundTruth]> {
  /// Objects of unknown classes and boxes without area are left out.
  init(_ drafts: [ObjectDraft], classNames: [String], problems: [DataProblem]) {
    let index = Dictionary(
      classNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    let uses = Dictionary(drafts.map { ($0.id, 1) }, uniquingKeysWith: +)
    var problems = problems
    var samples: [Sample<[GroundTruth]>] = []
    var details: [[GroundTruthDetail]] = []
    for draft in drafts {
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
          id: uses[draft.id] == 1 ? draft.id : draft.qualifiedID, image: draft.image,
          target: truths, size: draft.size))
      details.append(known)
    }
    self.init(
      samples: samples, classNames: classNames, problems: problems,
      details: details.allSatisfy(\.isEmpty) ? [] : details)
  }
}
