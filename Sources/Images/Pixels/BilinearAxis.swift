/// Bilinear weights along one axis: output position o reads two source positions.
///
/// Half-pixel centres and no antialiasing, as cv2.INTER_LINEAR: s = (o + ½) · length / count − ½,
/// clamped to the range's ends. The range may reach outside the source; what lies there is 0.
struct BilinearAxis {
  /// Source positions, always valid; interleaved first and second neighbour.
  private(set) var positions: [Int32]
  /// Their weights; 0 where the neighbour lies outside the source.
  private(set) var weights: [Float]

  /// - Parameters:
  ///   - count: Output positions.
  ///   - range: The part of the source that they cover, at least one position long.
  ///   - sourceCount: Positions of the source.
  ///   - mirrored: Whether the output runs backwards.
  ///   - wanted: The output positions that are kept, 0 ..< count; nil: all.
  init(
    count: Int, range: Range<Int>, sourceCount: Int, mirrored: Bool = false,
    wanted: Range<Int>? = nil
  ) {
    let wanted = wanted ?? 0..<count
    positions = [Int32](repeating: 0, count: 2 * wanted.count)
    weights = [Float](repeating: 0, count: 2 * wanted.count)
    let ratio = Double(range.count) / Double(count)
    let last = range.count - 1
    for output in wanted {
      let o = mirrored ? count - 1 - output : output
      let place = (Double(o) + 0.5) * ratio - 0.5
      let clamped = min(max(place, 0), Double(last))
      let first = Int(clamped)
      let fraction = Float(clamped - Double(first))
      let target = 2 * (output - wanted.lowerBound)
      set(target, first + range.lowerBound, 1 - fraction, sourceCount)
      set(target + 1, min(first + 1, last) + range.lowerBound, fraction, sourceCount)
    }
  }

  private mutating func set(_ index: Int, _ position: Int, _ weight: Float, _ sourceCount: Int) {
    let inside = position >= 0 && position < sourceCount
    positions[index] = inside ? Int32(position) : 0
    weights[index] = inside ? weight : 0
  }
}
