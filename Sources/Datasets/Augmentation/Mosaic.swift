import Compute
package import Geometry

/// Four inputs that meet at a random point, as in AlexeyAB's Darknet: between 20 and 80 % of either
/// side.
///
/// The inner corner of what is seen of each picture lies at that point, so that the fill around a
/// letterbox or a crop shows at the outside if at all.
struct Mosaic {
  /// The point's smallest distance from the border, as a share of the side.
  static let margin: Float = 0.2
  /// Objects that keep a smaller share of their area in their quarter are dropped.
  static let leastShare: Float = 0.1

  /// Pixels of the input.
  let width: Int
  /// Pixels of the input.
  let height: Int
  /// Columns of the left quarters.
  let centerX: Int
  /// Rows of the upper quarters.
  let centerY: Int

  init(width: Int, height: Int, using random: inout RandomStream) {
    func center(_ side: Int) -> Int {
      let least = Int(Self.margin * Float(side))
      return random.integer(in: least...side - least)
    }
    self.width = width
    self.height = height
    centerX = center(width)
    centerY = center(height)
  }

  /// The quarter of a picture, 0...3 row by row.
  func pane(_ quarter: Int, showing variation: ImageVariation) -> Pane {
    let seen = variation.toInput(
      Box(
        left: 0, top: 0, right: Float(variation.imageWidth), bottom: Float(variation.imageHeight)))
    let (x, columns, sourceX) = side(
      isFirst: quarter % 2 == 0, center: centerX, length: width, from: seen.left, to: seen.right)
    let (y, rows, sourceY) = side(
      isFirst: quarter < 2, center: centerY, length: height, from: seen.top, to: seen.bottom)
    return Pane(
      rectangle: PixelRectangle(x: x, y: y, width: columns, height: rows), sourceX: sourceX,
      sourceY: sourceY, inputWidth: width, inputHeight: height)
  }

  /// Start and length of a quarter along one axis, and what of its own input it begins with.
  private func side(
    isFirst: Bool, center: Int, length: Int, from: Float, to: Float
  ) -> (start: Int, count: Int, source: Int) {
    func pixel(_ fraction: Float) -> Int { Int((fraction * Float(length)).rounded()) }
    return isFirst
      ? (0, center, max(0, pixel(to) - center))
      : (center, length - center, min(center, pixel(from)))
  }

}

/// A part of one input that is shown at some place of another of the same size.
package struct Pane: Hashable, Sendable {
  /// Where it is shown.
  let rectangle: PixelRectangle
  /// Its first column in its own input.
  let sourceX: Int
  /// Its first row in its own input.
  let sourceY: Int
  let inputWidth: Int
  let inputHeight: Int
  /// How much of what the joined input shows is this part, 0...1: unless said otherwise its area's.
  package var share: Float

  /// A part of an input of the given size.
  package init(
    rectangle: PixelRectangle, sourceX: Int, sourceY: Int, inputWidth: Int, inputHeight: Int
  ) {
    share =
      Float(rectangle.width * rectangle.height) / Float(max(1, inputWidth * inputHeight))
    self.rectangle = rectangle
    self.sourceX = sourceX
    self.sourceY = sourceY
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
  }

  /// The whole input, of whose light this part is a share.
  init(width: Int, height: Int, share: Float) {
    self.init(
      rectangle: PixelRectangle(x: 0, y: 0, width: width, height: height), sourceX: 0, sourceY: 0,
      inputWidth: width, inputHeight: height)
    self.share = share
  }

  /// What of its own input it shows.
  var source: PixelRectangle {
    PixelRectangle(x: sourceX, y: sourceY, width: rectangle.width, height: rectangle.height)
  }

  /// Shows the part in the joined input.
  ///
  /// - Parameters:
  ///   - values: [h, w, C] of what ``source`` is.
  ///   - target: [H, W, C].
  ///   - channels: C.
  func copy(_ values: [Float], into target: inout [Float], channels: Int) {
    let count = rectangle.width * channels
    guard count > 0 else { return }
    values.withUnsafeBufferPointer { values in
      target.withUnsafeMutableBufferPointer { target in
        for row in 0..<rectangle.height {
          let to = ((rectangle.y + row) * inputWidth + rectangle.x) * channels
          _ = UnsafeMutableBufferPointer(rebasing: target[to..<to + count])
            .update(from: values[row * count..<(row + 1) * count])
        }
      }
    }
  }

  /// What of a box is shown, and where; both boxes are fractions of their inputs.
  ///
  /// - Returns: nil if less than ``Mosaic/leastShare`` of the box's area is shown.
  func shown(_ box: Box) -> Box? {
    let (width, height) = (Float(inputWidth), Float(inputHeight))
    let moved = box.transformed(
      scaleX: 1, scaleY: 1, offsetX: Float(rectangle.x - sourceX) / width,
      offsetY: Float(rectangle.y - sourceY) / height)
    let left = Float(rectangle.x) / width
    let top = Float(rectangle.y) / height
    let right = Float(rectangle.x + rectangle.width) / width
    let bottom = Float(rectangle.y + rectangle.height) / height
    let shown = Box(
      left: min(max(moved.left, left), right), top: min(max(moved.top, top), bottom),
      right: min(max(moved.right, left), right), bottom: min(max(moved.bottom, top), bottom))
    return shown.area > 0 && shown.area >= Mosaic.leastShare * box.area ? shown : nil
  }
}
