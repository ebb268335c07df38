extension PixelRectangle {
  /// The smallest rectangle of given proportions around a region, about its middle; it may reach out of
  /// the picture.
  ///
  /// - Parameters:
  ///   - region: Pixels of the picture; a region without area becomes one pixel.
  ///   - width: Of what gives the proportions, positive.
  ///   - height: Likewise.
  /// - Returns: Whole pixels, at least one each way.
  package static func around(
    _ region: Box, proportionedAs width: Int, _ height: Int
  ) -> PixelRectangle {
    let own = (width: Double(region.width), height: Double(region.height))
    let scale = max(own.width / Double(width), own.height / Double(height))
    func whole(_ length: Int) -> Int {
      max(1, min(Int((Double(length) * scale).rounded()), 1 << 24))
    }
    let (columns, rows) = (whole(width), whole(height))
    func start(_ low: Float, _ high: Float, _ length: Int) -> Int {
      Int(((Double(low) + Double(high)) / 2 - Double(length) / 2).rounded())
    }
    return PixelRectangle(
      x: start(region.left, region.right, columns), y: start(region.top, region.bottom, rows),
      width: columns, height: rows)
  }
}
