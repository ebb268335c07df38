package import Detection
import Foundation
import Images
import Keypoints

extension RecognizedDataset {
  /// Names of the parts that the set is divided into; VOC's are its own affair.
  var partNames: [String] {
    switch content {
    case .voc: []
    case .coco(let set): set.parts.map(\.name)
    case .yolo(let set): set.parts.map(\.name)
    case .cifar(let set): set.partNames
    case .files(let set): set.parts.map(\.name)
    case .keypoints(let set): set.parts.map(\.name)
    }
  }

  /// What a split is made of; of VOC what no list says.
  private func choices(_ split: String, by shares: SplitShares) -> [SplitChoice] {
    if case .voc(let folders) = content {
      return VOCSplit.choices(of: folders, split: split, shares: shares)
    }
    return [SplitChoice(split, of: partNames, by: shares)].compactMap(\.self)
  }

  /// What is set aside of the set where it does not say itself what a split is, for people; nil
  /// where it does.
  ///
  /// - Parameters:
  ///   - split: The split of a set that names none.
  ///   - shares: What was asked for.
  /// - Returns: Shares, of what, and the seed that chooses them.
  package func sharing(_ split: String, by shares: SplitShares) -> String? {
    choices(argument.split ?? split, by: shares).lazy.compactMap {
      $0.sharing(unit: format.hasClasses ? "images of each class" : "images")
    }.first
  }

  /// Whether a share for testing is kept from a split, which is that of a set that names none.
  package func keepsTestShare(from split: String, by shares: SplitShares) -> Bool {
    choices(argument.split ?? split, by: shares).contains {
      if case .share(_, _, let shares) = $0 { shares.test > 0 } else { false }
    }
  }

  /// What a split is made of.
  ///
  /// - Throws: ``DataError/unknownSplit(folder:split:available:)``, ``DataError/nothingToTest(_:)``.
  private func choice(_ split: String, by shares: SplitShares) throws -> SplitChoice {
    guard let choice = choices(split, by: shares).first else {
      throw DataError.unknownSplit(
        folder: argument.url.path, split: split, available: SplitChoice.names(of: partNames))
    }
    return try choice.checked(place: argument.url.path)
  }

  /// Refuses a set of the other kind.
  fileprivate func require(objects: Bool) throws {
    guard objects ? !format.hasObjects : !format.hasClasses else { return }
    let has =
      format.hasObjects
      ? "objects with boxes" : format.hasClasses ? "one class per image" : "keypoints"
    throw DataError.otherTarget(
      argument.url.path, format: format.rawValue, has: has,
      needs: objects
        ? "objects with boxes" : "images of one class each, as of CIFAR or folders of classes,")
  }

  /// The class names that the set itself lists; nil if only its objects or nothing tell them.
  fileprivate var listedNames: [String]? {
    switch content {
    case .voc: nil
    case .coco(let set): set.classNames
    case .yolo(let set): set.classNames
    case .cifar(let set): set.classNames
    case .files(let set): set.classNames
    case .keypoints(let set): set.layout.names
    }
  }

  /// The names that indices in the set's files mean.
  fileprivate func indexNames(_ given: [String]?) throws -> [String] {
    if let names = listedNames ?? given { return names }
    let looked =
      if case .cifar = content { "batches.meta.txt or fine_label_names.txt" } else {
        "data.yaml, classes.txt or .names file"
      }
    throw DataError.noClassNames(argument.url.path, looked: looked)
  }

  /// The annotated pictures of a split of COCO or YOLO.
  fileprivate func drafts(
    _ split: String, by shares: SplitShares, classNames: [String]?,
    problems: inout [DataProblem]
  ) throws -> [ObjectDraft] {
    let choice = try choice(split, by: shares)
    func chosen<Element>(
      _ part: (String) -> [Element], id: (Element) -> String
    ) -> [Element] {
      switch choice {
      case .parts(let names): return names.flatMap(part)
      case .share(let share, let name, let shares):
        // As of VOC, the choice is among the sorted ids.
        let all = part(name)
        let sorted = all.indices.sorted { id(all[$0]) < id(all[$1]) }
        return shares.indices(of: share, count: all.count, using: shares.random)
          .map { sorted[$0] }.sorted().map { all[$0] }
      }
    }
    switch content {
    case .coco(let set):
      return chosen(
        { name in
          set.parts.filter { $0.name == name }.flatMap { set.drafts($0, problems: &problems) }
        },
        id: \.id)
    case .yolo(let set):
      let entries = chosen(
        { name in set.parts.filter { $0.name == name }.flatMap(\.entries) }, id: \.id)
      return try set.drafts(entries, classNames: indexNames(classNames), problems: &problems)
    case .voc, .cifar, .files, .keypoints: return []
    }
  }

  /// The pictures of a set with labels, which count `classNames`.
  fileprivate func labelled(
    _ split: String, by shares: SplitShares, indices: [String: Int], given: [String]?,
    problems: inout [DataProblem]
  ) throws -> [Sample<Int>] {
    let samples: [Sample<Int>]
    switch content {
    case .cifar(let set): samples = try set.samples(choice(split, by: shares))
    case .files(let set):
      samples = try set.samples(choice(split, by: shares))
      problems += set.problems + set.gaps
    case .voc, .coco, .yolo, .keypoints: return []
    }
    let names = try indexNames(given)
    return samples.compactMap { sample in
      guard names.indices.contains(sample.target), let index = indices[names[sample.target]] else {
        let name = names.indices.contains(sample.target) ? names[sample.target] : "\(sample.target)"
        problems.append(
          DataProblem(
            file: sample.image.path, kind: .unknownClass,
            text: "'\(name)' is not in the list of classes"))
        return nil
      }
      return Sample(id: sample.id, image: sample.image, target: index, size: sample.size)
    }
  }
}

extension [RecognizedDataset] {
  /// Reads the annotations (not the images) of one split of every set.
  ///
  /// Unusable images and objects are left out and listed; an image without objects stays, as a
  /// picture of nothing.
  ///
  /// - Parameters:
  ///   - split: The split of sets that name none: `train`, `val`, `trainval`, `test`, `all`.
  ///   - classNames: The classes to find; nil takes those of the sets: as listed, of VOC sorted.
  ///   - rules: How the sets are read.
  /// - Returns: The samples in the order of the sets.
  /// - Throws: ``DataError`` for an unknown split or a share of nothing, a set without boxes, or if nothing is left;
  ///   `FileError` for a file that cannot be read.
  package func objects(
    split: String, classNames: [String]? = nil, rules: ReadingRules = ReadingRules()
  ) throws -> SampleSet<[GroundTruth]> {
    for set in self { try set.require(objects: true) }
    var reader = VOCReader(rules)
    var drafts: [ObjectDraft] = []
    var problems: [DataProblem] = []
    for set in self {
      let split = set.argument.split ?? split
      if case .voc(let folders) = set.content {
        try reader.read(folders, at: set.argument.url.path, split: split)
      } else {
        drafts += try set.drafts(
          split, by: rules.shares, classNames: classNames, problems: &problems)
      }
    }
    let names = classNames ?? names(and: reader.classNames)
    let data = try SampleSet(
      reader.drafts + drafts, classNames: names, problems: reader.problems + problems
    ).checked(place: place, empty: emptiness(of: split, by: rules.shares), target: "objects")
    if ["train", "trainval"].contains(SplitChoice.canonical(split)) {
      try data.requireObjects(place: place)
    }
    return data
  }

  /// Reads the labels of one split of every set.
  ///
  /// Parameters as of ``objects(split:classNames:rules:)``; shares are those of each class. Images of
  /// unknown classes are left out and listed.
  ///
  /// - Throws: ``DataError`` for an unknown split, a set without labels, or if nothing is left.
  package func labels(
    split: String, classNames: [String]? = nil, rules: ReadingRules = ReadingRules()
  ) throws -> SampleSet<Int> {
    for set in self { try set.require(objects: false) }
    let names = classNames ?? names(and: [])
    let indices = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    var problems: [DataProblem] = []
    let samples = try flatMap { set in
      try set.labelled(
        set.argument.split ?? split, by: rules.shares, indices: indices, given: classNames,
        problems: &problems)
    }
    return try SampleSet(samples: samples, classNames: names, problems: problems)
      .checked(place: place, empty: emptiness(of: split, by: rules.shares), target: "classes")
  }

  /// Where the sets lie, for messages.
  var place: String { map(\.argument.url.path).joined(separator: ", ") }

  /// Why there may be no image in the splits that were asked for.
  func emptiness(of split: String, by shares: SplitShares) -> String {
    let names = Set(map { "'\($0.argument.split ?? split)'" }).sorted().joined(separator: ", ")
    let isShared = contains { $0.sharing(split, by: shares) != nil }
    return "split \(names) is empty"
      + (isShared ? ": too few images for the shares \(shares.text)" : "")
  }

  /// Listed names in the order of the sets, then others.
  private func names(and others: [String]) -> [String] {
    (flatMap { $0.listedNames ?? [] } + others).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }
}

extension SampleSet<[GroundTruth]> {
  /// Refuses to train on pictures of nothing.
  fileprivate func requireObjects(place: String) throws {
    let objects = samples.lazy.flatMap(\.target)
    guard objects.allSatisfy(\.isDifficult) else { return }
    let first = DataProblem.summary(of: problems.filter { !$0.kind.isUsed }).first
    let reason =
      objects.isEmpty
      ? "none of \(samples.count) images has an object"
        + " of the classes \(classNames.joined(separator: ", "))"
      : "all \(objects.count) objects are difficult, which training leaves out"
    throw DataError.nothingToLearn(
      folder: place, reason: reason + (first.map { "; " + $0 } ?? ""))
  }

  /// Reads `--voc` arguments, see ``Swift/Array/objects(split:classNames:rules:)``.
  ///
  /// - Throws: ``DataError`` for a folder without annotations, an unknown split, or if nothing is
  ///   left.
  package init(
    voc sources: [DataArgument], split: String, classNames: [String]? = nil,
    rules: ReadingRules = ReadingRules()
  ) throws {
    self = try sources.map { try RecognizedDataset(voc: $0) }.objects(
      split: split, classNames: classNames, rules: rules)
  }
}
