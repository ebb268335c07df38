import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

/// Whether deviations of edges are what they say.
@Suite struct EdgeCoverageTests {
  /// Boxes whose edges are off by so many of their deviations, which are 2 pixels.
  private func images(_ errors: [Float], isBounded: Bool = false) -> [EvaluatedImage] {
    errors.enumerated().map { index, error in
      var detection = found(0.9, 101 + 2 * error, 101, 200, 200)
      detection.edges = EdgeDeviations(
        left: 2, top: 1, right: 1, bottom: 1, isBounded: isBounded && index == 0)
      return EvaluatedImage(
        id: "\(index)", objects: [object(101, 101, 200, 200)], detections: [detection])
    }
  }

  @Test func sharesAreCountedAndScored() throws {
    // Within 0.674, 1.645 and 1.960 deviations: 2, 3 and 4 of five.
    let report = try TrustReport(images: images([0.5, -0.6, 1.6, -1.9, 2.5]), classNames: ["a"])
    let edges = try #require(report.edges)
    #expect(edges.count == 5 && edges.boundedCount == 0)
    #expect(edges.coverage.map { $0[0].value } == [0.4, 0.6, 0.8])
    #expect(edges.coverage.map { $0[1].value } == [1, 1, 1])
    // The score of a perfect edge: σ (√2 − 1) / √π.
    let perfect = (2.0.squareRoot() - 1) / Double.pi.squareRoot()
    #expect(isClose(edges.energy[1].value, perfect, 1e-6))
    #expect((edges.energy[0].value ?? 0) > 2 * perfect)
    #expect(report.table.contains("  edges        of 5 right boxes"))
    #expect(report.table.contains("left 40.0, 60.0, 80.0"))
  }

  @Test func boundsAndAbsenceAreTold() throws {
    let report = try TrustReport(images: images([0, 0, 1], isBounded: true), classNames: ["a"])
    #expect(report.edges?.boundedCount == 1)
    #expect(report.table.contains("1 of them have a variance at its bound"))
    let plain = images([0, 1]).map { image in
      var image = image
      image.detections[0].edges = nil
      return image
    }
    #expect(try TrustReport(images: plain, classNames: ["a"]).edges == nil)
  }
}
