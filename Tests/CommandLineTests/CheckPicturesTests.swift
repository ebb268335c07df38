import Foundation
import Testing

/// `detector check --pictures`.
@Suite struct CheckPicturesTests {
  @Test func labelsAndSizesAreDrawn() throws {
    try Fixture.use { detector in
      let outcome = try detector("check", "--voc", "data", "--pictures", "seen")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.hasSuffix("seen/labels.png\nseen/sizes.png\n"), "\(outcome.errors)")
      // Twenty images, four in a row, each in a cell of 360 by 300 with a line below.
      #expect(try size(detector.bytes("seen/labels.png")) == [4 * 368 + 8, 5 * 332 + 8])
      #expect(try size(detector.bytes("seen/sizes.png")).first == 1500)
    }
  }

  /// Width and height, which stand behind the first chunk's name.
  private func size(_ png: Data) -> [Int] {
    [16, 20].map { start in png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
  }
}
