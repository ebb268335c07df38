import Geometry
package import Images
package import Keypoints

/// Draws the skeletons of persons on a photo.
///
/// Limbs are orange on the left, blue on the right and yellow in the middle, fainter the less certain their
/// ends are; a dot's rim always shows where a keypoint was found, its fill fades with the score.
package struct SkeletonPicture: Sendable {
  /// What the keypoints are.
  package let layout: KeypointLayout
  /// Thickness of limbs in pixels; nil for one that suits each person and the picture.
  package var thickness: Double?
  /// Whether keypoints are named.
  package var showsNames = false
  /// Whether it is said how many persons there are, if there are several.
  package var showsCount = true
  /// Height of names in pixels; nil for one that suits the picture.
  package var labelSize: Double?

  private let sides: [KeypointSide]
  private static let rim = Color(hex: 0x101010)

  /// A painter for keypoints of a layout.
  package init(layout: KeypointLayout) {
    self.layout = layout
    sides = KeypointSide.sides(of: layout)
  }

  /// The picture with skeletons; keypoints that are not finite are left out.
  ///
  /// - Parameters:
  ///   - persons: For each the found keypoints in pixels of `image`; less certain persons lie below.
  ///   - truths: What is annotated of the same persons, in the same order, in pixels of `image`: white
  ///     rings, grey ones for what is hidden, with a line to what was found; may be fewer or none.
  ///   - image: The photo.
  /// - Returns: A picture of the same size.
  package func drawing(
    _ persons: [[FoundKeypoint]], truths: [KeypointTruth] = [], on image: Image
  ) -> Image {
    var canvas = Canvas(image)
    let finite = persons.map { person in
      person.filter {
        $0.position.isFinite && $0.score.isFinite && layout.names.indices.contains($0.index)
      }
    }
    let order = finite.indices.sorted {
      (Self.certainty(finite[$0]), $1) < (Self.certainty(finite[$1]), $0)
    }
    for index in order {
      let width = width(of: finite[index], image)
      drawLimbs(of: finite[index], on: &canvas, width: width)
      if index < truths.count {
        draw(truths[index], beside: finite[index], on: &canvas, width: width)
      }
      for keypoint in finite[index] { drawDot(keypoint, on: &canvas, width: width) }
    }
    let size = labelSize ?? PictureLabels.size(image)
    if showsNames {
      name(
        order.reversed().flatMap { finite[$0] }, on: &canvas, size: max((size * 0.7).rounded(), 10))
    }
    if showsCount, persons.count > 1 {
      PictureLabels.count("\(persons.count) persons", on: &canvas, size: size)
    }
    return canvas.image
  }

  private static func certainty(_ person: [FoundKeypoint]) -> Float {
    person.reduce(0) { $0 + $1.score } / Float(max(person.count, 1))
  }

  /// A fiftieth of the person's longer side, as long as that can be seen.
  private func width(of person: [FoundKeypoint], _ image: Image) -> Double {
    if let thickness { return thickness }
    let (xs, ys) = (person.map(\.position.x), person.map(\.position.y))
    let extent = max(
      (xs.max() ?? 0) - (xs.min() ?? 0), (ys.max() ?? 0) - (ys.min() ?? 0))
    let most = max(1.5, Double(max(image.width, image.height)) / 60)
    return min(max(extent / 50, 1.5), most)
  }

  private func drawLimbs(
    of person: [FoundKeypoint], on canvas: inout Canvas, width: Double
  ) {
    let known = Dictionary(person.map { ($0.index, $0) }, uniquingKeysWith: { a, _ in a })
    for edge in layout.edges {
      guard let from = known[edge.from], let to = known[edge.to] else { continue }
      let score = Double(min(max(min(from.score, to.score), 0), 1))
      let alpha = 0.3 + 0.7 * score
      canvas.line(
        from: from.position, to: to.position, Self.rim, width: width + max(1.5, 0.4 * width),
        alpha: 0.5 * alpha)
      canvas.line(
        from: from.position, to: to.position,
        KeypointSide.side(sides[edge.from], sides[edge.to]).color, width: width, alpha: alpha)
    }
  }

  private func drawDot(_ keypoint: FoundKeypoint, on canvas: inout Canvas, width: Double) {
    let radius = 0.85 * width + 0.4
    let color = sides[keypoint.index].color
    canvas.disc(at: keypoint.position, radius: radius + 0.25 * width + 0.3, Self.rim)
    canvas.disc(at: keypoint.position, radius: radius, color)
    // What is left of the score is dark inside.
    canvas.disc(
      at: keypoint.position, radius: radius * 0.68, Self.rim,
      alpha: 1 - Double(min(max(keypoint.score, 0), 1)))
  }

  private func draw(
    _ truth: KeypointTruth, beside person: [FoundKeypoint], on canvas: inout Canvas, width: Double
  ) {
    let radius = 1.7 * width + 1.2
    for point in truth.points where point.position.isFinite {
      let color = point.isOccluded ? Color(hex: 0xB0B0B0) : .white
      if let found = person.first(where: { $0.index == point.index }),
        found.position.distance(to: point.position) > radius
      {
        canvas.line(
          from: point.position, to: found.position, .white, width: max(0.35 * width, 0.8),
          alpha: 0.8)
      }
      canvas.ring(
        at: point.position, radius: radius, Self.rim, width: 0.6 * width + 0.8, alpha: 0.5)
      canvas.ring(at: point.position, radius: radius, color, width: 0.3 * width + 0.4)
    }
  }

  private func name(_ keypoints: [FoundKeypoint], on canvas: inout Canvas, size: Double) {
    var placement = LabelPlacement(width: canvas.width, height: canvas.height)
    let font = StrokeFont(size: size, weight: .bold)
    for keypoint in keypoints {
      let text = layout.names[keypoint.index]
      let label = Canvas.labelSize(text, font: font)
      let (x, y) = (Float(keypoint.position.x), Float(keypoint.position.y))
      let gap = Float(size * 0.4)
      let corner = placement.place(
        width: Float(label.width), height: Float(label.height),
        box: Box(left: x + gap, top: y - gap, right: x - gap, bottom: y + gap), thickness: 0)
      canvas.label(text, at: corner, font: font, background: sides[keypoint.index].color)
    }
  }
}

/// Sizes and places of labels that are not a box's.
enum PictureLabels {
  /// Height of a label that suits a picture, in pixels.
  static func size(_ image: Image) -> Double {
    min(max((Double(min(image.width, image.height)) / 32).rounded(), 12), 120)
  }

  /// Says how many there are, in the upper left corner.
  static func count(_ text: String, on canvas: inout Canvas, size: Double) {
    // A label wider than the picture shrinks, but not below what can be read.
    let fit = (2 * Double(canvas.width) / (Double(text.count) + 1)).rounded(.down)
    canvas.label(
      text, at: Point(0, 0), font: StrokeFont(size: max(min(size, fit), 8), weight: .bold),
      background: Color(hex: 0x202020))
  }
}
