import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

@Suite("heatmaps")
struct HeatmapTests {
  private static func map(_ golden: GoldenCase) throws -> Heatmap {
    Heatmap(width: 12, height: 16, values: try golden.array("values"))
  }

  @Test("DARK and the quarter of a pixel agree with SciPy's")
  func refinement() throws {
    let cases = try goldenCases("keypoints")
    #expect(cases.count == 6)
    for golden in cases {
      let map = try Self.map(golden)
      let sigma = Float(try #require(golden.numbers["sigma"]))
      for refinement in [HeatmapDecoder.Refinement.dark, .quarter] {
        let place = HeatmapDecoder(refinement: refinement, standardDeviation: sigma).place(in: map)
        expectClose(
          [Float(place.x), Float(place.y)], try golden.array(refinement.rawValue), absolute: 1e-4,
          "\(golden.name), \(refinement)")
      }
      // The bump's own middle is found to a tenth of a pixel, in spite of the noise.
      let place = HeatmapDecoder(refinement: .dark, standardDeviation: sigma).place(in: map)
      let truth = try golden.array("truth")
      #expect(hypot(place.x - Double(truth[0]), place.y - Double(truth[1])) < 0.15)
    }
  }

  @Test("entropy and spread agree with NumPy's")
  func doubt() throws {
    for golden in try goldenCases("keypoints") {
      let map = try Self.map(golden)
      let doubt = map.doubt(at: map.highest)
      #expect(abs(Double(doubt.entropy) - golden.numbers["entropy"]!) < 1e-4)
      #expect(abs(Double(doubt.spread) - golden.numbers["spread"]!) < 1e-4)
    }
  }

  @Test("peaks are the largest of their windows, the first of equal ones, the highest first")
  func peaks() {
    let map = Heatmap(
      width: 5, height: 3,
      values: [
        0.5, 0.1, 0, 0.2, 0.2,
        0.1, 0.1, 0, 0.1, 0.2,
        0, 0, 0.9, 0, 0,
      ])
    func found(_ window: Int, _ threshold: Float) -> [[Int]] {
      map.peaks(window: window, above: threshold).map { [$0.row, $0.column] }
    }
    #expect(found(3, 0.15) == [[2, 2], [0, 0], [0, 3]])
    #expect(found(3, 0.5) == [[2, 2]])
    #expect(found(5, 0.15) == [[2, 2]])
    #expect(map.highest == (2, 2))
    let doubt = map.doubt(at: map.highest)
    #expect(abs(doubt.secondPeak - 0.5 / 0.9) < 1e-6)
  }

  @Test("mirrored maps are mirrored back")
  func mirroring() {
    let map = Heatmap(width: 3, height: 2, values: [1, 2, 3, 4, 5, 6])
    #expect(map.mirrored.values == [3, 2, 1, 6, 5, 4])
    #expect(map.averaged(with: map.mirrored).values == [2, 2, 2, 5, 5, 5])
  }

  @Test("a peak at the border stays in its pixel, and flat maps have no direction")
  func borders() {
    for refinement in HeatmapDecoder.Refinement.allCases {
      let decoder = HeatmapDecoder(refinement: refinement)
      var values = [Float](repeating: 0.1, count: 25)
      let flat = decoder.places(
        in: Heatmap(width: 5, height: 5, values: values), of: [(2, 2)])
      #expect(flat == [Point(2.5, 2.5)], "\(refinement)")
      values[4] = 1
      let corner = decoder.place(in: Heatmap(width: 5, height: 5, values: values))
      #expect(corner == Point(4.5, 0.5), "\(refinement)")
    }
  }

  @Test("bits are those of the peak and the mean around it; a map without mass says nothing")
  func bits() {
    let map = Heatmap(width: 3, height: 1, values: [0, 1, 0])
    let bald = Heatmap(width: 3, height: 1, values: [0.3, 0.6, 0])
    let doubt = map.doubt(at: (0, 1), bald: bald, reach: 1)
    #expect(doubt.baldAtPeak == 0.6 && abs((doubt.baldAround ?? 0) - 0.3) < 1e-6)
    #expect(doubt.entropy == 0 && doubt.secondPeak == 0 && doubt.spread == 0)
    let empty = Heatmap(width: 4, height: 1, values: [0, -1, 0, 0]).doubt(at: (0, 0))
    #expect(empty.entropy == 2 && empty.secondPeak == 0 && empty.spread == 0)
  }
}
