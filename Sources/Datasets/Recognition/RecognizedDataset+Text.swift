import Foundation

extension RecognizedDataset {
  /// One line: format, what was found where, how many images and classes, and which images are for
  /// validation.
  ///
  /// - Parameters:
  ///   - valFraction: The share for validation, where the set has no list of them.
  ///   - seed: Chooses it.
  /// - Returns: The line, without a line feed.
  /// - Throws: ``DataError`` for files that cannot be read.
  package func summary(valFraction: Float = 0.1, seed: UInt64 = 1) throws -> String {
    let share = String(format: "%g", (Double(valFraction) * 1e4).rounded() / 100) + " %"
    let missing = "; no validation list: \(share) of the %, chosen by seed \(seed)"
    var parts: [String] = [format.rawValue]
    var end = ""
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
        let isDivided = !found.isDisjoint(with: SplitChoice.usual)
        if isDivided { parts.append("splits by folders: \(names.joined(separator: ", "))") }
        if !found.contains("val") {
          let whole = isDivided && found.contains("train") ? "images of train," : "images,"
          end = missing.replacing("%,", with: whole)
        }
      }
      let unused = try VOCFolder.unused(at: argument.url, by: folders)
      if !unused.isEmpty { end += "; not used: \(unused.joined(separator: ", "))" }
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
    }
    if case .voc = content {
    } else if case .share = SplitChoice("val", of: partNames) {
      let what = format.hasObjects ? "images" : "images of each class"
      end = missing.replacing("%,", with: what + ",")
    }
    if let split = argument.split { end = "; split \(split)" }
    return "data: " + parts.joined(separator: ", ") + end
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
