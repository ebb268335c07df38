import Geometry
import Keypoints
import Testing

@testable import Datasets

@Suite struct KeypointPlacingTests {
  private func truth(_ points: [LabelledKeypoint]) throws -> KeypointTruth {
    KeypointTruth(
      layout: try KeypointLayout(names: ["l", "r", "n"], pairs: [(0, 1)]), points: points,
      region: Box(left: 1, top: 2, right: 3, bottom: 4))
  }

  /// A picture of 40 x 20 whose middle 20 x 20 fill an input of 10 x 10.
  private func variation() -> ImageVariation {
    ImageVariation(
      imageWidth: 40, imageHeight: 20, inputWidth: 10, inputHeight: 10,
      crop: PixelRectangle(x: 10, y: 0, width: 20, height: 20),
      target: PixelRectangle(x: 0, y: 0, width: 10, height: 10), fill: 0)
  }

  @Test func movesKeypointsToTheInput() throws {
    let truth = try truth([
      LabelledKeypoint(index: 0, position: Point(15, 5), extent: Point(4, 2)),
      LabelledKeypoint(index: 1, position: Point(10, 0), isOccluded: true),
      LabelledKeypoint(index: 2, position: Point(30, 5)),
      LabelledKeypoint(index: 2, position: Point(20, 20)),
      LabelledKeypoint(index: 2, position: Point(9.9, 5)),
    ])
    let placed = truth.placed(by: variation())
    #expect(placed.points.map(\.index) == [0, 1])
    #expect(close(placed.points[0].position, Point(0.25, 0.25)))
    #expect(close(try #require(placed.points[0].extent), Point(0.2, 0.1)))
    #expect(close(placed.points[1].position, Point(0, 0)) && placed.points[1].isOccluded)
    #expect(truth.region == Box(left: 1, top: 2, right: 3, bottom: 4))
    #expect(placed.boxes.isEmpty && !KeypointTruth.isDivisible)
    #expect(3.region == nil)
  }

  @Test func exchangesSidesInMirroredInputs() throws {
    var mirrored = variation()
    mirrored.isMirrored = true
    let placed = try truth([
      LabelledKeypoint(index: 0, position: Point(15, 5), extent: Point(4, 2)),
      LabelledKeypoint(index: 2, position: Point(29, 5)),
    ]).placed(by: mirrored)
    #expect(placed.points.map(\.index) == [1, 2])
    #expect(close(placed.points[0].position, Point(0.75, 0.25)))
    #expect(close(try #require(placed.points[0].extent), Point(0.2, 0.1)))
    #expect(close(placed.points[1].position, Point(0.05, 0.25)))
  }

  @Test func followsATurnedView() throws {
    var turned = variation()
    // The input's x runs down the picture, its y to the left: a quarter turn, two pixels each.
    turned.view = AffineMap(a: 0, b: -2, c: 30, d: 2, e: 0, f: 0)
    let placed = try truth([
      LabelledKeypoint(index: 0, position: Point(28, 5), extent: Point(4, 2))
    ]).placed(by: turned)
    #expect(close(placed.points[0].position, Point(0.25, 0.1)))
    #expect(close(try #require(placed.points[0].extent), Point(0.1, 0.2)))
    turned.isMirrored = true
    let mirrored = try truth([LabelledKeypoint(index: 0, position: Point(28, 5))]).placed(
      by: turned)
    #expect(mirrored.points[0].index == 1 && close(mirrored.points[0].position, Point(0.75, 0.1)))
  }

  @Test func joinsWhatPanesShow() throws {
    let pane = Pane(
      rectangle: PixelRectangle(x: 4, y: 2, width: 6, height: 8), sourceX: 1, sourceY: 0,
      inputWidth: 10, inputHeight: 10)
    let whole = Pane(width: 10, height: 10, share: 0.5)
    let one = try truth([
      LabelledKeypoint(index: 0, position: Point(0.3, 0.2)),
      LabelledKeypoint(index: 1, position: Point(0.05, 0.2)),
      LabelledKeypoint(index: 1, position: Point(0.75, 0.2)),
      LabelledKeypoint(index: 1, position: Point(0.3, 0.85)),
    ])
    let two = try truth([LabelledKeypoint(index: 0, position: Point(0.9, 0.9))])
    let joined = KeypointTruth.joined([(one, pane), (two, whole)])
    #expect(joined.points.map(\.index) == [0, 0])
    #expect(close(joined.points[0].position, Point(0.6, 0.4)))
    #expect(close(joined.points[1].position, Point(0.9, 0.9)))
  }

  private func close(_ a: Point, _ b: Point) -> Bool {
    abs(a.x - b.x) < 1e-6 && abs(a.y - b.y) < 1e-6
  }
}
