import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct OverlapMeasureTests {
  private func box(_ v: [Double]) -> CenteredBox {
    CenteredBox(x: v[0], y: v[1], width: v[2], height: v[3])
  }

  /// Pairs of boxes as x, y, width, height; some touch and some do not.
  private func pairs(_ count: Int) -> [([Double], [Double])] {
    let values = randomValues(8 * count, in: 0.05...1, seed: 8).map(Double.init)
    return (0..<count).map {
      let v = Array(values[8 * $0..<8 * $0 + 8])
      return ([v[0], v[1], 0.5 * v[2], 0.5 * v[3]], [v[4], v[5], 0.5 * v[6], 0.5 * v[7]])
    }
  }

  /// v of CIoU.
  private func aspect(_ a: [Double], _ b: [Double]) -> Double {
    let angle = atan(b[2] / b[3]) - atan(a[2] / a[3])
    return 4 / (.pi * .pi) * angle * angle
  }

  @Test(arguments: OverlapMeasure.allCases)
  func gradientAgreesWithDifferences(measure: OverlapMeasure) {
    var apart = 0
    for (a, b) in pairs(200) {
      let (value, gradient) = measure.compare(box(a), with: box(b))
      let overlap = OverlapMeasure.iou.compare(box(a), with: box(b)).value
      apart += overlap == 0 ? 1 : 0
      let v = aspect(a, b)
      let alpha = v / (1 - overlap + v + 1e-6)
      // α is held where the derivative is taken.
      func measured(_ a: [Double]) -> Double {
        guard measure == .ciou else { return measure.compare(box(a), with: box(b)).value }
        return OverlapMeasure.diou.compare(box(a), with: box(b)).value - alpha * aspect(a, b)
      }
      #expect(abs(value - measured(a)) < 1e-12)
      for index in 0..<4 {
        var (up, down) = (a, a)
        up[index] += 1e-6
        down[index] -= 1e-6
        let numeric = (measured(up) - measured(down)) / 2e-6
        #expect(
          abs(numeric - gradient[index]) < 1e-6 * max(1, abs(numeric)), "\(measure) \(a) \(b)")
      }
    }
    #expect(apart > 20 && apart < 180)
  }

  @Test func valuesAreInOrderAndAgreeWithBoxes() {
    for (a, b) in pairs(200) {
      let values = OverlapMeasure.allCases.map { $0.compare(box(a), with: box(b)).value }
      let (first, second) = (edges(a), edges(b))
      #expect(abs(values[0] - Double(first.intersectionOverUnion(with: second))) < 1e-5)
      #expect(values[1] <= values[0] && values[2] <= values[0] && values[3] <= values[2])
      #expect(values[1] > -1 && values[2] > -1 && values[3] > -2)
      let round = CenteredBox(first)
      for (x, y) in zip([round.x, round.y, round.width, round.height], a) {
        #expect(abs(x - y) < 1e-6)
      }
    }
  }

  private func edges(_ v: [Double]) -> Box {
    Box(
      centerX: Float(v[0]), centerY: Float(v[1]), width: Float(v[2]), height: Float(v[3]))
  }

  /// Unit squares whose centres are 2 apart: C = 3, c² = 10, ρ² = 4.
  @Test func knownValuesOfBoxesApart() {
    let (a, b) = (box([0, 0, 1, 1]), box([2, 0, 1, 1]))
    let results = OverlapMeasure.allCases.map { $0.compare(a, with: b) }
    for (result, expected) in zip(results, [0, -1 / 3.0, -0.4, -0.4]) {
      #expect(abs(result.value - expected) < 1e-12)
    }
    // IoU alone does not know in which direction the object lies.
    #expect(results[0].gradient == .zero)
    for result in results.dropFirst() { #expect(result.gradient.x > 0) }
  }

  @Test(arguments: OverlapMeasure.allCases)
  func aPerfectFitIsOneAndNothingIsNotANumber(measure: OverlapMeasure) {
    let fit = measure.compare(box([3, 2, 0.5, 0.25]), with: box([3, 2, 0.5, 0.25]))
    #expect(fit.value == 1)
    let empty = box([1, 1, 0, 0])
    for (a, b) in [(empty, empty), (empty, box([1, 1, 1, 1])), (box([1, 1, 1, 1]), empty)] {
      let (value, gradient) = measure.compare(a, with: b)
      #expect(value.isFinite && (0..<4).allSatisfy { gradient[$0].isFinite })
    }
  }
}
