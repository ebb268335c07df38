import Foundation
package import Geometry

/// Finds places between the pixels of a map.
package struct HeatmapDecoder: Hashable, Sendable {
  /// How the place of a peak is refined.
  package enum Refinement: String, Hashable, Sendable, CaseIterable, Codable {
    /// A quarter of a pixel toward the larger neighbour, in each direction (Newell et al., Stacked
    /// Hourglass Networks, arXiv 1603.06937).
    case quarter
    /// DARK: the maximum of the parabola that the logarithm of the blurred map is near its peak (Zhang et
    /// al., arXiv 1910.06278).
    case dark
    /// The middle of the pixel.
    case none
  }

  /// How the place of a peak is refined.
  package var refinement: Refinement
  /// σ of the bumps that the maps were trained with, pixels; DARK blurs by it.
  package var standardDeviation: Float

  /// A decoder; σ above 0.
  package init(refinement: Refinement = .quarter, standardDeviation: Float = 1) {
    precondition(standardDeviation > 0, "a standard deviation of \(standardDeviation)")
    self.refinement = refinement
    self.standardDeviation = standardDeviation
  }

  /// The place of the largest value, in pixels of the map from its left and upper edge.
  package func place(in map: Heatmap) -> Point {
    let (row, column) = map.highest
    return places(in: map, of: [(row, column)])[0]
  }

  /// The places of peaks, likewise; refinement needs the neighbours, so peaks at the border stay in the
  /// middles of their pixels.
  package func places(in map: Heatmap, of peaks: [(row: Int, column: Int)]) -> [Point] {
    let logarithms = refinement == .dark && !peaks.isEmpty ? blurredLogarithms(of: map) : map
    return peaks.map { row, column in
      let middle = Point(Double(column) + 0.5, Double(row) + 0.5)
      let offset =
        switch refinement {
        case .none: Point(0, 0)
        case .quarter: quarter(map, row, column)
        case .dark: taylor(logarithms, row, column)
        }
      return Point(middle.x + offset.x, middle.y + offset.y)
    }
  }

  private func quarter(_ map: Heatmap, _ row: Int, _ column: Int) -> Point {
    guard row > 0, column > 0, row < map.height - 1, column < map.width - 1 else {
      return Point(0, 0)
    }
    func step(_ larger: Float, _ smaller: Float) -> Double {
      larger == smaller ? 0 : larger > smaller ? 0.25 : -0.25
    }
    return Point(
      step(map[row, column + 1], map[row, column - 1]),
      step(map[row + 1, column], map[row - 1, column]))
  }

  /// −H⁻¹ g of gradient g and Hessian H by differences, at most a pixel; 0 where H is no maximum's.
  private func taylor(_ map: Heatmap, _ row: Int, _ column: Int) -> Point {
    guard row > 1, column > 1, row < map.height - 2, column < map.width - 2 else {
      return Point(0, 0)
    }
    func value(_ dy: Int, _ dx: Int) -> Double { Double(map[row + dy, column + dx]) }
    let dx = 0.5 * (value(0, 1) - value(0, -1))
    let dy = 0.5 * (value(1, 0) - value(-1, 0))
    let dxx = 0.25 * (value(0, 2) - 2 * value(0, 0) + value(0, -2))
    let dyy = 0.25 * (value(2, 0) - 2 * value(0, 0) + value(-2, 0))
    let dxy = 0.25 * (value(1, 1) - value(-1, 1) - value(1, -1) + value(-1, -1))
    let determinant = dxx * dyy - dxy * dxy
    guard determinant > 1e-12, dxx < 0 else { return Point(0, 0) }
    let x = -(dyy * dx - dxy * dy) / determinant
    let y = -(dxx * dy - dxy * dx) / determinant
    // Farther away the parabola says nothing.
    return abs(x) <= 1 && abs(y) <= 1 ? Point(x, y) : Point(0, 0)
  }

  /// ln of the map after a Gaussian blur, whose largest value is that of the map again; at least 1e-10.
  private func blurredLogarithms(of map: Heatmap) -> Heatmap {
    let reach = max(1, Int((2.5 * standardDeviation).rounded(.up)))
    let raw = (-reach...reach).map {
      exp(-Float($0 * $0) / (2 * standardDeviation * standardDeviation))
    }
    let kernel = raw.map { $0 / raw.reduce(0, +) }
    let (height, width) = (map.height, map.width)
    var across = [Float](repeating: 0, count: map.values.count)
    var blurred = across
    for row in 0..<height {
      for column in 0..<width {
        for (place, weight) in kernel.enumerated() {
          let x = column + place - reach
          if x >= 0, x < width { across[row * width + column] += weight * map[row, x] }
        }
      }
    }
    for row in 0..<height {
      for (place, weight) in kernel.enumerated() {
        let y = row + place - reach
        guard y >= 0, y < height else { continue }
        for column in 0..<width {
          blurred[row * width + column] += weight * across[y * width + column]
        }
      }
    }
    let (largest, own) = (blurred.max() ?? 0, map.values.max() ?? 0)
    let scale = largest > 0 ? own / largest : 1
    return Heatmap(
      width: width, height: height, values: blurred.map { log(max($0 * scale, 1e-10)) })
  }
}
