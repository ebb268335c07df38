import Geometry
import TestSupport
import Testing

@Suite struct BoxTests {
  private func randomBoxes(_ count: Int, seed: UInt64) -> [Box] {
    let values = randomValues(4 * count, in: 0...1, seed: seed)
    return (0..<count).map {
      Box(
        centerX: values[4 * $0], centerY: values[4 * $0 + 1], width: values[4 * $0 + 2] + 0.01,
        height: values[4 * $0 + 3] + 0.01)
    }
  }

  @Test func intersectionOverUnionIsSymmetricAndBounded() {
    let boxes = randomBoxes(400, seed: 3)
    for index in 0..<200 {
      let (a, b) = (boxes[index], boxes[399 - index])
      let value = a.intersectionOverUnion(with: b)
      #expect(value == b.intersectionOverUnion(with: a), "\(a) \(b)")
      #expect(value >= 0 && value <= 1, "\(a) \(b)")
      #expect(abs(a.intersectionOverUnion(with: a) - 1) < 1e-5)
      let moved = { (box: Box) in
        box.transformed(scaleX: 3, scaleY: 0.5, offsetX: 7, offsetY: -2)
      }
      #expect(abs(moved(a).intersectionOverUnion(with: moved(b)) - value) < 1e-4, "\(a) \(b)")
    }
  }

  @Test func intersectionOverUnionOfKnownBoxes() {
    let box = Box(left: 0, top: 0, right: 2, bottom: 2)
    let cases: [(Box, Float)] = [
      (Box(left: 1, top: 0, right: 3, bottom: 2), 1 / 3),
      (Box(left: 0, top: 0, right: 1, bottom: 2), 0.5),
      (Box(left: 2, top: 0, right: 4, bottom: 2), 0),
      (Box(left: 1, top: 1, right: 1, bottom: 1), 0),
      (Box(left: -1, top: -1, right: 3, bottom: 3), 0.25),
    ]
    for (other, expected) in cases {
      #expect(abs(box.intersectionOverUnion(with: other) - expected) < 1e-6)
    }
  }
}
