package import Compute
import Files
package import Foundation
import Geometry
package import Images
package import Keypoints

/// Draws data sets with keypoints that are easy to confuse, as ambiguous as wanted.
///
/// Figures have the 14 joints of Leeds Sports Pose. Their limbs are the same on both sides, and they are seen
/// from the front as often as from behind; what tells left from right is that the left is a little warmer,
/// and the face, both as strong as ``sideCue``. Dots are round cells whose centres are labelled.
package struct KeypointSynthesizer: Hashable, Sendable {
  /// What is drawn.
  package enum Subject: String, Hashable, Sendable, CaseIterable {
    /// Persons.
    case figures
    /// Cells.
    case dots
  }

  /// What is drawn.
  package let subject: Subject
  /// Pictures in all splits together, at least 5.
  package var imageCount = 200
  /// Pixels of a picture, at least 32.
  package var width = 320
  /// Rows of a picture, at least 32.
  package var height = 320
  /// The most figures or dots of a picture, 1...1000; there is a sixth of it at least, and one figure.
  package var objectLimit: Int
  /// How much of the most ambiguous figures is hidden, and how far dots lie over each other, 0...1.
  package var occlusion: Float = 0.4
  /// How soft and faint the most ambiguous ones are, 0...1.
  package var blur: Float = 0.3
  /// Whether ambiguity is spread evenly over 0...1 of ``occlusion`` and ``blur``; otherwise all have the
  /// largest.
  package var sweepsLevels = true
  /// How strongly left and right differ, 0...1; at 0 nothing tells them apart.
  package var sideCue: Float = 0.4
  /// Kinds of dots, 1 or 2.
  package var kindCount = 1
  /// Standard deviation of what is added to x and y of the labelled centres of `train`, in pixels, ≥ 0;
  /// pictures and the labels of other splits do not depend on it.
  package var jitter: Float = 0
  /// Chooses everything.
  package var seed: UInt64 = 1

  /// 200 pictures of 320x320 with moderate ambiguity.
  package init(_ subject: Subject) {
    self.subject = subject
    objectLimit = subject == .figures ? 2 : 24
  }

  /// One picture with what is annotated in it.
  package struct Picture: Sendable {
    /// The pixels.
    package let image: Image
    /// The figures, or all dots as one; exact.
    package let truths: [KeypointTruth]
  }

  /// The file that annotates the pictures, in the data set's folder.
  package static let fileName = "keypoints.json"
  private static let dotNames = ["cell", "ring"]

  /// What the keypoints are.
  ///
  /// - Throws: Never: the layouts are consistent.
  package func layout() throws -> KeypointLayout {
    switch subject {
    case .figures: try .leeds()
    case .dots: try KeypointLayout(names: Array(Self.dotNames.prefix(kindCount)))
    }
  }

  /// Writes pictures to `images`, and ``fileName`` with the splits train, val and test: 60, 20 and 20 per
  /// cent.
  ///
  /// - Parameters:
  ///   - folder: A folder that does not exist yet or is empty.
  ///   - pool: Draws the pictures.
  /// - Throws: ``DataError`` for wrong options or a folder in use, `ImageError` or `FileError` if a file
  ///   cannot be written.
  package func write(to folder: URL, pool: ThreadPool) throws {
    try validate()
    let layout = try layout()
    try SyntheticFolder.prepare(folder, parts: ["images"])
    var splits = [String](repeating: "", count: imageCount)
    for (name, indices) in VOCWriter.splits(
      count: imageCount, using: RandomStream(seed: seed).split(1)) where name != "trainval"
    {
      for index in indices { splits[index] = name }
    }
    let (synthesizer, names) = (self, splits)
    let rows = pool.map(count: imageCount) { index -> Result<KeypointFile.Row, any Error> in
      Result {
        let picture = synthesizer.draw(index, layout)
        let path = "images/\(VOCWriter.id(index)).jpg"
        try SyntheticFolder.write(picture.image, to: folder.appending(path: path))
        let isJittered = synthesizer.jitter > 0 && names[index] == "train"
        return KeypointFile.Row(
          path: path,
          size: PixelSize(width: picture.image.width, height: picture.image.height),
          split: names[index],
          truths: isJittered
            ? picture.truths.map { synthesizer.jittered($0, index) } : picture.truths)
      }
    }
    try KeypointFile.write(
      rows.map { try $0.get() }, layout: layout, areCenters: subject == .dots,
      to: folder.appending(path: Self.fileName).path)
  }

  /// Draws the picture of an index; its content depends on the seed and the index only.
  ///
  /// - Throws: ``DataError`` for wrong options.
  package func draw(_ index: Int) throws -> Picture {
    try validate()
    return draw(index, try layout())
  }

  private func draw(_ index: Int, _ layout: KeypointLayout) -> Picture {
    let random = RandomStream(seed: seed).split(2, UInt64(index))
    switch subject {
    case .figures:
      var canvas = FigureCanvas(width: width, height: height, random: random.split(0))
      let figures = figures(random)
      for (number, figure) in figures.enumerated() {
        canvas.draw(figure, random: random.split(2, UInt64(number)))
      }
      for (number, figure) in figures.enumerated() {
        let level = level(random.split(3, UInt64(number)))
        canvas.hide(
          figure, amount: level * occlusion, random: random.split(4, UInt64(number)))
      }
      return Picture(image: canvas.image, truths: canvas.truths(figures, layout: layout))
    case .dots:
      var canvas = DotCanvas(width: width, height: height, random: random.split(0))
      let dots = dots(random)
      for (number, dot) in dots.enumerated() {
        canvas.draw(dot, random: random.split(2, UInt64(number)))
      }
      return Picture(image: canvas.image, truths: [canvas.truth(dots, layout: layout)])
    }
  }

  /// How ambiguous something is, 0...1.
  private func level(_ random: RandomStream) -> Float {
    var random = random
    return sweepsLevels ? random.uniform() : 1
  }

  /// The figures of a picture, the farthest first, which hardly cover each other.
  func figures(_ random: RandomStream) -> [PlacedFigure] {
    var random = random.split(1)
    let side = Float(min(width, height))
    let wanted = random.integer(in: 1...objectLimit)
    var figures: [PlacedFigure] = []
    for _ in 0..<20 * wanted where figures.count < wanted {
      let pose = FigurePose(using: &random)
      let size = side * random.uniform(wanted == 1 ? 0.55...0.95 : 0.4...0.75)
      let level = level(random.split(0))
      // As much may lie outside as is inside of the margin of the bounds.
      let bare = PlacedFigure(
        pose: pose, height: size, origin: .zero, blur: level * blur,
        cue: sideCue * random.uniform(0.5...1), using: &random)
      let x = place(bare.bounds.left, bare.bounds.right, width, &random)
      let y = place(bare.bounds.top, bare.bounds.bottom, height, &random)
      let figure = bare.moved(to: SIMD2(x, y))
      let isFree = figures.allSatisfy {
        $0.bounds.intersectionOverUnion(with: figure.bounds) < 0.15
      }
      if isFree { figures.append(figure) }
    }
    return figures
  }

  /// Where 0 goes so that low...high lies within a length, or covers it if it is longer.
  private func place(
    _ low: Float, _ high: Float, _ length: Int, _ random: inout RandomStream
  ) -> Float {
    let slack = 0.08 * (high - low)
    let ends = [-low - slack, Float(length) - high + slack].sorted()
    return random.uniform(ends[0]...ends[1])
  }

  /// The dots of a picture in the order of drawing; their middles are inside of it.
  func dots(_ random: RandomStream) -> [PlacedDot] {
    var random = random.split(1)
    let side = Float(min(width, height))
    let wanted = random.integer(in: (objectLimit + 5) / 6...objectLimit)
    var dots: [PlacedDot] = []
    for _ in 0..<20 * wanted where dots.count < wanted {
      let radius = max(2, side * random.uniform(0.018...0.045))
      var center = SIMD2(
        random.uniform(0...Float(width - 1)), random.uniform(0...Float(height - 1)))
      // Cells grow beside cells.
      if random.bernoulli(0.5), let other = dots.randomElement(using: &random) {
        let angle = random.uniform(-Float.pi...Float.pi)
        let distance = (radius + other.radius) * random.uniform(0.4...1.2)
        center = other.center + SIMD2(cos(angle), sin(angle)) * distance
      }
      let level = level(random.split(0))
      let dot = PlacedDot(
        kind: random.integer(in: 0...kindCount - 1), center: center, radius: radius,
        blur: level * blur, brightness: random.uniform(-30...30))
      let nearest = 1.05 - 0.65 * occlusion
      let isFree =
        center.x >= 0 && center.y >= 0 && center.x < Float(width) && center.y < Float(height)
        && dots.allSatisfy { $0.distance(to: dot) > nearest * ($0.radius + radius) }
      if isFree { dots.append(dot) }
    }
    return dots
  }

  /// The centres moved at random, but not out of the picture.
  private func jittered(_ truth: KeypointTruth, _ index: Int) -> KeypointTruth {
    var random = RandomStream(seed: seed).split(3, UInt64(index))
    var result = truth
    result.points = truth.points.map { point in
      var moved = point
      let x = Float(point.position.x) + jitter * random.normal()
      let y = Float(point.position.y) + jitter * random.normal()
      moved.position = Point(
        written: SIMD2(min(max(x, 0), Float(width)), min(max(y, 0), Float(height))))
      return moved
    }
    return result
  }

  private func validate() throws {
    let isValid =
      (5...999_999).contains(imageCount) && (32...8192).contains(width)
      && (32...8192).contains(height) && (1...1000).contains(objectLimit)
      && [occlusion, blur, sideCue].allSatisfy { (0...1).contains($0) }
    guard isValid else {
      throw DataError.invalidOption(
        "synthesize needs 5...999999 images of 32...8192 pixels, 1...1000 objects; occlusion, blur "
          + "and side cue in 0...1")
    }
    guard (1...Self.dotNames.count).contains(kindCount), jitter >= 0, jitter.isFinite else {
      throw DataError.invalidOption("synthesize needs 1 or 2 kinds of dots, jitter of 0 or more")
    }
  }
}
