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
  init(count: Int, range: Range<Int>, sourceCount: Int, mirrored: Bool = false) {
    positions = [Int32](repeating: 0, count: 2 * count)
    weights = [Float](repeating: 0, count: 2 * count)
    let ratio = Double(range.count) / Double(count)
    let last = range.count - 1
    for o in 0..<count {
      let place = (Double(o) + 0.5) * ratio - 0.5
      let clamped = min(max(place, 0), Double(last))
      let first = Int(clamped)
      let fraction = Float(clamped - Double(first))
      let target = 2 * (mirrored ? count - 1 - o : o)
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
