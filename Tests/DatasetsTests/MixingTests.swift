import Compute
import Datasets
import Detection
import Foundation
import Geometry
import Images
import TestSupport
import Testing

@Suite struct MixingTests {
  private static let colors: [(red: UInt8, green: UInt8, blue: UInt8)] = [
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0),
  ]

  /// Dark pictures of different shape, each with a rectangle in the colour of its class.
  private func withSamples(_ body: ([Sample<[GroundTruth]>]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let samples = try (0..<8).map { number in
        let (width, height) = (60 + 12 * (number % 3), 48 + 10 * (number % 4))
        var image = Image(width: width, height: height, red: 40, green: 40, blue: 40)
        let (left, top) = (6 + 3 * number, 4 + 2 * number)
        for y in top..<top + 26 {
          for x in left..<left + 30 { image[x, y] = Self.colors[number % 4] }
        }
        let file = folder.appending(path: "\(number).png")
        try image.writePNG(to: file)
        let box = Box(
          left: Float(left), top: Float(top), right: Float(left + 30), bottom: Float(top + 26))
        return Sample(
          id: "\(number)", image: .file(file),
          target: [GroundTruth(box: box, classIndex: number % 4)])
      }
      try body(samples)
    }
  }

  private func loader<Target>(
    _ samples: [Sample<Target>], _ augmentation: Augmentation, threads: Int = 2,
    state: LoaderState = .init()
  ) throws -> BatchLoader<Target> {
    try BatchLoader(
      samples: samples,
      configuration: LoaderConfiguration(batchSize: 4, augmentation: augmentation),
      pool: ThreadPool(threadCount: threads), startingAt: state, inputSize: { _ in (64, 56) })
  }

  private func augmentation(
    mosaic: Bool = false, mixup: Bool = false, cutMix: Bool = false, letterbox: Bool = true
  ) -> Augmentation {
    var augmentation = Augmentation(
      jitter: 0.2, hue: 0, saturation: 1, exposure: 1,
      resize: letterbox ? .letterbox : .stretch)
    augmentation.mixing = PictureMixing(mosaic: mosaic, mixup: mixup, cutMix: cutMix)
    return augmentation
  }

  /// Away from its border, a box holds the colour of its class.
  @Test(arguments: [true, false])
  func boxesOfAMosaicStayOnTheirObjects(letterbox: Bool) throws {
    try withSamples { samples in
      let loader = try loader(samples, augmentation(mosaic: true, letterbox: letterbox))
      var joined = 0
      var boxes = 0
      for _ in 0..<20 {
        let batch = try #require(try loader.next())
        let pixels = values(batch.input)
        for (number, source) in batch.sources.enumerated() where !source.partners.isEmpty {
          #expect(source.partners.count == 3)
          joined += 1
          for truth in batch.targets[number] {
            boxes += 1
            let color = Self.colors[truth.classIndex]
            let (left, right) = (truth.box.left * 64 + 2, truth.box.right * 64 - 2)
            let (top, bottom) = (truth.box.top * 56 + 2, truth.box.bottom * 56 - 2)
            #expect(truth.box.left >= 0 && truth.box.right <= 1)
            #expect(truth.box.top >= 0 && truth.box.bottom <= 1)
            guard left < right - 1, top < bottom - 1 else { continue }
            for y in Int(top)...Int(bottom) {
              for x in Int(left)...Int(right) {
                let at = 3 * ((number * 56 + y) * 64 + x)
                expectClose(
                  Array(pixels[at..<at + 3]),
                  [color.red, color.green, color.blue].map { Float($0) / 255 }, absolute: 0.02)
              }
            }
          }
        }
      }
      #expect((25...55).contains(joined) && boxes > joined)
    }
  }

  @Test func mixupIsTheMeanWithAllObjects() throws {
    try withSamples { samples in
      var settings = Augmentation.none(.stretch)
      let plain = try loader(samples, settings)
      var single: [String: [Float]] = [:]
      for _ in 0..<2 {
        let batch = try #require(try plain.next())
        let all = values(batch.input)
        for (number, source) in batch.sources.enumerated() {
          single[source.id] = Array(all[number * 10752..<(number + 1) * 10752])
        }
      }
      settings.mixing = PictureMixing(mixup: true)
      let mixed = try loader(samples, settings)
      var count = 0
      for _ in 0..<10 {
        let batch = try #require(try mixed.next())
        let all = values(batch.input)
        for (number, source) in batch.sources.enumerated() {
          let parts = try source.ids.map { try #require(single[$0]) }
          let mean = parts.count == 1 ? parts[0] : zip(parts[0], parts[1]).map { ($0 + $1) / 2 }
          #expect(Array(all[number * 10752..<(number + 1) * 10752]) == mean)
          #expect(batch.targets[number].map(\.classIndex) == source.ids.map { (Int($0) ?? 9) % 4 })
          count += parts.count - 1
        }
      }
      #expect((10...30).contains(count))
    }
  }

  @Test func neitherThreadsNorRestartsChangeIt() throws {
    try withSamples { samples in
      var settings = augmentation(mosaic: true, mixup: true)
      settings.disturbance = PixelDisturbance(blur: 1, noise: 8)
      func inputs(_ loader: BatchLoader<[GroundTruth]>, _ count: Int) throws -> [[Float]] {
        try (0..<count).map { _ in values(try #require(try loader.next()).input) }
      }
      let whole = try inputs(loader(samples, settings, threads: 1), 7)
      #expect(try inputs(loader(samples, settings, threads: 3), 7) == whole)
      let later = try loader(samples, settings, state: LoaderState(epoch: 1, position: 4))
      #expect(try inputs(later, 4) == Array(whole[3...]))
    }
  }

  /// Without jitter and letterbox every pixel of a mosaic or of a cut is that of one of the pictures, and
  /// the classes' shares are those of the pixels; of a mean, both count half.
  @Test(arguments: ["mosaic", "mixup", "cutmix"])
  func classesAreMixedByTheirShareOfTheInput(kind: String) throws {
    try withSamples { samples in
      let classes = samples.enumerated().map { number, sample in
        Sample(id: sample.id, image: sample.image, target: number % 4)
      }
      var settings = Augmentation.none(.stretch)
      let plain = try loader(classes, settings)
      var single: [String: [Float]] = [:]
      for _ in 0..<2 {
        let batch = try #require(try plain.next())
        let all = values(batch.input)
        for (number, source) in batch.sources.enumerated() {
          #expect(batch.targets[number] == ClassShares((Int(source.id) ?? 9) % 4))
          single[source.id] = Array(all[number * 10752..<(number + 1) * 10752])
        }
      }
      settings.mixing = PictureMixing(
        mosaic: kind == "mosaic", mixup: kind == "mixup", cutMix: kind == "cutmix")
      let mixed = try loader(classes, settings)
      var count = 0
      for _ in 0..<12 {
        let batch = try #require(try mixed.next())
        let all = values(batch.input)
        for (number, source) in batch.sources.enumerated() {
          let target = batch.targets[number]
          let input = Array(all[number * 10752..<(number + 1) * 10752])
          let parts = try source.ids.map { try #require(single[$0]) }
          #expect(abs(target.shares.reduce(0) { $0 + $1.share } - 1) < 1e-5)
          #expect(Set(target.shares.map(\.label)).count == target.shares.count)
          guard parts.count > 1 else {
            #expect(target == ClassShares((Int(source.id) ?? 9) % 4) && input == parts[0])
            continue
          }
          count += 1
          let labels = source.ids.map { (Int($0) ?? 9) % 4 }
          if kind == "mixup" {
            #expect(input == zip(parts[0], parts[1]).map { ($0 + $1) / 2 })
            for share in target.shares {
              #expect(share.share == 0.5 * Float(labels.count { $0 == share.label }))
            }
            continue
          }
          // Of a cut the second picture's pixels make a rectangle of 30 to 80 % of each side.
          if kind == "cutmix", labels[0] != labels[1] {
            let share = try #require(target.shares.first { $0.label == labels[1] }).share
            let changed = (0..<3584).filter { input[3 * $0] != parts[0][3 * $0] }
            #expect(Float(changed.count) <= share * 3584 + 0.5 && share > 0.08 && share < 0.65)
            let (columns, rows) = (changed.map { $0 % 64 }, changed.map { $0 / 64 })
            let width = (columns.max() ?? 0) - (columns.min() ?? 0) + 1
            let height = (rows.max() ?? 0) - (rows.min() ?? 0) + 1
            #expect(width <= 52 && height <= 45)
          }
          // The mosaic's parts are moved: its pixels are checked with objects above.
          for pixel in 0..<3584 where kind == "cutmix" {
            let range = 3 * pixel..<3 * pixel + 3
            #expect(parts.contains { $0[range] == input[range] })
          }
        }
      }
      #expect((14...34).contains(count))
    }
  }

  /// Shares are areas: a quarter of 3 x 4 of 10 x 10 cells is 12 %.
  @Test func sharesOfAMosaicAreAreas() {
    func pane(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> Pane {
      Pane(
        rectangle: PixelRectangle(x: x, y: y, width: width, height: height), sourceX: 0,
        sourceY: 0, inputWidth: 10, inputHeight: 10)
    }
    let joined = ClassShares.joined([
      (2, pane(0, 0, 3, 4)), (1, pane(3, 0, 7, 4)), (0, pane(0, 4, 3, 6)), (2, pane(3, 4, 7, 6)),
    ])
    #expect(joined.label == 2 && joined.shares.map(\.label) == [2, 1, 0])
    expectClose(joined.shares.map(\.share), [0.54, 0.28, 0.18], absolute: 1e-6)
    #expect(ClassShares.joined([(3, pane(0, 0, 5, 10)), (3, pane(5, 0, 5, 10))]) == 3)
  }

  /// Memory that is handed back changes no batch, that which is kept stays as it is.
  @Test func inputsAreUsedAgain() throws {
    try withSamples { samples in
      let settings = augmentation(mosaic: true)
      let (plain, reusing) = (try loader(samples, settings), try loader(samples, settings))
      let first = try #require(try plain.next())
      let copy = values(first.input)
      for number in 0..<6 {
        let batch = try #require(try reusing.next())
        let expected = try number == 0 ? copy : values(#require(try plain.next()).input)
        #expect(values(batch.input) == expected)
        if number != 3 { reusing.reuse(batch.input) }
      }
      #expect(values(first.input) == copy)
    }
  }

  /// A picture that is not mixed is what it is without mixing, and objects are never cut out.
  @Test func leavesTheOthersAsTheyAre() throws {
    try withSamples { samples in
      var plain = augmentation()
      plain.mixing = nil
      let first = try #require(try loader(samples, plain).next())
      let mixed = try #require(try loader(samples, augmentation(mosaic: true)).next())
      let (a, b) = (values(first.input), values(mixed.input))
      for number in 0..<4 {
        let range = number * 10752..<(number + 1) * 10752
        #expect((a[range] == b[range]) == mixed.sources[number].partners.isEmpty)
      }
      let one = try #require(try loader(samples, augmentation(cutMix: true)).next())
      #expect(values(one.input) == a && one.targets == first.targets)
    }
  }

  /// Of a box at the left of its input, the part right of the point is shown; below a tenth, nothing.
  @Test func objectsThatAreCutOffAreDropped() {
    let pane = Pane(
      rectangle: PixelRectangle(x: 0, y: 0, width: 40, height: 40), sourceX: 60, sourceY: 60,
      inputWidth: 100, inputHeight: 100)
    func joined(_ box: Box) -> [Box] {
      [GroundTruth].joined([([GroundTruth(box: box, classIndex: 0)], pane)]).map(\.box)
    }
    #expect(joined(Box(left: 0.1, top: 0.7, right: 0.59, bottom: 0.9)).isEmpty)
    #expect(joined(Box(left: 0.2, top: 0.7, right: 0.64, bottom: 0.9)).isEmpty)
    let cut = joined(Box(left: 0.2, top: 0.7, right: 0.65, bottom: 0.9))
    #expect(cut.count == 1)
    if let box = cut.first {
      expectClose([box.left, box.top, box.right, box.bottom], [0, 0.1, 0.05, 0.3], absolute: 1e-6)
    }
  }

  @Test func blurAndNoiseChangeAShareOfThePictures() throws {
    try withSamples { samples in
      var settings = Augmentation.none(.stretch)
      let plain = try loader(samples, settings)
      settings.disturbance = PixelDisturbance(blur: 1)
      let blurred = try loader(samples, settings)
      settings.disturbance = PixelDisturbance(noise: 10)
      let noisy = try loader(samples, settings)
      var (blurs, noises) = (0, 0)
      for _ in 0..<30 {
        let a = try #require(try plain.next())
        let b = try #require(try blurred.next())
        let c = try #require(try noisy.next())
        let (x, y, z) = (values(a.input), values(b.input), values(c.input))
        for number in 0..<4 {
          let range = number * 10752..<(number + 1) * 10752
          if x[range] != y[range] {
            blurs += 1
            // Objects stay sharp.
            let box = try #require(a.targets[number].first?.box)
            let row = (number * 56 + Int(box.centerY * 56)) * 64
            let object = 3 * (row + Int(box.left * 64))..<3 * (row + Int(box.right * 64))
            #expect(x[object] == y[object])
          }
          if x[range] != z[range] {
            noises += 1
            let squares = zip(x[range], z[range]).filter { $0.0 > 0.1 && $0.0 < 0.9 }
              .map { ($0 - $1) * ($0 - $1) }
            let deviation = (squares.reduce(0, +) / Float(squares.count)).squareRoot() * 255
            #expect(abs(deviation - 10) < 0.7)
          }
        }
      }
      #expect((60...100).contains(blurs) && (40...80).contains(noises))
    }
  }

  @Test func oldRunsHaveNoneOfIt() throws {
    let data = try JSONEncoder().encode(Augmentation())
    let text = String(decoding: data, as: UTF8.self)
    #expect(!text.contains("mixing") && !text.contains("disturbance") && !text.contains("resize"))
    let mixing = String(decoding: try JSONEncoder().encode(PictureMixing()), as: UTF8.self)
    #expect(!mixing.contains("cut"))
    let cut = try JSONEncoder().encode(PictureMixing(cutMix: true))
    #expect(try JSONDecoder().decode(PictureMixing.self, from: cut).cutMix)
    #expect(try JSONDecoder().decode(Augmentation.self, from: data) == Augmentation())
  }
}
