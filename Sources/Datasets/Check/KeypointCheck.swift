package import Compute
import Foundation
import Geometry
import Images
package import Keypoints

/// Everything that is wrong with annotated keypoints, found by reading all pictures once.
package struct KeypointCheck: Sendable {
  /// Pictures that could be decoded.
  package let imageCount: Int
  /// Persons, or pictures of centres.
  package let sampleCount: Int
  /// What the keypoints are.
  package let layout: KeypointLayout
  /// Whether keypoints are centres of objects; otherwise those of one person each.
  package let hasCenters: Bool
  /// How often each keypoint is labelled, those included that are hidden.
  package private(set) var labelledCounts: [Int]
  /// How often each keypoint is labelled and hidden.
  package private(set) var occludedCounts: [Int]
  /// All problems and notes: of the set, of its persons in their order, of its pictures.
  package private(set) var findings: [DataProblem]

  /// A place within this many pixels is the same place.
  private static let samePlace = 1.0

  /// What decoding tells.
  private struct Report {
    var problem: DataProblem?
    var size: PixelSize?
    var content: ContentKey?
  }

  /// Reads the keypoints of a set and decodes its pictures.
  ///
  /// - Parameters:
  ///   - set: Has keypoints.
  ///   - split: The split of a set that names none; `all` for the whole.
  ///   - layoutNames: The known keypoints; nil takes those of the set.
  ///   - rules: How the set is read.
  ///   - pool: Decodes the pictures.
  /// - Throws: As ``Swift/Array/keypoints(split:layoutNames:rules:)``.
  package init(
    _ set: RecognizedDataset, split: String, layoutNames: [String]? = nil,
    rules: ReadingRules = ReadingRules(), pool: ThreadPool
  ) throws {
    let data = try [set].keypoints(split: split, layoutNames: layoutNames, rules: rules)
    let samples = data.samples
    let place = set.argument.url.path
    layout = try samples.first?.target.layout ?? KeypointLayout(names: data.classNames)
    hasCenters = set.hasCenters
    sampleCount = samples.count
    findings = data.problems
    labelledCounts = layout.names.map { _ in 0 }
    occludedCounts = labelledCounts
    for point in samples.lazy.flatMap(\.target.points) {
      labelledCounts[point.index] += 1
      if point.isOccluded { occludedCounts[point.index] += 1 }
    }
    let images = samples.map(\.image).reduce(into: [ImageSource]()) { images, image in
      // The persons of a picture stand beside each other in almost every set.
      if images.last != image { images.append(image) }
    }
    let reports = pool.map(count: images.count) { Self.report(images[$0]) }
    let known = Dictionary(zip(images, reports), uniquingKeysWith: { first, _ in first })
    imageCount = known.values.count { $0.size != nil }
    for sample in samples { check(sample, size: known[sample.image]?.size) }
    if hasCenters {
      checkCenters(samples)
    } else {
      checkPersons(samples)
      findings += SideCheck(samples, layout: layout, place: place).findings
    }
    let parts = try set.keypointParts(rules)
    var originals: [ContentKey: ImageSource] = [:]
    var seen: Set<ImageSource> = []
    for (image, report) in zip(images, reports) where seen.insert(image).inserted {
      if let problem = report.problem { findings.append(problem) }
      guard let content = report.content else { continue }
      guard let first = originals[content] else {
        originals[content] = image
        continue
      }
      let (one, other) = (parts[image.path] ?? "", parts[first.path] ?? "")
      findings.append(
        DataProblem(
          file: image.path, kind: .duplicateImage,
          text: "the same pixels as \(first.path)"
            + (one == other ? "" : ": one is in \(one), one in \(other)")))
    }
  }

  private static func report(_ source: ImageSource) -> Report {
    do {
      let (image, note) = try source.readNoting()
      return Report(
        problem: note.map { .warnedImage(source, $0) },
        size: PixelSize(width: image.width, height: image.height), content: ContentKey(image.pixels)
      )
    } catch {
      return Report(problem: .unreadableImage(source, error))
    }
  }

  private mutating func report(
    _ sample: Sample<KeypointTruth>, _ kind: DataProblem.Kind, _ text: String
  ) {
    findings.append(
      DataProblem(file: sample.image.path, kind: kind, text: "'\(sample.id)': \(text)"))
  }

  /// One person, or one picture of centres.
  private mutating func check(_ sample: Sample<KeypointTruth>, size: PixelSize?) {
    let truth = sample.target
    if truth.points.isEmpty {
      report(sample, hasCenters ? .noObjects : .noKeypoints, "nothing is labelled")
    }
    if let region = truth.region, let first = truth.points.first,
      !truth.points.contains(where: { region.contains($0.position) })
    {
      report(
        sample, .regionElsewhere,
        "none of the \(truth.points.count) labelled lies in what is looked at, "
          + "\(text(Point(Double(region.left), Double(region.top)))) to "
          + "\(text(Point(Double(region.right), Double(region.bottom)))): "
          + "'\(layout.names[first.index])' is at \(text(first.position))")
    }
    guard let size else { return }
    if let annotated = sample.size, annotated != size {
      report(
        sample, .sizeMismatch,
        "\(annotated.width)x\(annotated.height) annotated, the image has \(size.width)x\(size.height)"
      )
    }
    let outside = truth.points.filter { point in
      point.position.x < 0 || point.position.y < 0 || point.position.x > Double(size.width)
        || point.position.y > Double(size.height)
    }
    guard let first = outside.first else { return }
    report(
      sample, .keypointOutside,
      "'\(layout.names[first.index])' at \(text(first.position))"
        + (outside.count > 1 ? " and \(outside.count - 1) more" : "")
        + ", the image has \(size.width)x\(size.height)")
  }

  /// Persons of one picture with the same keypoints at the same places.
  private mutating func checkPersons(_ samples: [Sample<KeypointTruth>]) {
    for group in Dictionary(grouping: samples.indices, by: { samples[$0].image }).values
    where group.count > 1 {
      for (place, index) in group.enumerated() {
        let person = samples[index].target
        guard !person.points.isEmpty,
          let other = group[..<place].first(where: { isSame(person, samples[$0].target) })
        else { continue }
        report(
          samples[index], .duplicatePerson,
          "all keypoints lie where those of '\(samples[other].id)' do")
      }
    }
  }

  private func isSame(_ one: KeypointTruth, _ other: KeypointTruth) -> Bool {
    one.points.count == other.points.count
      && one.points.allSatisfy { point in
        guard let position = other[point.index]?.position else { return false }
        return hypot(position.x - point.position.x, position.y - point.position.y)
          < Self.samePlace
      }
  }

  /// Centres of one kind at one place.
  private mutating func checkCenters(_ samples: [Sample<KeypointTruth>]) {
    for sample in samples {
      var places: Set<LabelledKeypoint> = []
      for point in sample.target.points {
        let bare = LabelledKeypoint(index: point.index, position: point.position)
        if !places.insert(bare).inserted {
          report(
            sample, .duplicateObject,
            "'\(layout.names[point.index])' at \(text(point.position)) twice")
        }
      }
    }
  }

  private func text(_ point: Point) -> String {
    String(format: "(%.1f, %.1f)", point.x, point.y)
  }
}

extension RecognizedDataset {
  /// The split of each picture of a set with keypoints, as the set itself divides it.
  fileprivate func keypointParts(_ rules: ReadingRules) throws -> [String: String] {
    var parts: [String: String] = [:]
    for part in try keypointSet(rules)?.parts ?? [] {
      for entry in part.entries { parts[entry.image.path] = part.name }
    }
    return parts
  }
}
