import Compute
import Datasets
import Detection
import Geometry
import Images
import TestSupport
import Testing

@Suite struct AugmentationTests {
  private static let geometries: [Augmentation] = [
    Augmentation(), Augmentation(resize: .stretch), Augmentation(geometry: .place), resizing(1.5),
    resizing(0.6),
  ]

  private static func resizing(_ factor: Float, jitter: Float = 0.1) -> Augmentation {
    var augmentation = Augmentation(jitter: jitter)
    augmentation.resize = factor
    return augmentation
  }

  /// Without jitter a picture of 600 x 400 keeps its aspect, and its scale lies between 1 / R and R.
  @Test(
    arguments: [
      (Float(1.5), 1 / 1.5...1.5), (1.25, 1 / 1.25...1.25), (0.5, 0.5...1), (1, 1...1),
    ] as [(Float, ClosedRange<Double>)])
  func resizingKeepsTheAspect(factor: Float, scales: ClosedRange<Double>) {
    let augmentation = Self.resizing(factor, jitter: 0)
    var found: [Double] = []
    var offsets: Set<Int> = []
    for seed in 0..<400 {
      var random = RandomStream(seed: UInt64(seed))
      let crop = augmentation.draw(
        imageWidth: 600, imageHeight: 400, inputWidth: 64, inputHeight: 64, using: &random
      ).crop
      #expect(abs(Double(crop.width) / 600 - Double(crop.height) / 400) < 0.006)
      #expect(abs(Double(crop.x) / 600 - Double(crop.y) / 400) < 0.003)
      found.append(600 / Double(crop.width))
      offsets.insert(crop.x)
    }
    let (least, most) = (found.min() ?? 0, found.max() ?? 0)
    #expect(least >= scales.lowerBound - 0.01 && most <= scales.upperBound + 0.01)
    let span = scales.upperBound - scales.lowerBound
    #expect(most - least >= 0.75 * span && offsets.count > (factor == 1 ? 0 : 50))
  }

  /// However much is cut, a tenth of the picture remains; what is not asked for changes no draw.
  @Test func resizingIsBoundedAndOptional() {
    let wild = Self.resizing(10, jitter: 0.49)
    for seed in 0..<200 {
      var random = RandomStream(seed: UInt64(seed))
      let crop = wild.draw(
        imageWidth: 100, imageHeight: 80, inputWidth: 64, inputHeight: 64, using: &random
      ).crop
      #expect(crop.width >= 10 && crop.height >= 8)
    }
    var (one, other) = (RandomStream(seed: 1), RandomStream(seed: 1))
    var plain = Augmentation(geometry: .place)
    let first = plain.draw(
      imageWidth: 50, imageHeight: 40, inputWidth: 64, inputHeight: 64, using: &one)
    plain.resize = 1.5
    let second = plain.draw(
      imageWidth: 50, imageHeight: 40, inputWidth: 64, inputHeight: 64, using: &other)
    #expect(first == second)
  }

  private func render(_ variation: ImageVariation, _ image: Image) throws -> [Float] {
    let input = try Tensor(
      Shape(height: variation.inputHeight, width: variation.inputWidth, channels: 3))
    input.withMutableHostValues { $0.update(repeating: .nan) }
    variation.sampler.render(image, into: input, index: 0)
    return values(input)
  }

  @Test(arguments: [true, false])
  func noneIsThePlainFill(letterbox: Bool) throws {
    let image = noise(30, 20)
    var random = RandomStream(seed: 1)
    let variation = Augmentation.none(letterbox ? .letterbox : .stretch).draw(
      imageWidth: 30, imageHeight: 20, inputWidth: 24, inputHeight: 24, using: &random)
    let plain = try Tensor(Shape(height: 24, width: 24, channels: 3))
    let target = variation.target
    #expect(target.height == (letterbox ? 16 : 24) && target.y == (letterbox ? 4 : 0))
    let placement = ImagePlacement(
      imageWidth: 30, imageHeight: 20, inputWidth: 24, inputHeight: 24,
      mode: letterbox ? .letterbox : .stretch)
    ImageSampler(placement).render(image, into: plain, index: 0)
    expectClose(try render(variation, image), values(plain), relative: 0, absolute: 0)
    let truth = GroundTruth(
      box: Box(left: 3, top: 4, right: 15, bottom: 20), classIndex: 2, isDifficult: true)
    let moved = try #require([truth].placed(by: variation).first)
    #expect(moved.classIndex == 2 && moved.isDifficult)
    let y: [Float] = letterbox ? [(4 + 3.2) / 24, 20.0 / 24] : [0.2, 1]
    expectClose(
      [moved.box.left, moved.box.right, moved.box.top, moved.box.bottom], [0.1, 0.5] + y)
  }

  /// A bright rectangle on black must be found where its transformed box says.
  @Test(arguments: geometries, 0..<40)
  func boxesFollowPixels(augmentation: Augmentation, seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed))
    let (width, height) = (random.integer(in: 40...90), random.integer(in: 40...90))
    var augmentation = augmentation
    (augmentation.hue, augmentation.saturation, augmentation.exposure) = (0, 1, 1)
    var image = Image(width: width, height: height)
    let left = random.integer(in: 0...width - 12)
    let top = random.integer(in: 0...height - 12)
    let right = random.integer(in: left + 10...width)
    let bottom = random.integer(in: top + 10...height)
    for y in top..<bottom { for x in left..<right { image[x, y] = (255, 255, 255) } }
    let variation = augmentation.draw(
      imageWidth: width, imageHeight: height, inputWidth: 64, inputHeight: 56, using: &random)
    let truth = GroundTruth(
      box: Box(
        left: Float(left), top: Float(top), right: Float(right), bottom: Float(bottom)),
      classIndex: 0)
    let pixels = try render(variation, image)
    #expect(pixels.allSatisfy { $0 >= 0 && $0 <= 1.0001 })
    // Grey .5 lies around a placed picture.
    let threshold: Float = augmentation.geometry == .place ? 0.75 : 0.5
    let lit = (0..<64 * 56).filter { pixels[3 * $0] > threshold }
    guard let box = [truth].placed(by: variation).first?.box else {
      #expect(lit.count < 64 + 56)
      return
    }
    if box.width < 3.0 / 64 || box.height < 3.0 / 56 { return }
    let columns = lit.map { $0 % 64 }
    let rows = lit.map { $0 / 64 }
    let found = [
      columns.min() ?? -9, rows.min() ?? -9, (columns.max() ?? -9) + 1, (rows.max() ?? -9) + 1,
    ].map(Float.init)
    expectClose(
      found, [box.left * 64, box.top * 56, box.right * 64, box.bottom * 56], relative: 0,
      absolute: 1.6, "\(variation)")
  }

  @Test(arguments: geometries)
  func mirroringTwiceIsIdentity(augmentation: Augmentation) throws {
    let image = noise(37, 23)
    for seed in 0..<20 {
      var random = RandomStream(seed: UInt64(seed))
      var variation = augmentation.draw(
        imageWidth: 37, imageHeight: 23, inputWidth: 33, inputHeight: 32, using: &random)
      variation.isMirrored = false
      let plain = try render(variation, image)
      let truth = GroundTruth(box: Box(left: 5, top: 3, right: 30, bottom: 20), classIndex: 0)
      let box = try #require([truth].placed(by: variation).first?.box)
      variation.isMirrored = true
      let mirrored = try render(variation, image)
      let back = (0..<32 * 33).flatMap { i in
        let j = 3 * (i / 33 * 33 + 32 - i % 33)
        return mirrored[j..<j + 3]
      }
      expectClose(back, plain, relative: 1e-6)
      let other = try #require([truth].placed(by: variation).first?.box)
      expectClose(
        [1 - other.right, other.top, 1 - other.left, other.bottom],
        [box.left, box.top, box.right, box.bottom])
    }
  }

  /// A point moves as the corners of a box do, and a label stays.
  @Test(arguments: geometries, 0..<20)
  func pointsFollowBoxes(augmentation: Augmentation, seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed))
    let variation = augmentation.draw(
      imageWidth: 90, imageHeight: 70, inputWidth: 64, inputHeight: 56, using: &random)
    let shown = variation.crop
    // A quarter of what is shown, so that nothing is clipped.
    let left = Float(max(0, shown.x)) + 2
    let top = Float(max(0, shown.y)) + 3
    let box = Box(left: left, top: top, right: left + 7, bottom: top + 5)
    let moved = try #require(
      [GroundTruth(box: box, classIndex: 0)].placed(by: variation).first?.box)
    let first = variation.toInput(Point(Double(box.left), Double(box.top)))
    let second = variation.toInput(Point(Double(box.right), Double(box.bottom)))
    #expect(min(first.x, second.x) == Double(moved.left))
    #expect(max(first.x, second.x) == Double(moved.right))
    #expect(first.y == Double(moved.top) && second.y == Double(moved.bottom))
    #expect((first.x > second.x) == variation.isMirrored)
    #expect(5.placed(by: variation) == 5)
  }

  @Test func staysWithinItsRanges() {
    let augmentation = Augmentation()
    var random = RandomStream(seed: 3)
    var mirrored = 0
    var inverse = 0
    for _ in 0..<400 {
      let v = augmentation.draw(
        imageWidth: 100, imageHeight: 50, inputWidth: 64, inputHeight: 64, using: &random)
      #expect(abs(v.crop.x) <= 30 && abs(v.crop.y) <= 15)
      #expect((40...160).contains(v.crop.width) && (20...80).contains(v.crop.height))
      #expect(abs(v.distortion.hue) <= 0.1)
      #expect((1 / 1.5...1.5).contains(v.distortion.saturation))
      #expect((1 / 1.5...1.5).contains(v.distortion.exposure))
      if v.isMirrored { mirrored += 1 }
      if v.distortion.exposure < 1 { inverse += 1 }
    }
    #expect((150...250).contains(mirrored) && (150...250).contains(inverse))
  }

  @Test func dropsDifficultAndTinyObjects() {
    var random = RandomStream(seed: 1)
    var augmentation = Augmentation.none(.stretch)
    func count() -> Int {
      let v = augmentation.draw(
        imageWidth: 1000, imageHeight: 1000, inputWidth: 64, inputHeight: 64, using: &random)
      return [
        GroundTruth(
          box: Box(left: 0, top: 0, right: 9, bottom: 9), classIndex: 0, isDifficult: true),
        GroundTruth(box: Box(left: 5, top: 5, right: 5.9, bottom: 90), classIndex: 0),
        GroundTruth(box: Box(left: 5, top: 5, right: 6.1, bottom: 90), classIndex: 0),
        GroundTruth(box: Box(left: 1001, top: 5, right: 1010, bottom: 90), classIndex: 0),
      ].placed(by: v).count
    }
    #expect(count() == 3)
    augmentation.minimumSide = 0.001
    #expect(count() == 2)
    augmentation.keepsDifficult = false
    #expect(count() == 1)
  }

  @Test func zerosLieOutsideThePicture() throws {
    let image = Image(width: 10, height: 10, red: 255, green: 255, blue: 255)
    var random = RandomStream(seed: 1)
    var variation = Augmentation.none(.stretch).draw(
      imageWidth: 10, imageHeight: 10, inputWidth: 20, inputHeight: 20, using: &random)
    variation.crop = PixelRectangle(x: -5, y: 5, width: 20, height: 20)
    let pixels = try render(variation, image)
    for y in 0..<20 {
      for x in 0..<20 {
        let inside = x >= 5 && x < 15 && y < 5
        #expect(pixels[3 * (20 * y + x)] == (inside ? 1 : 0), "\(x) \(y)")
      }
    }
  }
}
