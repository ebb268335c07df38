import Compute
import Foundation
import Losses
import TestSupport
import Testing

@Suite struct GaussianTargetsTests {
  private struct Row: Sendable {
    let height, width, overlap: Double
    let bounds: (Double, Double, Double)
    let radius: Int
  }

  private static let rows = [
    Row(height: 10, width: 10, overlap: 0.7, bounds: (0.925148, 0.816700, 0.976143), radius: 0),
    Row(height: 20, width: 40, overlap: 0.7, bounds: (2.453248, 2.154767, 2.627090), radius: 2),
    Row(height: 20, width: 40, overlap: 0.3, bounds: (8.338265, 5.780456, 11.299556), radius: 5),
    Row(height: 64, width: 64, overlap: 0.3, bounds: (20.520562, 14.472878, 26.423739), radius: 14),
  ]

  @Test(arguments: rows)
  private func radiusIsCornerNets(row: Row) {
    let bounds = GaussianTargets.RadiusBounds(
      height: row.height, width: row.width, minimumOverlap: row.overlap)
    #expect(abs(bounds.bothWays - row.bounds.0) < 1e-6)
    #expect(abs(bounds.inwards - row.bounds.1) < 1e-6)
    #expect(abs(bounds.outwards - row.bounds.2) < 1e-6)
    #expect(bounds.radius == row.radius)
  }

  /// A box whose corners move by a bound overlaps itself by exactly the given IoU.
  @Test func boundsAreWhatTheyClaim() {
    for index in 0..<200 {
      let values = randomValues(3, in: 0.05...0.95, seed: UInt64(index)).map { Double($0) }
      let (h, w, m) = (100 * values[0], 100 * values[1], values[2])
      let bounds = GaussianTargets.RadiusBounds(height: h, width: w, minimumOverlap: m)
      let area = h * w
      let shared = (h - bounds.bothWays) * (w - bounds.bothWays)
      #expect(abs(shared / (2 * area - shared) - m) < 1e-9, "case \(index)")
      #expect(abs((h - 2 * bounds.inwards) * (w - 2 * bounds.inwards) / area - m) < 1e-9)
      #expect(abs(area / ((h + 2 * bounds.outwards) * (w + 2 * bounds.outwards)) - m) < 1e-9)
    }
    // An overlap of 1 leaves nothing to move.
    #expect(GaussianTargets.RadiusBounds(height: 7, width: 3, minimumOverlap: 1).radius == 0)
  }

  @Test(arguments: ["pose", "distance aware"])
  func drawsTheReferenceMaps(name: String) throws {
    let golden = try #require(try goldenCases("losses").first { $0.name == name })
    let targets = try Tensor(logitShape(golden))
    let bumps = try golden.array("bumps")
    for start in stride(from: 0, to: bumps.count, by: 6) {
      let bump = bumps[start..<start + 6].map { Int($0) }
      // The distance-aware maps have CornerNet's own width.
      GaussianTargets.draw(
        into: targets, image: bump[0], channel: bump[1], row: bump[2], column: bump[3],
        radius: bump[4], standardDeviation: name == "pose" ? bumps[start + 5] : nil)
    }
    expectClose(targets.values, try golden.array("targets"), absolute: 1e-8, name)
  }

  @Test func overlapsTakeTheLargerValue() throws {
    let targets = try Tensor(Shape(height: 5, width: 7, channels: 1))
    GaussianTargets.draw(into: targets, image: 0, channel: 0, row: 2, column: 2, radius: 2)
    let first = targets.values
    let other = try Tensor(targets.shape)
    GaussianTargets.draw(into: other, image: 0, channel: 0, row: 2, column: 3, radius: 1)
    GaussianTargets.draw(into: targets, image: 0, channel: 0, row: 2, column: 3, radius: 1)
    #expect(targets.values == zip(first, other.values).map { max($0, $1) })
    #expect(targets.values != first && first.filter { $0 == 1 }.count == 1)
    #expect(abs(GaussianTargets.standardDeviation(radius: 2) - 0.8333333) < 1e-6)
  }

  @Test func bordersClip() throws {
    let targets = try Tensor(Shape(height: 3, width: 2, channels: 1))
    for (row, column) in [(-3, 0), (9, 1), (1, 40), (1, -40)] {
      GaussianTargets.draw(
        into: targets, image: 0, channel: 0, row: row, column: column, radius: 2)
    }
    #expect(targets.values.allSatisfy { $0 == 0 })
    GaussianTargets.draw(
      into: targets, image: 0, channel: 0, row: -1, column: 0, radius: 1, standardDeviation: 1)
    expectClose(targets.values, [exp(-0.5), exp(-1), 0, 0, 0, 0])
  }

  /// A wide window ends where the bump falls below the machine epsilon: zeros there are exact.
  @Test func valuesBelowEpsilonAreZero() throws {
    let targets = try Tensor(Shape(width: 9, channels: 1))
    GaussianTargets.draw(
      into: targets, image: 0, channel: 0, row: 0, column: 0, radius: 8, standardDeviation: 1)
    // e^(−25/2) = 4e-6 stays, e^(−36/2) = 1.5e-8 does not.
    #expect(
      targets.values.map { $0 > 0 } == [true, true, true, true, true, true, false, false, false])
  }
}
