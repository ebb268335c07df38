package import Compute
import Files
package import Foundation
package import Images

/// Draws VOC-format data sets of shapes that can be confused, as ambiguous as wanted.
///
/// Circles against ellipses, squares against rectangles, triangles and stars, on textured ground,
/// partly hidden by patches and softened. Every object has an ambiguity of 0...1 of its own, which
/// is also how strongly its telling feature (the aspect of an ellipse or rectangle) fades.
package struct Synthesizer: Hashable, Sendable {
  /// The class names, sorted.
  package static let classNames = ["circle", "ellipse", "rectangle", "square", "star", "triangle"]

  /// Pictures in all splits together, at least 5.
  package var imageCount = 200
  /// Pixels of a picture, at least 32.
  package var width = 320
  /// Rows of a picture, at least 32.
  package var height = 320
  /// Objects of a picture.
  package var objectCounts = 1...6
  /// How much of the most ambiguous objects is hidden, 0...1.
  package var occlusion: Float = 0.5
  /// How soft and faint the most ambiguous objects are, 0...1.
  package var blur: Float = 0.5
  /// Whether ambiguity is spread evenly over 0...max(occlusion, blur); otherwise all objects have
  /// the largest.
  package var sweepsLevels = true
  /// Chooses everything.
  package var seed: UInt64 = 1

  /// 200 pictures of 320x320 with moderate ambiguity.
  package init() {}

  /// One picture with the content of its annotation.
  package struct Picture: Sendable {
    /// The pixels.
    package let image: Image
    /// What is in it.
    package let objects: [Object]
  }

  /// One drawn object.
  package struct Object: Hashable, Sendable {
    /// Index into ``Synthesizer/classNames``.
    package let classIndex: Int
    /// First column, first row, last column, last row of the whole shape inside the picture; VOC's
    /// 1-based pixels.
    package let corners: [Int]
    /// Share of the shape's pixels that nothing covers, 0...1.
    package let visibleFraction: Float
    /// 0...1, written as `<ambiguity>`.
    package let ambiguity: Float
    /// Whether the shape reaches over the picture's edge.
    package let isTruncated: Bool

    /// Whether most of it is hidden or it is only a few pixels in size: VOC's `<difficult>`.
    package var isDifficult: Bool {
      visibleFraction < 0.4 || min(corners[2] - corners[0], corners[3] - corners[1]) < 9
    }
  }

  /// Writes Annotations, JPEGImages and ImageSets/Main (train, val, trainval, test: 60, 20, 80 and
  /// 20 per cent).
  ///
  /// - Parameters:
  ///   - folder: A folder that does not exist yet or is empty.
  ///   - pool: Draws the pictures.
  /// - Throws: ``DataError`` for wrong options or a folder in use, ``ImageError`` if a file cannot
  ///   be written.
  package func write(to folder: URL, pool: ThreadPool) throws {
    try validate()
    try SyntheticFolder.prepare(
      folder, parts: ["Annotations", "JPEGImages", "ImageSets/Main"])
    let synthesizer = self
    try SyntheticFolder.forEach(imageCount, pool: pool) { index in
      try synthesizer.write(index, to: folder)
    }
    let splits = VOCWriter.splits(
      count: imageCount, using: RandomStream(seed: seed).split(1))
    for (name, indices) in splits {
      let text = indices.map { VOCWriter.id($0) + "\n" }.joined()
      try AtomicFile.write(
        text, to: folder.appending(path: "ImageSets/Main/\(name).txt").path)
    }
  }

  /// Draws the picture of an index; its content depends on the seed and the index only.
  package func draw(_ index: Int) -> Picture {
    let random = RandomStream(seed: seed).split(0, UInt64(index))
    var canvas = ShapeCanvas(width: width, height: height, random: random.split(0))
    var layout = random.split(1)
    var shapes: [PlacedShape] = []
    for _ in 0..<layout.integer(in: objectCounts) {
      guard let shape = placeShape(among: shapes, &layout) else { continue }
      shapes.append(shape)
      canvas.draw(shape, id: shapes.count - 1, random: layout.split(UInt64(shapes.count)))
    }
    return Picture(image: canvas.image, objects: canvas.objects(shapes))
  }

  private func write(_ index: Int, to folder: URL) throws {
    let picture = draw(index)
    let id = VOCWriter.id(index)
    try SyntheticFolder.write(
      picture.image, to: folder.appending(path: "JPEGImages/\(id).jpg"))
    let text = VOCWriter.annotation(of: picture, filename: "\(id).jpg")
    try AtomicFile.write(
      Array(text.utf8), to: folder.appending(path: "Annotations/\(id).xml").path, flushes: false)
  }

  /// A shape that hardly touches the others, nil if there is no room.
  private func placeShape(
    among others: [PlacedShape], _ random: inout RandomStream
  ) -> PlacedShape? {
    let side = Float(min(width, height))
    for _ in 0..<30 {
      let radius = side * random.uniform(0.06...0.2)
      let x = random.uniform(0.7 * radius...max(Float(width) - 0.7 * radius, 0.7 * radius))
      let y = random.uniform(0.7 * radius...max(Float(height) - 0.7 * radius, 0.7 * radius))
      let isFree = others.allSatisfy { other in
        let distance = ((x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)).squareRoot()
        return distance > 0.95 * (radius + other.radius)
      }
      if !isFree { continue }
      let level = sweepsLevels ? random.uniform() : 1
      return PlacedShape(
        kind: ShapeKind.allCases[random.integer(in: 0...ShapeKind.allCases.count - 1)], x: x, y: y,
        radius: radius, occlusion: level * occlusion, blur: level * blur, using: &random)
    }
    return nil
  }

  private func validate() throws {
    let isValid =
      imageCount >= 5 && imageCount <= 999_999 && width >= 32 && height >= 32 && width <= 8192
      && height <= 8192 && objectCounts.lowerBound >= 0 && (0...1).contains(occlusion)
      && (0...1).contains(blur)
    if isValid { return }
    throw DataError.invalidOption(
      "synthesize needs 5...999999 images of 32...8192 pixels, occlusion and blur in 0...1")
  }
}
