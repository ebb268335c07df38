/// A rectangle of whole pixels.
package struct PixelRectangle: Hashable, Sendable, Codable {
  /// First column.
  package var x: Int
  /// First row.
  package var y: Int
  /// Columns.
  package var width: Int
  /// Rows.
  package var height: Int

  /// A rectangle of whole pixels.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The largest rectangle of given proportions in the middle of an image: of a square input the
  /// image's largest square.
  ///
  /// - Parameters:
  ///   - imageWidth: Pixels of the image, positive.
  ///   - imageHeight: Pixels of the image, positive.
  ///   - width: Of what gives the proportions, positive.
  ///   - height: Likewise.
  /// - Returns: A rectangle inside the image; of an odd rest the larger half is right of it and below.
  package static func center(
    ofWidth imageWidth: Int, height imageHeight: Int, proportionedAs width: Int, _ height: Int
  ) -> PixelRectangle {
    func scaled(_ length: Int, _ part: Int, _ whole: Int, limit: Int) -> Int {
      min(max(Int((Double(length) * Double(part) / Double(whole)).rounded()), 1), limit)
    }
    let isWide = imageWidth * height > imageHeight * width
    let ownWidth =
      isWide ? scaled(imageHeight, width, height, limit: imageWidth) : imageWidth
    let ownHeight =
      isWide ? imageHeight : scaled(imageWidth, height, width, limit: imageHeight)
    return PixelRectangle(
      x: (imageWidth - ownWidth) / 2, y: (imageHeight - ownHeight) / 2, width: ownWidth,
      height: ownHeight)
  }

  private enum CodingKeys: String, CodingKey {
    case x = "left"
    case y = "top"
    case width
    case height
  }
}
