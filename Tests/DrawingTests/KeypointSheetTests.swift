import Geometry
import Images
import Keypoints
import Testing

@testable import Drawing

@Suite struct KeypointSheetTests {
  private let photo = Image(width: 80, height: 80, red: 200, green: 200, blue: 200)
  private let placement = ImagePlacement(
    imageWidth: 80, imageHeight: 80, inputWidth: 64, inputHeight: 64, mode: .stretch)

  /// A map of 4 x 4 cells, all of one value but some.
  private func map(_ value: Float, _ others: [Int: Float] = [:]) -> Heatmap {
    Heatmap(width: 4, height: 4, values: (0..<16).map { others[$0] ?? value })
  }

  private func sheet(_ joints: [KeypointSheet.Joint]) -> KeypointSheet {
    var sheet = KeypointSheet(
      title: "a title", photo: photo, placement: placement, joints: joints)
    sheet.side = 160
    return sheet
  }

  private func joint(_ bald: Heatmap? = nil, _ modulator: Heatmap? = nil) -> KeypointSheet.Joint {
    KeypointSheet.Joint(name: "knee", heat: map(0, [5: 1]), bald: bald, modulator: modulator)
  }

  private func color(_ image: Image, _ corner: (x: Int, y: Int), _ x: Int, _ y: Int) -> Color {
    let (red, green, blue) = image[corner.x + x, corner.y + y]
    return Color(red: red, green: green, blue: blue)
  }

  @Test func heatLiesOverTheDarkenedPhoto() {
    let sheet = sheet([joint()])
    #expect(sheet.shown == [.heat] && sheet.viewSize == (160, 160))
    let image = sheet.image()
    let corner = sheet.corner(of: 0, place: 0)
    // Cell 5 is the second of the second row, of 40 pixels each; its middle is half a pixel away.
    let share = (1 - 0.5 / 40) * (1 - 0.5 / 40)
    #expect(color(image, corner, 60, 60) == ColorMap.sequential.color(at: share))
    #expect(color(image, corner, 150, 150) == Color(hex: 0x646464))
    #expect(color(image, (corner.x - 2, corner.y), 0, 0) == .white)
  }

  @Test func baldHasAFixedScaleAndAnchorsDifferenceItsOwnColors() {
    let bald = map(0.25, [0: 3, 3: .nan])
    let modulator = map(0.2, [0: 1, 3: 1.8, 12: .nan, 15: 9])
    let sheet = sheet([joint(bald, modulator), joint()])
    #expect(sheet.shown == [.heat, .bald, .anchor])
    let image = sheet.image()
    let (second, third) = (sheet.corner(of: 0, place: 1), sheet.corner(of: 0, place: 2))
    #expect(color(image, second, 100, 100) == ColorMap.sequential.color(at: 0.25))
    #expect(color(image, second, 2, 2) == ColorMap.sequential.color(at: 1))
    #expect(color(image, second, 155, 5) == KeypointSheet.missing)
    let (one, above) = (color(image, third, 20, 20), color(image, third, 140, 20))
    let (missing, far) = (color(image, third, 20, 140), color(image, third, 140, 140))
    let below = color(image, third, 60, 60)
    #expect(one == ColorMap.diverging.color(at: 0.5) && one.lightness > 0.95)
    #expect(above == ColorMap.diverging.color(at: 0.9) && above.red > above.blue)
    #expect(below == ColorMap.diverging.color(at: 0.1) && below.blue > below.red)
    #expect(missing == KeypointSheet.missing && far == ColorMap.diverging.color(at: 1))
    // The other keypoint lacks two maps.
    #expect(
      color(image, sheet.corner(of: 1, place: 2), 80, 80) == Color(hex: 0xE8E8E8))
  }

  @Test func ringAndCrossAreWhereTheKeypointIs() {
    let region = Box(left: 40, top: 20, right: 60, bottom: 40)
    let placement = ImagePlacement(
      imageWidth: 80, imageHeight: 80, inputWidth: 64, inputHeight: 64, mode: .stretch,
      region: region)
    let joint = KeypointSheet.Joint(
      name: "knee", found: FoundKeypoint(index: 0, position: Point(45, 25), score: 0.5),
      truth: LabelledKeypoint(index: 0, position: Point(55, 35)), heat: map(0))
    var sheet = KeypointSheet(title: "", photo: photo, placement: placement, joints: [joint])
    sheet.side = 200
    let image = sheet.image()
    let corner = sheet.corner(of: 0, place: 0)
    // The region is 20 pixels wide, ten to one.
    let reach = 200 / 28
    let cross = Color(hex: 0x4DFFB8)
    for (x, y) in [(50, 50), (50 + reach / 2, 50), (50, 50 - reach / 2)] {
      #expect(color(image, corner, x, y) == cross)
    }
    #expect(color(image, corner, 150, 150) == Color(hex: 0x646464))
    #expect(color(image, corner, 150 + reach, 150).lightness > 0.85)
    #expect(color(image, corner, 150, 150 - reach).lightness > 0.85)
    #expect(color(image, corner, 100, 100) == Color(hex: 0x646464))
  }

  @Test func captionsSayThePeakWhereThereIsRoom() {
    let sheet = sheet([joint()])
    var found = FoundKeypoint(index: 0, position: Point(0, 0), score: 0.876)
    func caption(_ count: Int) -> String {
      sheet.caption(
        of: KeypointSheet.Joint(name: "right_shoulder", found: found, heat: map(0)),
        fitting: count)
    }
    #expect(caption(30) == "right_shoulder 0.88")
    #expect(caption(12) == "right_s 0.88")
    found.doubt = KeypointDoubt(entropy: 0, secondPeak: 0, spread: 0, baldAtPeak: 0.123)
    #expect(caption(30) == "right_shoulder 0.88  0.12 bit" && caption(28) == "right_shoulder 0.88")
    #expect(sheet.caption(of: joint(), fitting: 30) == "knee")
  }

  @Test(arguments: [1, 2, 14, 40]) func tilesStandApartInRows(_ count: Int) {
    var sheet = sheet((0..<count).map { _ in joint(map(0.5)) })
    sheet.side = 60
    sheet.rowWidth = 500
    let image = sheet.image()
    let corners = (0..<count).map { sheet.corner(of: $0, place: 0) }
    for (index, one) in corners.enumerated() {
      #expect(one.x + 123 < image.width && one.y + 60 < image.height)
      for other in corners[(index + 1)...] {
        #expect(abs(one.x - other.x) > 123 || abs(one.y - other.y) > 60 + 18)
      }
    }
    #expect(image.width < 700)
    // Nothing reaches the border.
    let border = (0..<image.width).flatMap { [(0, $0), (image.height - 1, $0)] }
    #expect(border.allSatisfy { image[$0.1, $0.0] == (255, 255, 255) })
    sheet.maps = [.bald]
    #expect(sheet.shown == [.bald])
  }

  @Test func theDivergingMapIsLightestInTheMiddle() {
    let levels = ColorMap.diverging.colors.map(\.lightness)
    let middle = levels.count / 2
    #expect(levels.count == 257 && levels[middle] > 0.95)
    for index in 1...middle {
      #expect(levels[index] >= levels[index - 1] - 0.004)
      #expect(levels[middle + index] <= levels[middle + index - 1] + 0.004)
    }
    let (low, high) = (ColorMap.diverging.colors[0], ColorMap.diverging.colors[256])
    #expect(low.blue > low.red + 100 && high.red > high.blue + 100)
  }
}
