import Foundation
import Geometry
import Images
import Keypoints

/// A picture that marks the centres of another one's objects by dots.
///
/// A pixel belongs to a dot if its brightest colour reaches half of the picture's brightest, which leaves
/// out what JPEG makes around a dot; where that is more than half of the picture, the dots are dark. Pixels
/// that touch, at corners too, are one dot, whose centre is the mean of theirs.
struct DotImage {
  /// What is darker marks nothing, whatever the picture's brightest colour.
  private static let leastValue: UInt8 = 64

  /// The dots, row by row; of keypoint 0.
  let points: [LabelledKeypoint]

  /// Reads the dots of a picture.
  ///
  /// - Throws: `ImageError` for a file that cannot be decoded, ``DataError`` for another size than the
  ///   picture has.
  init(_ file: URL, of image: ImageSource) throws {
    let dots = try ImageSource.file(file).read()
    let size = try image.readSize()
    guard dots.width == size.width, dots.height == size.height else {
      throw DataError.folder(
        file.path,
        reason: "\(dots.width)x\(dots.height) pixels, the picture has \(size.width)x\(size.height)")
    }
    self.init(dots)
  }

  /// The dots of a decoded picture.
  init(_ image: Image) {
    let values = stride(from: 0, to: image.pixels.count, by: 3).map { index in
      max(image.pixels[index], image.pixels[index + 1], image.pixels[index + 2])
    }
    let brightest = values.max() ?? 0
    let threshold = brightest / 2 + brightest % 2
    var isDot = values.map { $0 >= threshold && brightest >= Self.leastValue }
    if 2 * isDot.count(where: \.self) > isDot.count {
      // Of a picture of one colour nothing is left.
      isDot = isDot.map { !$0 }
    }
    points = Self.centers(of: &isDot, width: image.width, height: image.height).map {
      LabelledKeypoint(index: 0, position: $0)
    }
  }

  /// The means of the pixels that touch each other; the pixels are taken away.
  private static func centers(of isDot: inout [Bool], width: Int, height: Int) -> [Point] {
    var centers: [Point] = []
    for start in isDot.indices where isDot[start] {
      isDot[start] = false
      var pending = [start]
      var (sumX, sumY, count) = (0, 0, 0)
      while let pixel = pending.popLast() {
        let (x, y) = (pixel % width, pixel / width)
        sumX += x
        sumY += y
        count += 1
        for row in max(0, y - 1)...min(height - 1, y + 1) {
          for column in max(0, x - 1)...min(width - 1, x + 1) where isDot[row * width + column] {
            isDot[row * width + column] = false
            pending.append(row * width + column)
          }
        }
      }
      centers.append(
        Point(
          Double(sumX) / Double(count) + 0.5, Double(sumY) / Double(count) + 0.5))
    }
    return centers
  }
}

extension KeypointSet {
  /// What objects are called whose kind nobody tells.
  static let dotName = "object"

  /// A folder of pictures with pictures of dots beside them, or folders `train`, `val` and `test` of such;
  /// nil if there are none.
  ///
  /// `001cell.png` belongs to `001dots.png`, `a.jpg` to `a_dots.png`: a dot picture's name ends in `dots` or
  /// `dot`, and the picture's name begins alike and ends there, or in `cell`, `cells`, `img` or `image`.
  ///
  /// - Throws: ``DataError`` for a folder that cannot be listed.
  init?(dotsIn folder: URL) throws {
    var entries: [(split: String, entry: Entry)] = []
    var problems: [DataProblem] = []
    let names = try VOCFolder.list(folder)
    let splits = names.filter {
      SplitChoice.usual.contains(SplitChoice.canonical($0))
        && VOCFolder.isFolder(folder.appending(path: $0))
    }
    for split in [""] + splits {
      let place = split.isEmpty ? folder : folder.appending(path: split)
      let prefix = split.isEmpty ? "" : split + "/"
      let pictures = try (split.isEmpty ? names : VOCFolder.list(place)).filter {
        VOCFolder.imageExtensions.contains(VOCFolder.kind($0))
      }
      let dots = pictures.filter { Self.dotStem($0) != nil }
      if dots.isEmpty { continue }
      let others = pictures.filter { Self.dotStem($0) == nil }
      let byStem = Dictionary(
        others.map { (Self.pictureStem($0), $0) }, uniquingKeysWith: { first, _ in first })
      var used: Set<String> = []
      for dot in dots {
        let file = place.appending(path: dot)
        guard let picture = Self.dotStem(dot).flatMap({ byStem[$0] }) else {
          problems.append(
            DataProblem(file: file.path, kind: .missingImage, text: "no picture for these dots"))
          continue
        }
        used.insert(picture)
        entries.append(
          (
            SplitChoice.canonical(split),
            Entry(
              name: prefix + picture, image: place.appending(path: picture),
              annotation: .dots(file), file: file.path)
          ))
      }
      problems += others.filter { !used.contains($0) }.map {
        DataProblem(
          file: place.appending(path: $0).path, kind: .missingAnnotation, text: "no picture of dots"
        )
      }
    }
    if entries.isEmpty { return nil }
    try self.init(
      source: folder.path, format: .dotImages, layout: KeypointLayout(names: [Self.dotName]),
      areCenters: true, entries: entries, problems: problems)
  }

  private static func dotStem(_ name: String) -> String? {
    let stem = stem(name).lowercased()
    guard let end = ["dots", "dot"].first(where: stem.hasSuffix) else { return nil }
    return withoutSeparators(stem.dropLast(end.count))
  }

  private static func pictureStem(_ name: String) -> String {
    let stem = stem(name).lowercased()
    let end = ["cells", "cell", "image", "img"].first { stem.hasSuffix($0) && stem != $0 } ?? ""
    return withoutSeparators(stem.dropLast(end.count))
  }

  private static func withoutSeparators(_ text: Substring) -> String {
    var text = text
    while let last = text.last, "_-. ".contains(last) { text = text.dropLast() }
    return String(text)
  }
}
