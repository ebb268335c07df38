import Foundation
import Geometry
import Images
package import Keypoints

extension RecognizedDataset {
  /// Whether samples can have keypoints; COCO's may have boxes as well, and the task decides.
  package var hasKeypoints: Bool {
    switch content {
    case .keypoints: true
    case .coco(let set): !set.keypointFiles.isEmpty
    case .voc, .yolo, .cifar, .files: false
    }
  }

  /// Whether keypoints are the centres of a picture's objects; otherwise those of one person each.
  package var hasCenters: Bool {
    guard case .keypoints(let set) = content else { return false }
    return set.areCenters
  }

  /// The annotated keypoints; nil if there are none.
  ///
  /// - Throws: `FileError`, ``DataError`` of files that are read only now.
  func keypointSet(_ rules: ReadingRules) throws -> KeypointSet? {
    switch content {
    case .keypoints(let set): return set
    case .coco(let set) where !set.keypointFiles.isEmpty:
      return try KeypointSet(
        coco: COCOSet.splits(of: set.keypointFiles, at: set.url), hasCorners: rules.cornerBoxes)
    case .coco, .voc, .yolo, .cifar, .files: return nil
    }
  }

  /// The samples of a split, as the set itself counts keypoints.
  fileprivate func keypointSamples(
    _ split: String, rules: ReadingRules, problems: inout [DataProblem]
  ) throws -> (layout: KeypointLayout, samples: [Sample<KeypointTruth>]) {
    guard let set = try keypointSet(rules) else {
      throw DataError.otherTarget(
        argument.url.path, format: format.rawValue,
        has: format.hasClasses ? "one class per image" : "objects with boxes",
        needs: "keypoints of persons or centres of objects")
    }
    let names = set.parts.map(\.name)
    guard let choice = SplitChoice(split, of: names, by: rules.shares) else {
      throw DataError.unknownSplit(
        folder: argument.url.path, split: split, available: SplitChoice.names(of: names))
    }
    var samples = set.samples(try choice.checked(place: argument.url.path), problems: &problems)
    // A picture of nothing teaches where no object is; a person without keypoints teaches nothing.
    if !set.areCenters, ["train", "trainval"].contains(SplitChoice.canonical(split)) {
      let unlabelled = samples.filter(\.target.points.isEmpty)
      problems += unlabelled.map {
        DataProblem(
          file: $0.image.path, kind: .noKeypoints, text: "'\($0.id)' is not trained on")
      }
      samples.removeAll(where: \.target.points.isEmpty)
    }
    return (set.layout, samples)
  }
}

extension [RecognizedDataset] {
  /// Reads the annotations of one split of every set: a sample a person, or a picture of objects' centres.
  ///
  /// Positions are pixels of the upright picture, 0-based continuous edges. Persons without a labelled
  /// keypoint are left out of `train` and `trainval`.
  ///
  /// - Parameters:
  ///   - split: The split of sets that name none: `train`, `val`, `trainval`, `test`, `all`.
  ///   - layoutNames: The keypoints to find; nil takes those of the sets, which must be the same. Others are
  ///     left out, and listed once.
  ///   - rules: How the sets are read.
  /// - Returns: The samples in the order of the sets; class names are those of the keypoints.
  /// - Throws: ``DataError`` for an unknown split or a share of nothing, a set without keypoints, sets of
  ///   different keypoints, or if nothing is left; `FileError` for a file that cannot be read.
  package func keypoints(
    split: String, layoutNames: [String]? = nil, rules: ReadingRules = ReadingRules()
  ) throws -> SampleSet<KeypointTruth> {
    var problems: [DataProblem] = []
    var found:
      [(set: RecognizedDataset, layout: KeypointLayout, samples: [Sample<KeypointTruth>])] =
        []
    for set in self {
      let (layout, samples) = try set.keypointSamples(
        set.argument.split ?? split, rules: rules, problems: &problems)
      found.append((set, layout, samples))
    }
    guard let first = found.first else { throw DataError.empty(folder: "", reason: "no set") }
    for other in found.dropFirst() {
      try first.layout.requireAgreement(
        with: other.layout, places: (first.set.argument.url.path, other.set.argument.url.path))
    }
    // The skeleton and the sigmas may be known to one of the sets alone.
    var layout =
      found.map(\.layout).first { $0.deviations != nil }
      ?? found.map(\.layout).first { !$0.edges.isEmpty } ?? first.layout
    var indices: [Int?] = layout.names.indices.map { $0 }
    if let layoutNames, layoutNames != layout.names {
      indices = layout.names.map { layoutNames.firstIndex(of: $0) }
      if indices.allSatisfy({ $0 == nil }) {
        throw DataError.otherTarget(
          place, format: first.set.format.rawValue,
          has: "the keypoints \(layout.names.prefix(20).joined(separator: ", "))",
          needs: layoutNames.prefix(20).joined(separator: ", "))
      }
      problems += zip(layout.names, indices).filter { $0.1 == nil }.map {
        DataProblem(
          file: place, kind: .unknownClass, text: "'\($0.0)' is not in the list of keypoints")
      }
      layout = try layout.taking(layoutNames, indices: indices)
    }
    var ids = Set<String>()
    let samples = found.flatMap { set, _, samples in
      samples.map { sample in
        var id = sample.id
        if !ids.insert(id).inserted {
          id = set.argument.url.deletingPathExtension().lastPathComponent + "/" + id
          while !ids.insert(id).inserted { id += "'" }
        }
        return Sample(
          id: id, image: sample.image, target: sample.target.taking(layout, indices: indices),
          size: sample.size)
      }
    }
    return try SampleSet(samples: samples, classNames: layout.names, problems: problems)
      .checked(place: place, empty: emptiness(of: split, by: rules.shares), target: "keypoints")
  }
}

extension KeypointLayout {
  /// Refuses other names, another order of them, and other flip pairs.
  fileprivate func requireAgreement(
    with other: KeypointLayout, places: (String, String)
  ) throws {
    let reason: String
    if names.count != other.names.count {
      reason = "\(other.count) keypoints, \(places.0) has \(count)"
    } else if let index = names.indices.first(where: { names[$0] != other.names[$0] }) {
      reason =
        "keypoint \(index) is '\(other.names[index])', of \(places.0) it is '\(names[index])'"
    } else if let index = partners.indices.first(where: { partners[$0] != other.partners[$0] }) {
      reason =
        "mirrored, '\(names[index])' becomes '\(names[other.partners[index]])', of \(places.0) "
        + "'\(names[partners[index]])'"
    } else {
      return
    }
    throw DataError.folder(
      places.1, reason: reason + "; sets that are read together must have the same keypoints")
  }

  /// The same keypoints under other numbers.
  ///
  /// - Parameters:
  ///   - others: All names of the new layout.
  ///   - indices: For each of these keypoints its number there; nil: it is not there.
  /// - Returns: The new layout; pairs of names that are new are those of ``SideNames``.
  /// - Throws: `KeypointError` for names that are not distinct.
  fileprivate func taking(_ others: [String], indices: [Int?]) throws -> KeypointLayout {
    func moved(_ first: Int, _ second: Int) -> (Int, Int)? {
      if let first = indices[first], let second = indices[second] { (first, second) } else { nil }
    }
    let known = pairs.compactMap { moved($0.0, $0.1) }
    let taken = Set(known.flatMap { [$0.0, $0.1] }).union(indices.compactMap(\.self))
    let named = SideNames.pairs(of: others).filter {
      !taken.contains($0.0) && !taken.contains($0.1)
    }
    var deviations = [Double?](repeating: nil, count: others.count)
    for (index, deviation) in zip(indices, self.deviations ?? []) {
      if let index { deviations[index] = deviation }
    }
    let all = deviations.compactMap(\.self)
    return try KeypointLayout(
      names: others, pairs: known + named,
      edges: edges.compactMap { edge in moved(edge.from, edge.to).map { Edge($0.0, $0.1) } },
      deviations: all.count == others.count ? all : nil)
  }
}

extension KeypointTruth {
  /// The keypoints under the numbers of another layout; those that it lacks are left out.
  fileprivate func taking(_ other: KeypointLayout, indices: [Int?]) -> KeypointTruth {
    var result = self
    result.layout = other
    result.points = points.compactMap { point in
      guard let index = indices[point.index] else { return nil }
      var moved = point
      moved.index = index
      return moved
    }
    return result
  }
}
