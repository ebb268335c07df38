import Compute
import Detection
import Foundation
import Geometry
import TestSupport
import Testing

/// Variances of box logits, carried through the decoding.
@Suite struct EdgeDeviationTests {
  private func grid(_ code: YOLOHead.SizeCode, scale: Float) -> PredictionGrid {
    var head = YOLOHead(
      anchors: [AnchorBox(width: 20, height: 35)], mask: [0], classCount: 1, scaleXY: scale)
    head.sizeCode = code
    return PredictionGrid(
      head: .yolo(head), shape: Shape(batch: 1, height: 5, width: 4, channels: 6),
      inputWidth: 128, inputHeight: 160)
  }

  @Test(arguments: [(YOLOHead.SizeCode.exponential, Float(1)), (.squared, 1.2)])
  func agreesWithDraws(code: YOLOHead.SizeCode, scale: Float) throws {
    let grid = grid(code, scale: scale)
    var random = RandomStream(seed: 5)
    let count = 100_000
    for (means, variances) in [
      ([0.3, -1, 0.2, -0.4], [-2, -1, -4, -3]), ([2, 0, -0.5, 0.3], [1, 3, -2, -1.5]),
    ] as [([Float], [Float])] {
      let told = means.withUnsafeBufferPointer { logits in
        logits.baseAddress.map {
          grid.edgeDeviations($0, logVariances: variances, bound: 7, anchor: 0)
        }
      }
      let deviations = try #require(told)
      #expect(!deviations.isBounded && deviations.isValid)
      var (sums, squares) = ([Double](repeating: 0, count: 4), [Double](repeating: 0, count: 4))
      for _ in 0..<count {
        let drawn = zip(means, variances).map { $0 + exp($1 / 2) * random.normal() } + [0, 0]
        let box = drawn.withUnsafeBufferPointer { logits in
          logits.baseAddress.map { grid.box($0, row: 2, column: 1, anchor: 0) }
        }
        for (edge, value) in (box?.edges ?? []).enumerated() {
          sums[edge] += Double(value)
          squares[edge] += Double(value) * Double(value)
        }
      }
      let drawn = zip(sums, squares).map {
        Float(max(0, $1 / Double(count) - $0 * $0 / Double(count * count)).squareRoot())
      }
      // Of 10⁵ draws a deviation is known to half a per cent, of a lognormal one to two.
      expectClose(deviations.all, drawn, relative: 0.025, "\(variances)")
    }
  }

  @Test func boundsAreKeptAndTold() throws {
    let grid = grid(.exponential, scale: 1)
    let means: [Float] = [0, 0, 0, 0]
    func told(_ variances: [Float]) throws -> EdgeDeviations {
      try #require(
        means.withUnsafeBufferPointer { logits in
          logits.baseAddress.map {
            grid.edgeDeviations($0, logVariances: variances, bound: 7, anchor: 0)
          }
        })
    }
    let wild = try told([300, 7, 7, 9])
    #expect(wild.isBounded && wild.isValid)
    #expect(wild == (try told([7, 7, 7, 7])))
    #expect(try told([-50, -7, -9, -7]) == told([-7, -7, -7, -7]))
    #expect(try !told([6.9, 0, 0, -6.9]).isBounded)
  }

  @Test func logitsAreThoseThatDecodeToTheBox() throws {
    for (code, scale) in [(YOLOHead.SizeCode.exponential, Float(1)), (.squared, 1.2)] {
      let grid = grid(code, scale: scale)
      let box = Box(centerX: 0.4, centerY: 0.45, width: 0.2, height: 0.3)
      let logits = grid.boxLogits(of: box, row: 2, column: 1, anchor: 0) + [0, 0]
      let decoded = logits.withUnsafeBufferPointer { values in
        values.baseAddress.map { grid.box($0, row: 2, column: 1, anchor: 0) }
      }
      expectClose(try #require(decoded).edges, box.edges, relative: 1e-5)
    }
  }

  @Test func votingWeighsEdgesByTheirVariance() throws {
    func detection(_ left: Float, _ confidence: Float, _ deviation: Float?) -> Detection {
      var detection = Detection(
        box: Box(left: left, top: 0, right: left + 10, bottom: 10), classIndex: 0,
        confidence: confidence, objectness: 1)
      detection.edges = deviation.map {
        EdgeDeviations(left: $0, top: 1, right: 2 * $0, bottom: 1)
      }
      return detection
    }
    let all = [
      detection(0, 0.9, 2), detection(1, 0.5, 1), detection(6, 0.4, 1), detection(0.5, 0.3, nil),
    ]
    let kept = NonMaximumSuppression.suppressed(all, threshold: 0.5)
    let voted = NonMaximumSuppression.withVotedBoxes(kept, among: all, threshold: 0.5)
    // IoU of the first two is 9 / 11: the second has the say exp(−(2/11)² / 0.02), and four times by its variance.
    let say = 4 * exp(-Float(4) / 121 / 0.02)
    #expect(abs(voted[0].box.left - say / (1 + say)) < 1e-5)
    #expect(abs(voted[0].box.right - (10 + say / (1 + say))) < 1e-4)
    #expect(voted[0].box.top == 0 && voted[0].confidence == 0.9)
    // Nothing overlaps the other, and without deviations nothing is moved.
    #expect(voted[1] == kept[1])
    let plain = [detection(0, 0.9, nil)]
    #expect(NonMaximumSuppression.withVotedBoxes(plain, among: all, threshold: 0.5) == plain)
  }
}
