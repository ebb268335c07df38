import Foundation

extension Heatmap {
  /// What the map says of the certainty of a peak.
  ///
  /// Values below 0 count as 0; a map without mass has the entropy of an even one.
  ///
  /// - Parameters:
  ///   - peak: The pixel.
  ///   - bald: The mutual information of each pixel in bits; nil: not known.
  ///   - reach: How far around the peak it is averaged, pixels.
  /// - Returns: Its spread is in pixels of the map.
  package func doubt(
    at peak: (row: Int, column: Int), bald: Heatmap? = nil, reach: Int = 3
  ) -> KeypointDoubt {
    let mass = values.reduce(0.0) { $0 + Double(max(0, $1)) }
    var (entropy, square) = (0.0, 0.0)
    for row in 0..<height {
      for column in 0..<width where self[row, column] > 0 {
        let share = Double(self[row, column]) / mass
        entropy -= share * log2(share)
        let (dy, dx) = (Double(row - peak.row), Double(column - peak.column))
        square += share * (dx * dx + dy * dy)
      }
    }
    if mass <= 0 { entropy = log2(Double(values.count)) }
    let others = peaks(above: 0).filter { $0 != peak }
    let own = self[peak.row, peak.column]
    let second = others.first.map { self[$0.row, $0.column] } ?? 0
    var doubt = KeypointDoubt(
      entropy: Float(entropy), secondPeak: own > 0 ? min(1, second / own) : 0,
      spread: Float(square.squareRoot()))
    if let bald {
      doubt.baldAtPeak = bald[peak.row, peak.column]
      var (sum, count) = (Float(0), 0)
      for row in max(0, peak.row - reach)...min(height - 1, peak.row + reach) {
        for column in max(0, peak.column - reach)...min(width - 1, peak.column + reach) {
          sum += bald[row, column]
          count += 1
        }
      }
      doubt.baldAround = sum / Float(count)
    }
    return doubt
  }
}
