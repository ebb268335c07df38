import Evaluation
import Geometry
import Keypoints
import Testing

/// What distances are divided by where nobody says it: what at least half of the persons have.
@Suite struct UsualReferenceTests {
  private func persons(
    _ kinds: [(sizes: ReferenceSizes, labelled: [Int])], layout: KeypointLayout? = nil
  ) throws -> [JudgedKeypoints] {
    let layout = try layout ?? smallBody()
    return kinds.enumerated().map { number, kind in
      person(
        "\(number)", layout: layout, errors: [0, 0, 0, 0], labelled: kind.labelled,
        sizes: kind.sizes, size: PixelSize(width: 30, height: 40))
    }
  }

  private static let head = ReferenceSizes(head: 5)
  private static let box = ReferenceSizes(box: Box(left: 0, top: 0, right: 20, bottom: 30))
  private static let none = ReferenceSizes()

  @Test func theFirstThatHalfOfThemHave() throws {
    let (all, head, box, none) = ([0, 1, 2, 3], Self.head, Self.box, Self.none)
    #expect(KeypointReference.usual(for: try persons([(head, all), (none, all)])) == .head)
    #expect(
      KeypointReference.usual(for: try persons([(head, all), (none, all), (none, all)])) == .torso)
    // Left shoulder and right hip make a torso; the other two do not.
    #expect(KeypointReference.usual(for: try persons([(box, [0, 3]), (box, [1, 2])])) == .torso)
    #expect(
      KeypointReference.usual(for: try persons([(box, [0, 3]), (box, [1, 2]), (none, [1, 2])]))
        == .boxSide)
    #expect(
      KeypointReference.usual(for: try persons([(none, [0]), (none, [1, 2]), (box, [1])]))
        == .imageDiagonal)
    #expect(KeypointReference.usual(for: []) == .imageDiagonal)
  }

  @Test func aLayoutWithoutATorso() throws {
    let face = try KeypointLayout(names: ["a", "b", "c", "d"])
    let all = [0, 1, 2, 3]
    #expect(
      KeypointReference.usual(for: try persons([(Self.none, all)], layout: face)) == .imageDiagonal)
    #expect(KeypointReference.usual(for: try persons([(Self.box, all)], layout: face)) == .boxSide)
  }

  /// Neither crowds nor persons without a labelled joint are asked.
  @Test func personsThatAreNotJudged() throws {
    let ignored = ReferenceSizes(isIgnored: true)
    #expect(
      KeypointReference.usual(
        for: try persons([
          (Self.head, [0]), (ignored, [0, 1, 2, 3]), (ignored, [0, 3]), (Self.none, []),
          (Self.none, []),
        ])) == .head)
    #expect(
      KeypointReference.usual(for: try persons([(Self.head, []), (Self.none, [1])]))
        == .imageDiagonal)
  }

  /// A torso without length divides nothing.
  @Test func torsosOfNoLength() throws {
    let layout = try smallBody()
    let flat = (0..<3).map { number in
      JudgedKeypoints(
        id: "\(number)",
        truth: KeypointTruth(
          layout: layout,
          points: [0, 3].map { LabelledKeypoint(index: $0, position: Point(5, 5)) },
          sizes: Self.box),
        found: (0..<4).map { FoundKeypoint(index: $0, position: Point(5, 5), score: 0.5) })
    }
    #expect(KeypointReference.usual(for: flat) == .boxSide)
  }
}
