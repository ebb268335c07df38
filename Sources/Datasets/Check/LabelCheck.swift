package import Compute
import Foundation
import Images

/// Everything that is wrong with pictures of one class each, found by decoding all of them once.
package struct LabelCheck: Sendable {
  /// Pictures that could be decoded.
  package let imageCount: Int
  /// Pictures of each class, those that cannot be decoded included.
  package let counts: [Int]
  /// Names of the classes.
  package let classNames: [String]
  /// All problems and notes: of the set, then of its pictures in their order.
  package let findings: [DataProblem]

  /// What is known of a picture before it is decoded.
  private struct Subject {
    let image: ImageSource
    let label: Int
    /// Its split; empty in a set that is not divided.
    let part: String
  }

  /// What decoding tells.
  private struct Report {
    var problem: DataProblem?
    var content: ContentKey?
    var hash: DifferenceHash?
  }

  /// Reads the labels of a set and decodes its pictures.
  ///
  /// - Parameters:
  ///   - set: Has labels.
  ///   - split: The split of a set that names none; `all` for the whole.
  ///   - classNames: The known classes; nil takes those of the set.
  ///   - rules: How the set is read.
  ///   - pool: Decodes the pictures.
  /// - Throws: ``DataError`` as ``Swift/Array/labels(split:classNames:rules:)``.
  package init(
    _ set: RecognizedDataset, split: String, classNames: [String]?, rules: ReadingRules,
    pool: ThreadPool
  ) throws {
    let data = try [set].labels(split: split, classNames: classNames, rules: rules)
    let parts = try set.partsByPath(rules: rules)
    let subjects = data.samples.map {
      Subject(image: $0.image, label: $0.target, part: parts[$0.image.path] ?? "")
    }
    let reports = pool.map(count: subjects.count) { Self.report(subjects[$0].image) }
    var findings = data.problems
    var originals: [ContentKey: Int] = [:]
    var likenesses: [DifferenceHash: Int] = [:]
    for (index, report) in reports.enumerated() {
      if let problem = report.problem { findings.append(problem) }
      guard let content = report.content, let hash = report.hash else { continue }
      func problem(_ kind: DataProblem.Kind, _ what: String, as other: Int) -> DataProblem {
        DataProblem(
          file: subjects[index].image.path, kind: kind,
          text: "\(what) \(subjects[other].image.path)"
            + Self.difference(subjects[index], subjects[other], data.classNames))
      }
      if let first = originals[content] {
        findings.append(problem(.duplicateImage, "the same pixels as", as: first))
        continue
      }
      originals[content] = index
      // Flat pictures look alike whatever they are.
      guard hash.bits != 0 else { continue }
      if let first = likenesses[hash] {
        findings.append(problem(.nearCopy, "looks like", as: first))
      } else {
        likenesses[hash] = index
      }
    }
    var counts = [Int](repeating: 0, count: data.classNames.count)
    for subject in subjects { counts[subject.label] += 1 }
    self.counts = counts
    self.findings = findings
    self.classNames = data.classNames
    imageCount = reports.count { $0.content != nil }
  }

  private static func report(_ source: ImageSource) -> Report {
    do {
      let (image, note) = try source.readNoting()
      return Report(
        problem: note.map { .warnedImage(source, $0) }, content: ContentKey(image.pixels),
        hash: DifferenceHash(image))
    } catch {
      return Report(problem: .unreadableImage(source, error))
    }
  }

  /// What makes a copy worse than a waste: another split, another class.
  private static func difference(_ one: Subject, _ other: Subject, _ names: [String]) -> String {
    var text = ""
    if one.part != other.part { text += ": one is in \(one.part), one in \(other.part)" }
    if one.label != other.label {
      text +=
        (text.isEmpty ? ": " : ", ") + "one is '\(names[one.label])', one "
        + "'\(names[other.label])'"
    }
    return text
  }
}

extension RecognizedDataset {
  /// The split of each picture of a set with labels, as the set itself divides it.
  fileprivate func partsByPath(rules: ReadingRules) throws -> [String: String] {
    var parts: [String: String] = [:]
    switch content {
    case .cifar(let set):
      for name in partNames {
        for sample in try set.samples(.parts([name])) { parts[sample.image.path] = name }
      }
    case .files(let set):
      for part in set.parts {
        for entry in part.entries { parts[entry.file.path] = part.name }
      }
    case .voc, .coco, .yolo, .keypoints: break
    }
    return parts
  }
}
