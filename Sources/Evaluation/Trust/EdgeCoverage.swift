import Detection
import Files
import Foundation
import Geometry

/// Whether the edges of right boxes are as far off as their deviations say.
///
/// Of every right detection that says it, the edge of its object is held against the normal distribution about its
/// own edge: how often it lies in the middle 50, 90 and 95 %, and the energy score of one dimension (the continuous
/// ranked probability score) in pixels,
///
///     σ { z (2 Φ(z) − 1) + 2 φ(z) − 1/√π },   z = (object's edge − box's edge) / σ
package struct EdgeCoverage: ImageStatistic {
  /// The levels of the intervals.
  package static let levels = [0.5, 0.9, 0.95]
  /// How many deviations reach to their ends.
  private static let reaches = [
    0.674_489_750_196_081_7, 1.644_853_626_951_472_2, 1.959_963_984_540_054,
  ]
  /// What the edges are called, in the order of the values.
  package static let names = ["left", "top", "right", "bottom"]

  private struct Entry: Sendable {
    let image: Int32
    /// The object's edge less the box's, and σ, in pixels.
    let errors: [(error: Double, deviation: Double)]
  }

  /// The number of images.
  package let imageCount: Int
  /// How many right detections say it.
  package let count: Int
  /// How many of them have a log variance at its bound.
  package let boundedCount: Int
  private let entries: [Entry]

  /// The right detections among matched ones; nil if none says how far its edges may be off.
  init?(_ matched: MatchedDetections, images: [EvaluatedImage]) {
    var entries: [Entry] = []
    var bounded = 0
    for match in matched.pooled where !match.isWrong {
      let image = images[match.imageIndex]
      let detection = image.detections[match.detectionIndex]
      guard let edges = detection.edges, let object = match.objectIndex else { continue }
      if edges.isBounded { bounded += 1 }
      let errors = zip(image.objects[object].box.edges, detection.box.edges).map {
        Double($0) - Double($1)
      }
      entries.append(
        Entry(
          image: Int32(match.imageIndex),
          errors: zip(errors, edges.all).map { ($0, max(Double($1), 1e-9)) }))
    }
    guard !entries.isEmpty else { return nil }
    imageCount = images.count
    count = entries.count
    boundedCount = bounded
    self.entries = entries
  }

  /// The coverage of each level, edge after edge, then the energy score of each edge.
  package var valueCount: Int { 4 * (Self.levels.count + 1) }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    var sums = [Double](repeating: 0, count: valueCount)
    var total = 0
    for entry in entries {
      let weight = weights[Int(entry.image)]
      guard weight > 0 else { continue }
      total += weight
      for (edge, part) in entry.errors.enumerated() {
        let z = abs(part.error) / part.deviation
        for (level, reach) in Self.reaches.enumerated() where z <= reach {
          sums[4 * level + edge] += Double(weight)
        }
        let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
        let score =
          part.deviation
          * (z * erf(z / 2.0.squareRoot()) + 2 * density - 1 / Double.pi.squareRoot())
        sums[4 * Self.levels.count + edge] += Double(weight) * score
      }
    }
    return sums.map { total > 0 ? $0 / Double(total) : nil }
  }

  /// What a value can be.
  package func range(ofValue index: Int) -> ClosedRange<Double> {
    0...(index < 4 * Self.levels.count ? 1 : .infinity)
  }
}

extension EdgeCoverage {
  /// What the values are, with intervals where there are any.
  package struct Summary: Sendable {
    /// How many right detections say it.
    package let count: Int
    /// How many of them have a log variance at its bound.
    package let boundedCount: Int
    /// For each level, the share of each edge, 0...1.
    package let coverage: [[Estimate]]
    /// The energy score of each edge, pixels.
    package let energy: [Estimate]

    /// From a statistic's values.
    init(_ statistic: EdgeCoverage, _ values: [Estimate]) {
      count = statistic.count
      boundedCount = statistic.boundedCount
      coverage = EdgeCoverage.levels.indices.map { Array(values[4 * $0..<4 * $0 + 4]) }
      energy = Array(values[(4 * EdgeCoverage.levels.count)...])
    }

    /// Lines for people.
    package var lines: [String] {
      let levels = EdgeCoverage.levels.map { "\(Int(100 * $0))" }.joined(separator: ", ")
      let rows = EdgeCoverage.names.indices.map { edge in
        EdgeCoverage.names[edge] + " "
          + coverage.map { NumberText.percent($0[edge].value) }.joined(separator: ", ")
          + " (energy score \(NumberText.decimal(energy[edge].value, digits: 2)) pixels)"
      }
      var lines = [
        "  edges        of \(count) right boxes, % within the middle \(levels) % of what they say:",
        "               " + rows.joined(separator: "; "),
      ]
      if boundedCount > 0 {
        lines.append(
          "               \(boundedCount) of them have a variance at its bound: take their deviations for unknown"
        )
      }
      return lines
    }

    var json: JSONValue {
      func edges(_ estimates: [Estimate]) -> JSONValue {
        .object(
          Dictionary(
            zip(EdgeCoverage.names, estimates.map { JSONValue.estimate($0) }),
            uniquingKeysWith: { first, _ in first }))
      }
      return .object([
        "detections": .integer(count), "bounded": .integer(boundedCount),
        "coverage": .object(
          Dictionary(
            zip(EdgeCoverage.levels.map { "\($0)" }, coverage.map(edges)),
            uniquingKeysWith: { first, _ in first })), "energyScore": edges(energy),
      ])
    }
  }
}
