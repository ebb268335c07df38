import Foundation
import Keypoints

extension RecognizedDataset {
  /// `; not used: ` and the lists and folders that a set has besides; empty if there are none.
  package var unusedText: String {
    get throws {
      guard case .voc(let folders) = content else { return "" }
      let unused = try VOCFolder.unused(at: argument.url, by: folders)
      return unused.isEmpty ? "" : "; not used: " + unused.joined(separator: ", ")
    }
  }

  /// One line: format, what was found where, how many images and classes, and what is set aside
  /// where the set is not divided.
  ///
  /// - Parameter shares: What is set aside then.
  /// - Returns: The line, without a line feed.
  /// - Throws: ``DataError`` for files that cannot be read.
  package func summary(shares: SplitShares = SplitShares()) throws -> String {
    var parts: [String] = [format.rawValue]
    var end = argument.split.map { "; split \($0)" } ?? ""
    if let sharing = sharing("val", by: shares) { end += "; " + sharing }
    switch content {
    case .voc(let folders):
      parts += folders.map { folder in
        let place = folder.url.path == argument.url.path ? "" : folder.url.lastPathComponent + ": "
        return "\(place)\(grouped(folder.annotations.count)) annotations, \(folder.layout)"
      }
      let names = VOCSplit.names(of: folders)
      if folders.contains(where: { !$0.lists.isEmpty }) {
        parts.append("splits \(names.joined(separator: ", "))")
      } else {
        let found = Set(
          folders.flatMap { folder in
            folder.part.map { [$0] } ?? folder.annotations.keys.map { VOCSplit.part(of: $0) }
          })
        if !found.isDisjoint(with: SplitChoice.usual) {
          parts.append("splits by folders: \(names.joined(separator: ", "))")
        }
      }
      if argument.split == nil { end += try unusedText }
    case .coco(let set):
      parts += set.parts.map { part in
        let name = part.name == SplitChoice.whole ? "" : part.name + " "
        return "\(name)\(Self.relative(part.file, to: argument.url)), "
          + "\(grouped(part.annotations.pictures.count)) images in \(part.images.text)"
      }
      parts.append("\(set.classNames.count) classes")
    case .yolo(let set):
      parts.append(set.layout)
      parts += set.parts.map { part in
        let name = part.name == SplitChoice.whole ? "" : part.name + " "
        let empty = part.entries.count { $0.labels == nil }
        return "\(name)\(grouped(part.entries.count)) images"
          + (empty == 0 ? "" : " (\(grouped(empty)) without label file: nothing in them)")
      }
      parts.append(set.classNames.map { "\($0.count) classes" } ?? "classes not named")
    case .cifar(let set):
      if !set.training.isEmpty {
        parts.append("train \(grouped(try set.count(set.training))) images")
      }
      if !set.test.isEmpty {
        parts.append("test \(grouped(try set.count(set.test))) images (never trained on)")
      }
      parts.append("\(set.classCount) classes")
    case .files(let set):
      parts.append(set.layout)
      parts += set.parts.map { part in
        let name = part.name == SplitChoice.whole ? "" : part.name + " "
        return "\(name)\(grouped(part.entries.count)) images"
          + (part.name == "test" ? " (never trained on)" : "")
      }
      parts.append("\(set.classNames.count) classes")
    case .keypoints(let set): parts += keypointText(set)
    }
    return "data: " + parts.joined(separator: ", ") + end
  }
}

extension RecognizedDataset {
  /// Where keypoints are annotated, how many persons or pictures each part has, and how many keypoints.
  private func keypointText(_ set: KeypointSet) -> [String] {
    let place = set.source == argument.url.path ? [] : [set.place(seenFrom: argument.url)]
    return place
      + set.parts.map { part in
        let name = part.name == SplitChoice.whole ? "" : part.name + " "
        let images = Set(part.entries.map(\.image.path)).count
        let persons = part.entries.count
        return name
          + (set.areCenters || persons == images
            ? "\(grouped(images)) images"
            : "\(grouped(persons)) persons in \(grouped(images)) images")
      } + [
        set.areCenters
          ? "centres of \(set.layout.names.joined(separator: ", "))"
          : "\(set.layout.count) keypoints in \(set.layout.pairs.count) flip pairs"
            + (set.layout.edges.isEmpty ? "" : ", \(set.layout.edges.count) lines")
      ]
  }
}

/// A count with commas between thousands.
private func grouped(_ count: Int) -> String {
  var digits = String(count)
  var index = digits.endIndex
  while digits.distance(from: digits.startIndex, to: index) > 3 {
    index = digits.index(index, offsetBy: -3)
    digits.insert(",", at: index)
  }
  return digits
}
