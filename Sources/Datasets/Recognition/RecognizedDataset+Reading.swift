package import Detection
import Foundation
import Images

extension RecognizedDataset {
  /// Names of the parts that the set is divided into; VOC's are its own affair.
  var partNames: [String] {
    switch content {
    case .voc: []
    case .coco(let set): set.parts.map(\.name)
    case .yolo(let set): set.parts.map(\.name)
    case .cifar(let set): set.partNames
    }
  }

  /// What a split is made of.
  ///
  /// - Throws: ``DataError/unknownSplit(folder:split:available:)``.
  func choice(_ split: String) throws -> SplitChoice {
    guard let choice = SplitChoice(split, of: partNames) else {
      throw DataError.unknownSplit(
        folder: argument.url.path, split: split, available: SplitChoice.names(of: partNames))
    }
    return choice
  }

  /// Refuses a set of the other kind.
  fileprivate func require(objects: Bool) throws {
    guard format.hasObjects != objects else { return }
    throw DataError.otherTarget(
      argument.url.path, format: format.rawValue,
      has: objects ? "one class per image" : "objects with boxes",
      needs: objects ? "objects with boxes" : "images of one class each, as of CIFAR,")
  }

  /// The class names that the set itself lists; nil if only its objects or nothing tell them.
  fileprivate var listedNames: [String]? {
    switch content {
    case .voc: nil
    case .coco(let set): set.classNames
    case .yolo(let set): set.classNames
    case .cifar(let set): set.classNames
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

  /// The annotated pictures of COCO or YOLO parts.
  func drafts(
    _ choice: SplitChoice, classNames: [String]?, valFraction: Float, seed: UInt64,
    problems: inout [DataProblem]
  ) throws -> [ObjectDraft] {
    func chosen<Element>(
      _ part: (String) -> [Element], id: (Element) -> String
    ) -> [Element] {
      switch choice {
      case .parts(let names): return names.flatMap(part)
      case .share(let name, let isValidation):
        // As of VOC, the choice is among the sorted ids.
        let all = part(name)
        let sorted = all.indices.sorted { id(all[$0]) < id(all[$1]) }
        return SplitChoice.seeded(
          count: all.count, fraction: valFraction, isValidation: isValidation,
          using: SplitChoice.random(seed: seed)
        ).map { sorted[$0] }.sorted().map { all[$0] }
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
    case .voc, .cifar: return []
    }
  }

  /// The pictures of a set with labels, which count `classNames`.
  fileprivate func labelled(
    _ split: String, indices: [String: Int], valFraction: Float, seed: UInt64, given: [String]?,
    problems: inout [DataProblem]
  ) throws -> [Sample<Int>] {
    guard case .cifar(let set) = content else { return [] }
    let names = try indexNames(given)
    let samples = try set.samples(choice(split), valFraction: valFraction, seed: seed)
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
  ///   - valFraction: Share of the images in `val` where a set has no list of them, 0...1.
  ///   - seed: Chooses them.
  /// - Returns: The samples in the order of the sets.
  /// - Throws: ``DataError`` for an unknown split, a set without boxes, or if nothing is left;
  ///   `FileError` for a file that cannot be read.
  package func objects(
    split: String, classNames: [String]? = nil, valFraction: Float = 0.1, seed: UInt64 = 1
  ) throws -> SampleSet<[GroundTruth]> {
    for set in self { try set.require(objects: true) }
    var reader = VOCReader()
    var drafts: [ObjectDraft] = []
    var problems: [DataProblem] = []
    for set in self {
      let split = set.argument.split ?? split
      if case .voc(let folders) = set.content {
        try reader.read(
          folders, at: set.argument.url.path, split: split, valFraction: valFraction, seed: seed)
      } else {
        drafts += try set.drafts(
          set.choice(split), classNames: classNames, valFraction: valFraction, seed: seed,
          problems: &problems)
      }
    }
    let names = classNames ?? names(and: reader.classNames)
    let data = try SampleSet(
      reader.drafts + drafts, classNames: names, problems: reader.problems + problems
    ).checked(place: place, split: split, target: "objects")
    if ["train", "trainval"].contains(SplitChoice.canonical(split)) {
      try data.requireObjects(place: place)
    }
    return data
  }

  /// Reads the labels of one split of every set.
  ///
  /// Parameters as of ``objects(split:classNames:valFraction:seed:)``; a share for validation is one
  /// of each class. Images of unknown classes are left out and listed.
  ///
  /// - Throws: ``DataError`` for an unknown split, a set without labels, or if nothing is left.
  package func labels(
    split: String, classNames: [String]? = nil, valFraction: Float = 0.1, seed: UInt64 = 1
  ) throws -> SampleSet<Int> {
    for set in self { try set.require(objects: false) }
    let names = classNames ?? names(and: [])
    let indices = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    var problems: [DataProblem] = []
    let samples = try flatMap { set in
      try set.labelled(
        set.argument.split ?? split, indices: indices, valFraction: valFraction, seed: seed,
        given: classNames, problems: &problems)
    }
    return try SampleSet(samples: samples, classNames: names, problems: problems)
      .checked(place: place, split: split, target: "classes")
  }

  private var place: String { map(\.argument.url.path).joined(separator: ", ") }

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

  /// Reads `--voc` arguments, see ``Swift/Array/objects(split:classNames:valFraction:seed:)``.
  ///
  /// - Throws: ``DataError`` for a folder without annotations, an unknown split, or if nothing is
  ///   left.
  package init(
    voc sources: [DataArgument], split: String, classNames: [String]? = nil,
    valFraction: Float = 0.1, seed: UInt64 = 1
  ) throws {
    self = try sources.map { try RecognizedDataset(voc: $0) }.objects(
      split: split, classNames: classNames, valFraction: valFraction, seed: seed)
  }
}
