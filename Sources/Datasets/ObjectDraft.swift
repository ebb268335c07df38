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

extension ObjectDraft {
  /// Ids that differ: the picture's own, with its set where several have the same, with as many
  /// folders above that as it takes where the sets have the same name too.
  static func distinctIDs(_ drafts: [ObjectDraft]) -> [String] {
    func uses(_ ids: [String]) -> [String: Int] {
      Dictionary(ids.map { ($0, 1) }, uniquingKeysWith: +)
    }
    let own = uses(drafts.map(\.id))
    var ids = drafts.map { own[$0.id] == 1 ? $0.id : $0.qualifiedID }
    for depth in 1...8 {
      let count = uses(ids)
      if count.count == ids.count { break }
      for index in ids.indices where count[ids[index]] != 1 {
        ids[index] = drafts[index].id(foldersAbove: depth)
      }
    }
    return ids
  }

  private func id(foldersAbove depth: Int) -> String {
    let folders = image.path.split(separator: "/").dropLast()
    let set = qualifiedID.prefix { $0 != "/" }
    let above = folders.prefix(upTo: folders.lastIndex(of: set) ?? folders.endIndex)
    return (above.suffix(depth).map(String.init) + [qualifiedID]).joined(separator: "/")
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
