import Compute
import Detection
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct AnchorClusteringTests {
  @Test(arguments: 1...5)
  func findsSeparateGroups(seed: UInt64) throws {
    let centres: [(Float, Float)] = [(200, 210), (10, 12), (80, 30), (30, 90)]
    let noise = randomValues(2 * 160, in: -0.08...0.08, seed: seed)
    let sizes = (0..<160).map {
      AnchorBox(
        width: centres[$0 % 4].0 * (1 + noise[2 * $0]),
        height: centres[$0 % 4].1 * (1 + noise[2 * $0 + 1]))
    }
    let result = try AnchorClustering(sizes: sizes, count: 4, stream: RandomStream(seed: seed))
    let expected: [(Float, Float)] = [(10, 12), (80, 30), (30, 90), (200, 210)]
    for (anchor, centre) in zip(result.anchors, expected) {
      #expect(abs(anchor.width / centre.0 - 1) < 0.03, "\(result.anchors)")
      #expect(abs(anchor.height / centre.1 - 1) < 0.03, "\(result.anchors)")
    }
    #expect(result.averageIntersectionOverUnion > 0.9)
    let again = AnchorClustering.averageIntersectionOverUnion(of: sizes, with: result.anchors)
    #expect(abs(again - result.averageIntersectionOverUnion) < 1e-9)
    let repeated = try AnchorClustering(sizes: sizes, count: 4, stream: RandomStream(seed: seed))
    #expect(repeated.anchors == result.anchors)
  }

  @Test func asManyAnchorsAsSizesFitExactly() throws {
    let sizes = [(3, 4), (30, 9), (3, 4), (70, 80)].map {
      AnchorBox(width: Float($0.0), height: Float($0.1))
    }
    let result = try AnchorClustering(sizes: sizes, count: 3, stream: RandomStream(seed: 1))
    #expect(result.anchors == [sizes[0], sizes[1], sizes[3]])
    #expect(result.averageIntersectionOverUnion == 1)
  }

  @Test func refusesWhatCannotBeClustered() {
    let two = [AnchorBox(width: 1, height: 2), AnchorBox(width: 2, height: 1)]
    #expect(throws: DetectionError.tooFewBoxes(distinct: 2, anchors: 3)) {
      try AnchorClustering(sizes: two + two, count: 3, stream: RandomStream(seed: 1))
    }
    #expect(throws: DetectionError.tooFewBoxes(distinct: 0, anchors: 1)) {
      try AnchorClustering(sizes: [], count: 1, stream: RandomStream(seed: 1))
    }
    for bad in [AnchorBox(width: 0, height: 1), AnchorBox(width: .nan, height: 1)] {
      #expect(throws: DetectionError.emptyBox(index: 2)) {
        try AnchorClustering(sizes: two + [bad], count: 1, stream: RandomStream(seed: 1))
      }
    }
  }

  /// Real sizes, with the labels read by the plainest means that do.
  @Test(.needsShared("datasets/bccd")) func bloodCellsNeedFewAnchors() throws {
    let folder = try sharedData("datasets/bccd/Annotations")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    var sizes: [AnchorBox] = []
    for file in files.prefix(100) {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      func numbers(_ name: String) -> [Float] {
        text.components(separatedBy: "<\(name)>").dropFirst().compactMap {
          Float($0.prefix { $0 != "<" })
        }
      }
      let (left, right) = (numbers("xmin"), numbers("xmax"))
      let (top, bottom) = (numbers("ymin"), numbers("ymax"))
      try #require(left.count == right.count && top.count == left.count)
      for index in left.indices where right[index] > left[index] && bottom[index] > top[index] {
        sizes.append(
          AnchorBox(width: right[index] - left[index] + 1, height: bottom[index] - top[index] + 1))
      }
    }
    try #require(sizes.count > 1000)
    // The best of 20 starts of an independent k-means in NumPy.
    for (count, reference) in [(1, 0.7284), (3, 0.8161), (6, 0.8617), (9, 0.8829)] {
      let result = try AnchorClustering(
        sizes: sizes, count: count, stream: RandomStream(seed: 2))
      print("bccd: \(count) anchors, average IoU \(result.averageIntersectionOverUnion)")
      #expect(result.averageIntersectionOverUnion > reference - 0.004)
      #expect(zip(result.anchors, result.anchors.dropFirst()).allSatisfy { $0.area <= $1.area })
    }
  }

  @Test func sizesOverlapAsCentredBoxes() {
    let values = randomValues(800, in: 0.1...3, seed: 8)
    for index in stride(from: 0, to: 800, by: 4) {
      let a = AnchorBox(width: values[index], height: values[index + 1])
      let b = AnchorBox(width: values[index + 2], height: values[index + 3])
      let boxA = Box(centerX: 0, centerY: 0, width: a.width, height: a.height)
      let boxB = Box(centerX: 0, centerY: 0, width: b.width, height: b.height)
      #expect(abs(a.intersectionOverUnion(with: b) - boxA.intersectionOverUnion(with: boxB)) < 1e-5)
    }
  }
}
