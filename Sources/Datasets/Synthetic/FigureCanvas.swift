import Compute
import Foundation
import Geometry
import Images
import Keypoints

/// A picture of figures being drawn, and which part of whom every pixel shows.
struct FigureCanvas {
  private(set) var image: Image
  private let ground: SyntheticGround
  /// The figure and, of its order, the part that a pixel shows.
  private var owners: [Owner?]
  private var extents: [Extent] = []

  private struct Owner {
    let figure: Int16
    let part: Int16
  }

  /// Pixels of a whole figure, whatever covers them later.
  private struct Extent {
    var count = 0
    var left = Int.max
    var top = Int.max
    var right = 0
    var bottom = 0

    mutating func add(_ x: Int, _ y: Int) {
      count += 1
      (left, top) = (min(left, x), min(top, y))
      (right, bottom) = (max(right, x + 1), max(bottom, y + 1))
    }
  }

  /// Paints the ground.
  init(width: Int, height: Int, random: RandomStream) {
    image = Image(width: width, height: height)
    owners = [Owner?](repeating: nil, count: width * height)
    ground = SyntheticGround(on: &image, random: random)
  }

  /// Paints a figure over those that are there.
  mutating func draw(_ figure: PlacedFigure, random: RandomStream) {
    var random = random
    let noise = ValueNoise(seed: UInt32(truncatingIfNeeded: random.next()))
    let texture = random.uniform(15...55)
    let grain = random.uniform(4...14)
    let number = extents.count
    extents.append(Extent())
    var layer = Layer(figure.bounds, in: image, softness: 0.1 * figure.blur * figure.height)
    for (index, part) in figure.pose.order.enumerated() {
      for stroke in figure.strokes(of: part) {
        layer.draw(stroke, part: index, blur: figure.blur) { x, y, depth in
          // Round limbs are lighter in the middle; the dark rim tells them from what is behind.
          let shade = 22 * depth - 14
          return shade + texture * (noise.fractal(Float(x) * 0.12, Float(y) * 0.12) - 0.5)
            + grain * noise.pixel(x, y)
        }
      }
    }
    let opacity = 1 - 0.55 * figure.blur
    for y in layer.rows {
      for x in layer.columns {
        let pixel = layer[x, y]
        guard pixel.cover > 0 else { continue }
        image.paint(
          x, y, PaintColor(values: pixel.color / pixel.cover), pixel.cover * opacity)
        guard pixel.part >= 0 else { continue }
        owners[y * image.width + x] = Owner(figure: Int16(number), part: pixel.part)
        extents[number].add(x, y)
      }
    }
  }

  /// Lays bars and discs over a figure, more and larger ones for a larger `amount` of 0...1.
  mutating func hide(_ figure: PlacedFigure, amount: Float, random: RandomStream) {
    var random = random
    for _ in 0..<Int((5 * amount).rounded(.up)) {
      let joint = random.integer(in: 0...figure.pose.joints.count - 1)
      let middle =
        figure.position(of: joint)
        + SIMD2(random.normal(), random.normal()) * 0.03 * figure.height
      let angle = random.uniform(-Float.pi...Float.pi)
      let isBar = random.bernoulli(0.6)
      let width = figure.height * (0.02 + 0.06 * amount) * random.uniform(0.6...1.4)
      let length = isBar ? figure.height * random.uniform(0.15...0.45) : width * 0.4
      let half = SIMD2(cos(angle), sin(angle)) * length
      let color = ground.colors.1.shifted(by: 70, using: &random)
      let noise = ValueNoise(seed: UInt32(truncatingIfNeeded: random.next()))
      let stroke = FigureStroke(
        corners: [middle - half, middle + half], radius: isBar ? width : 1.5 * width, color: color)
      forPixels(around: stroke, softness: 1) { canvas, x, y, cover in
        if cover > 0.5 { canvas.owners[y * canvas.image.width + x] = nil }
        let texture =
          50 * (noise.fractal(Float(x) * 0.15, Float(y) * 0.15) - 0.5) + 8 * noise.pixel(x, y)
        canvas.image.paint(x, y, color.lighter(by: texture), cover)
      }
    }
  }

  /// What is annotated of the drawn figures; those with hardly a joint in the picture are left out.
  ///
  /// A joint is occluded where its pixel shows something else than a part that ends in it. Joints outside
  /// of the picture are not labelled.
  func truths(_ figures: [PlacedFigure], layout: KeypointLayout) -> [KeypointTruth] {
    zip(figures, extents).enumerated().compactMap { number, item in
      let (figure, extent) = item
      let points = layout.names.indices.compactMap { joint -> LabelledKeypoint? in
        let place = figure.position(of: joint)
        guard place.x >= 0, place.y >= 0, place.x < Float(image.width),
          place.y < Float(image.height)
        else { return nil }
        let owner = owners[Int(place.y) * image.width + Int(place.x)]
        let isVisible =
          owner.map {
            Int($0.figure) == number
              && figure.pose.order[Int($0.part)].joints.contains(joint)
          } ?? false
        return LabelledKeypoint(
          index: joint, position: Point(written: place), isOccluded: !isVisible)
      }
      guard points.count >= 4, extent.right > extent.left else { return nil }
      let box = Box(
        left: Float(extent.left), top: Float(extent.top), right: Float(extent.right),
        bottom: Float(extent.bottom))
      let corners = [
        Point(Double(extent.left), Double(extent.top)),
        Point(Double(extent.right), Double(extent.bottom)),
      ]
      let head = figure.headBox
      let diagonal = Double(head.width * head.width + head.height * head.height).squareRoot()
      return KeypointTruth(
        layout: layout, points: points,
        region: PersonRegion.square(around: corners, atLeast: 16),
        sizes: ReferenceSizes(
          head: (60 * diagonal).rounded() / 100, area: Double(extent.count), box: box))
    }
  }

  private mutating func forPixels(
    around stroke: FigureStroke, softness: Float,
    _ body: (inout FigureCanvas, _ x: Int, _ y: Int, _ cover: Float) -> Void
  ) {
    let (columns, rows) = stroke.pixels(in: image, margin: softness)
    for y in rows {
      for x in columns {
        let distance = stroke.distance(SIMD2(Float(x) + 0.5, Float(y) + 0.5))
        let cover = PaintColor.smoothStep(0.5 - 0.5 * distance / softness)
        if cover > 0 { body(&self, x, y, cover) }
      }
    }
  }
}

extension Point {
  /// A place in hundredths of a pixel, which is how places of drawn things are written.
  init(written place: SIMD2<Float>) {
    self.init(
      (100 * Double(place.x)).rounded() / 100, (100 * Double(place.y)).rounded() / 100)
  }
}

extension FigureStroke {
  /// The pixels of a picture that it may touch.
  func pixels(in image: Image, margin: Float) -> (columns: Range<Int>, rows: Range<Int>) {
    let reach = radius + margin
    func range(_ values: [Float], _ limit: Int) -> Range<Int> {
      let low = Int(((values.min() ?? 0) - reach).rounded(.down))
      let high = Int(((values.max() ?? 0) + reach).rounded(.up))
      return (min(low, high)..<high).clamped(to: 0..<limit)
    }
    return (range(corners.map(\.x), image.width), range(corners.map(\.y), image.height))
  }
}

/// A figure by itself, so that its own parts hide each other however faint it is.
private struct Layer {
  struct Pixel {
    /// Times ``cover``.
    var color = SIMD3<Float>.zero
    /// 0...1.
    var cover: Float = 0
    /// Index of the nearest part; -1: none.
    var part: Int16 = -1
  }

  let columns: Range<Int>
  let rows: Range<Int>
  private let image: Image
  private var pixels: [Pixel]

  init(_ bounds: Box, in image: Image, softness: Float) {
    self.image = image
    let reach = softness + 2
    columns = (Int((bounds.left - reach).rounded(.down))..<Int((bounds.right + reach).rounded(.up)))
      .clamped(to: 0..<image.width)
    rows = (Int((bounds.top - reach).rounded(.down))..<Int((bounds.bottom + reach).rounded(.up)))
      .clamped(to: 0..<image.height)
    pixels = [Pixel](repeating: Pixel(), count: columns.count * rows.count)
  }

  subscript(x: Int, y: Int) -> Pixel {
    pixels[(y - rows.lowerBound) * columns.count + x - columns.lowerBound]
  }

  /// Paints a stroke; `shade` gets the pixel and how deep it lies inside, 0 at the rim and 1 in the middle.
  mutating func draw(
    _ stroke: FigureStroke, part: Int, blur: Float,
    _ shade: (_ x: Int, _ y: Int, _ depth: Float) -> Float
  ) {
    let softness = 0.8 + 0.9 * blur * stroke.radius
    let area = stroke.pixels(in: image, margin: softness)
    for y in area.rows.clamped(to: rows) {
      for x in area.columns.clamped(to: columns) {
        let distance = stroke.distance(SIMD2(Float(x) + 0.5, Float(y) + 0.5))
        let cover = PaintColor.smoothStep(0.5 - 0.5 * distance / softness)
        guard cover > 0 else { continue }
        let depth = min(1, max(0, -distance / stroke.radius))
        let color = stroke.color.lighter(by: shade(x, y, depth)).values
        let index = (y - rows.lowerBound) * columns.count + x - columns.lowerBound
        pixels[index].color += cover * (color - pixels[index].color)
        pixels[index].cover += cover * (1 - pixels[index].cover)
        if distance <= 0 { pixels[index].part = Int16(part) }
      }
    }
  }
}
