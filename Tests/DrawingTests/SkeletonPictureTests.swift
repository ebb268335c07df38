import Geometry
import Images
import Keypoints
import Testing

@testable import Drawing

@Suite struct SkeletonPictureTests {
  private func layout() throws -> KeypointLayout {
    try KeypointLayout(
      names: ["left_hand", "right_hand", "neck"], pairs: [(0, 1)],
      edges: [.init(0, 2), .init(1, 2), .init(0, 1)])
  }

  private func found(_ places: [(Double, Double)], score: Float = 1) -> [FoundKeypoint] {
    places.enumerated().map {
      FoundKeypoint(index: $0.offset, position: Point($0.element.0, $0.element.1), score: score)
    }
  }

  private func color(_ image: Image, _ x: Int, _ y: Int) -> Color {
    let (red, green, blue) = image[x, y]
    return Color(red: red, green: green, blue: blue)
  }

  private let photo = Image(width: 200, height: 160)
  private let places = [(180.0, 100.0), (20.0, 100.0), (100.0, 20.0)]

  @Test(arguments: [
    (["left_eye", "right_eye"], KeypointSide.left), (["right_eye", "left_eye"], .right),
    (["R eye", "L eye"], .right), (["eyeL", "eyeR"], .left), (["lsho", "rsho"], .left),
    (["port", "starboard"], .left), (["bow_r", "bow_l"], .right),
  ])
  func namesTellTheSides(_ names: [String], _ first: KeypointSide) throws {
    let layout = try KeypointLayout(names: names + ["nose"], pairs: [(0, 1)])
    #expect(
      KeypointSide.sides(of: layout) == [first, first == .left ? .right : .left, .middle])
  }

  @Test func limbsHaveTheColorOfTheirSide() throws {
    let image = SkeletonPicture(layout: try layout()).drawing([found(places)], on: photo)
    #expect(image.width == 200 && image.height == 160)
    #expect(color(image, 140, 60) == KeypointSide.left.color)
    #expect(color(image, 60, 60) == KeypointSide.right.color)
    #expect(color(image, 100, 100) == KeypointSide.middle.color)
    #expect(color(image, 180, 100) == KeypointSide.left.color)
    #expect(color(image, 100, 60) == .black && color(image, 2, 2) == .black)
  }

  @Test func whatIsLessCertainIsFainter() throws {
    let painter = SkeletonPicture(layout: try layout())
    func lightness(_ score: Float, _ x: Int, _ y: Int) -> Double {
      color(painter.drawing([found(places, score: score)], on: photo), x, y).lightness
    }
    for (x, y) in [(140, 60), (180, 100)] {
      let values = [Float(0), 0.3, 0.6, 1].map { lightness($0, x, y) }
      #expect(values == values.sorted() && Set(values).count == 4, "\(values)")
    }
    #expect(lightness(0, 180, 100) < 0.1)
    // The rim says where it was found whatever the score.
    let width = 160.0 / 50
    let rim = Int((180 + 0.77 * (0.85 * width + 0.4)).rounded(.down))
    #expect(abs(lightness(0, rim, 100) - lightness(1, rim, 100)) < 0.3)
    #expect(lightness(-1, 180, 100) == lightness(0, 180, 100))
    #expect(lightness(7, 180, 100) == lightness(1, 180, 100))
  }

  @Test func truthsAreRingsWithALineToWhatWasFound() throws {
    var painter = SkeletonPicture(layout: try layout())
    painter.thickness = 4
    let truth = KeypointTruth(
      layout: try layout(),
      points: [
        LabelledKeypoint(index: 2, position: Point(100, 120)),
        LabelledKeypoint(index: 1, position: Point(20, 60), isOccluded: true),
      ])
    let plain = painter.drawing([found(places)], on: photo)
    let image = painter.drawing([found(places)], truths: [truth], on: photo)
    let radius = Int(1.7 * 4 + 1.2) - 1
    #expect(color(plain, 100 + radius, 120) == .black)
    #expect(color(image, 100 + radius, 120).lightness > 0.85)
    #expect(color(image, 20 + radius, 60).lightness < 0.75)
    #expect(color(image, 20 + radius, 60).lightness > 0.5)
    #expect(color(image, 100, 120 + radius + 6) == .black)
    #expect(color(image, 100, 80).lightness > color(plain, 100, 80).lightness + 0.3)
  }

  @Test func personsAreCountedAndMayBeNamed() throws {
    var painter = SkeletonPicture(layout: try layout())
    let large = Image(width: 800, height: 600)
    let one = found([(600, 300), (300, 300), (450, 200)])
    let two = found([(700, 500), (400, 500), (550, 400)], score: 0.5)
    let background = Color(hex: 0x202020)
    #expect(color(painter.drawing([one], on: large), 3, 3) == .black)
    let image = painter.drawing([one, two], on: large)
    #expect(color(image, 3, 10) == background)
    // The order of persons does not matter.
    #expect(painter.drawing([two, one], on: large) == image)
    painter.showsCount = false
    let bare = painter.drawing([one, two], on: large)
    #expect(color(bare, 3, 10) == .black)
    painter.showsNames = true
    let named = painter.drawing([one, two], on: large)
    #expect(named != bare && color(named, 3, 10) == .black)
  }

  @Test func whatIsNotFiniteOrUnknownIsLeftOut() throws {
    let painter = SkeletonPicture(layout: try layout())
    let odd = [
      FoundKeypoint(index: 0, position: Point(.nan, 4), score: 1),
      FoundKeypoint(index: 1, position: Point(9, 9), score: .infinity),
      FoundKeypoint(index: 7, position: Point(9, 9), score: 1),
    ]
    #expect(painter.drawing([odd], on: photo) == photo)
    #expect(painter.drawing([], on: photo) == photo)
    #expect(painter.drawing([[]], on: photo) == photo)
  }

  @Test(arguments: [(1, 1), (2, 30), (40, 3), (3000, 50)])
  func picturesOfAnyShapeWork(_ width: Int, _ height: Int) throws {
    var painter = SkeletonPicture(layout: try layout())
    painter.showsNames = true
    let persons = [
      found([(0, 0), (-500, 3), (1, 1)]), found([(9000, 9000), (0.5, 0.5), (20, -20)]),
    ]
    let image = painter.drawing(persons, on: Image(width: width, height: height))
    #expect(image.width == width && image.height == height)
    let centers = CenterPicture(layout: try layout())
      .drawing(persons.flatMap(\.self), on: Image(width: width, height: height))
    #expect(centers.width == width && centers.height == height)
  }

  @Test func personsAreCutOutForASheet() throws {
    let photo = Image(width: 100, height: 80, red: 40, green: 80, blue: 120)
    let view = CropView(
      photo, PixelRectangle(x: 60, y: -20, width: 60, height: 60), width: 120, height: 120)
    #expect(view.place(of: Point(90, 10)) == Point(60, 60))
    // 40 of 60 pixels lie in the picture either way.
    #expect(color(view.image, 40, 80) == Color(red: 40, green: 80, blue: 120))
    #expect(color(view.image, 100, 80) == .black && color(view.image, 40, 20) == .black)
    let outside = CropView(
      photo, PixelRectangle(x: 500, y: 500, width: 9, height: 9), width: 5, height: 5)
    #expect(outside.image.pixels.allSatisfy { $0 == 0 })
    var painter = SkeletonPicture(layout: try layout())
    painter.thickness = 3
    let sheet = SkeletonSheet(
      painter, sheet: ContactSheet(columns: 2, cellWidth: 120, cellHeight: 120))
    let entry = SkeletonSheet.Entry(
      image: photo, found: found([(70, 50), (30, 50), (50, 20)]),
      region: Box(left: 20, top: 10, right: 80, bottom: 70), caption: "a")
    let picture = sheet.picture(of: entry)
    #expect(picture.width == 120 && picture.height == 120)
    #expect(color(picture, 100, 80) == KeypointSide.left.color)
    #expect(color(picture, 60, 20) == KeypointSide.middle.color)
    let whole = sheet.image([entry, entry, entry])
    #expect(whole.width == 2 * 128 + 8 && whole.height == 2 * (120 + 18 + 16) + 8)
    #expect(color(whole, 8 + 100, 8 + 80) == KeypointSide.left.color)
  }
}

@Suite struct CenterPictureTests {
  private let photo = Image(width: 400, height: 300)

  private func painter() throws -> CenterPicture {
    var painter = CenterPicture(layout: try KeypointLayout(names: ["cell", "ring"]))
    painter.radius = 20
    return painter
  }

  @Test func circlesHaveTheColorOfTheirKind() throws {
    let found = [
      FoundKeypoint(index: 1, position: Point(200.5, 150.5), score: 1),
      FoundKeypoint(index: 0, position: Point(300.5, 100.5), score: 0.2),
    ]
    let painter = try painter()
    #expect(painter.count(of: found + found) == "2 cell, 2 ring")
    #expect(painter.count(of: []) == "0 cell, 0 ring")
    let image = painter.drawing(found, on: photo)
    let color = Palette.photoColor(1)
    for (x, y) in [(220, 150), (180, 150), (200, 170)] {
      #expect(image[x, y] == (color.red, color.green, color.blue), "(\(x), \(y))")
    }
    #expect(image[200, 150] == (0, 0, 0) && image[250, 150] == (0, 0, 0))
    let faint = image[300, 120]
    #expect(faint.red > 100 && faint.red < Palette.photoColor(0).red)
    // The count.
    #expect(image[2, 6] == (0x20, 0x20, 0x20))
  }

  @Test func truthsAreCrosses() throws {
    let truth = KeypointTruth(
      layout: try painter().layout,
      points: [LabelledKeypoint(index: 0, position: Point(100.5, 200.5))])
    let image = try painter().drawing([], truth: truth, on: photo)
    for (x, y) in [(100, 200), (108, 200), (100, 192)] {
      #expect(image[x, y] == (255, 255, 255))
    }
    #expect(image[108, 208] == (0, 0, 0) && image[118, 200] == (0, 0, 0))
  }

  @Test func scoresAreLeftOutWhereTheyWouldCoverThePicture() throws {
    var painter = try painter()
    let few = (0..<5).map {
      FoundKeypoint(index: 0, position: Point(40 + 70 * Double($0), 150), score: 0.5)
    }
    let many = (0..<90).map {
      FoundKeypoint(
        index: 0, position: Point(20 + 40 * Double($0 % 9), 60 + 20 * Double($0 / 9)), score: 0.5)
    }
    for (found, isShown) in [(few, true), (many, false)] {
      painter.showsScores = true
      let scored = painter.drawing(found, on: photo)
      painter.showsScores = false
      #expect((scored != painter.drawing(found, on: photo)) == isShown)
    }
  }
}
