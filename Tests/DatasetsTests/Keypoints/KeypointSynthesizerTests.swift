import Compute
import Foundation
import Geometry
import Images
import Keypoints
import TestSupport
import Testing

@testable import Datasets

@Suite struct KeypointSynthesizerTests {
  typealias Subject = KeypointSynthesizer.Subject

  private func small(
    _ subject: Subject, _ change: (inout KeypointSynthesizer) -> Void = { _ in }
  ) -> KeypointSynthesizer {
    var synthesizer = KeypointSynthesizer(subject)
    synthesizer.imageCount = 10
    synthesizer.width = 96
    synthesizer.height = 80
    synthesizer.kindCount = 2
    change(&synthesizer)
    return synthesizer
  }

  private func files(
    _ synthesizer: KeypointSynthesizer, threads: Int = 2
  ) throws -> [String: Foundation.Data] {
    try withTemporaryFolder { folder in
      try synthesizer.write(to: folder, pool: ThreadPool(threadCount: threads))
      var result: [String: Foundation.Data] = [:]
      for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
        result[path] = try? Foundation.Data(contentsOf: folder.appending(path: path))
      }
      return result
    }
  }

  @Test(arguments: Subject.allCases)
  func dependsOnTheSeedOnly(_ subject: Subject) throws {
    let one = try files(small(subject), threads: 1)
    #expect(one.count == 10 + 1 && one["keypoints.json"] != nil)
    #expect(try files(small(subject), threads: 2) == one)
    let other = try files(small(subject) { $0.seed = 2 })
    #expect(other.keys == one.keys && one.keys.allSatisfy { other[$0] != one[$0] })
  }

  @Test(arguments: Subject.allCases)
  func isReadAsItWasDrawn(_ subject: Subject) throws {
    try withTemporaryFolder { folder in
      let pool = try ThreadPool(threadCount: 2)
      let synthesizer = small(subject)
      try synthesizer.write(to: folder, pool: pool)
      let set = try recognized(folder)
      #expect(set.format == .keypointFile && set.hasCenters == (subject == .dots))
      let check = try KeypointCheck(set, split: "all", pool: pool)
      #expect(check.findings.filter { !$0.kind.isNote }.isEmpty, "\(check.findings)")
      #expect(check.imageCount == 10)
      let all = try [set].keypoints(split: "all")
      let drawn = try Dictionary(
        uniqueKeysWithValues: (0..<10).map { index in
          (VOCWriter.id(index), try synthesizer.draw(index).truths)
        })
      for (id, truths) in drawn {
        let read = all.samples.filter { $0.id.prefix(6) == id }
        #expect(read.map(\.target) == truths)
        #expect(read.allSatisfy { $0.size == PixelSize(width: 96, height: 80) })
      }
      let ids = try ["train", "val", "test"].map { split in
        Set(try [set].keypoints(split: split).samples.map { $0.id.prefix(6) })
      }
      #expect(ids.map(\.count) == [6, 2, 2] && Set(ids.joined()).count == 10)
    }
  }

  @Test func jointsLieOnTheLimbs() throws {
    let synthesizer = small(.figures) {
      $0.blur = 0
      $0.occlusion = 0
      $0.width = 160
      $0.height = 160
      $0.objectLimit = 1
    }
    var count = 0
    for index in 0..<12 {
      let picture = try synthesizer.draw(index)
      let figure = try #require(
        synthesizer.figures(RandomStream(seed: 1).split(2, UInt64(index))).first)
      let truth = try #require(picture.truths.first)
      for point in truth.points where !point.isOccluded {
        let place = figure.position(of: point.index)
        #expect(abs(point.position.x - Double(place.x)) < 0.006)
        #expect(abs(point.position.y - Double(place.y)) < 0.006)
        let (red, green, blue) = picture.image[Int(place.x), Int(place.y)]
        let shown = PaintColor(values: SIMD3(Float(red), Float(green), Float(blue)))
        let colors = figure.pose.order.filter { $0.joints.contains(point.index) }
          .flatMap { figure.strokes(of: $0) }.map(\.color)
        // Texture, shade and grain are 27, 14 and 14 levels at most, in all channels alike.
        let nearest =
          colors.map { color in
            let clipped = PaintColor(
              values: color.values.clamped(lowerBound: .zero, upperBound: .init(repeating: 255)))
            return clipped.distance(to: shown)
          }.min() ?? .infinity
        #expect(nearest < 110, "\(index): \(point.index), \(nearest)")
        count += 1
      }
      let box = try #require(truth.sizes.box)
      let region = try #require(truth.region)
      #expect(abs(region.width - 1.25 * max(box.width, box.height)) < 1e-3)
      #expect(region.centerX == box.centerX && region.centerY == box.centerY)
    }
    #expect(count > 100)
  }

  @Test func hiddenJointsAreLabelledSo() throws {
    func pictures(_ occlusion: Float) throws -> [KeypointSynthesizer.Picture] {
      let synthesizer = small(.figures) {
        $0.blur = 0
        $0.occlusion = occlusion
        $0.sweepsLevels = false
      }
      return try (0..<16).map { try synthesizer.draw($0) }
    }
    var (hidden, visible) = (0, 0)
    for (clear, covered) in zip(try pictures(0), try pictures(0.8)) {
      #expect(clear.truths.map(\.sizes) == covered.truths.map(\.sizes))
      for (one, other) in zip(clear.truths, covered.truths) {
        #expect(one.points.map(\.position) == other.points.map(\.position))
        for (before, after) in zip(one.points, other.points) where !before.isOccluded {
          let (x, y) = (Int(before.position.x), Int(before.position.y))
          let isSame = clear.image[x, y] == covered.image[x, y]
          if after.isOccluded {
            #expect(!isSame, "covered, but nothing changed")
            hidden += 1
          } else {
            visible += isSame ? 1 : 0
            if !isSame { #expect(isNearAnEdge(before.position, covered.image, clear.image)) }
          }
        }
        // What hides itself stays hidden.
        #expect(zip(one.points, other.points).allSatisfy { !$0.isOccluded || $1.isOccluded })
      }
    }
    #expect(hidden > 30 && visible > 60, "\(hidden) hidden, \(visible) visible")
  }

  /// Whether a pixel beside another is the same in both pictures: an edge goes through it.
  private func isNearAnEdge(_ place: Point, _ one: Image, _ other: Image) -> Bool {
    let (column, row) = (Int(place.x), Int(place.y))
    return (-2...2).contains { dy in
      (-2...2).contains { dx in
        let x = min(max(column + dx, 0), one.width - 1)
        let y = min(max(row + dy, 0), one.height - 1)
        return one[x, y] == other[x, y]
      }
    }
  }

  @Test func withoutACueNothingTellsLeftFromRight() throws {
    var random = RandomStream(seed: 5)
    for cue: Float in [0, 0.4] {
      var pose = FigurePose(using: &random)
      while !pose.isFront { pose = FigurePose(using: &random) }
      let placed = { (pose: FigurePose) in
        var looks = RandomStream(seed: 9)
        return PlacedFigure(
          pose: pose, height: 90, origin: SIMD2(50, 50), blur: 0, cue: cue, using: &looks)
      }
      let images = [pose, pose.seenFromTheOtherSide].map { pose in
        var canvas = FigureCanvas(width: 100, height: 100, random: RandomStream(seed: 1))
        canvas.draw(placed(pose), random: RandomStream(seed: 2))
        return canvas.image
      }
      #expect((images[0] == images[1]) == (cue == 0))
    }
  }

  @Test func leftIsWarmerAndOnThePicturesRightFromTheFront() {
    var random = RandomStream(seed: 6)
    var fronts = 0
    for _ in 0..<200 {
      let pose = FigurePose(using: &random)
      #expect((pose.joints[9].x > pose.joints[8].x) == pose.isFront)
      #expect((pose.joints[3].x > pose.joints[2].x) == pose.isFront)
      fronts += pose.isFront ? 1 : 0
      #expect(Set(pose.order).count == 11 && pose.order.count == 11)
      let figure = PlacedFigure(
        pose: pose, height: 90, origin: .zero, blur: 0, cue: 0.4, using: &random)
      func warmth(_ part: FigurePart) -> Float {
        let color = figure.strokes(of: part)[0].color.values
        return color.x - color.z
      }
      #expect(abs(warmth(.upperArm(.left)) - warmth(.upperArm(.right)) - 80) < 0.01)
      #expect(abs(warmth(.thigh(.left)) - warmth(.thigh(.right)) - 80) < 0.01)
    }
    #expect((70...130).contains(fronts))
  }

  @Test func jitterMovesLabelsOfTrainAlone() throws {
    let plain = small(.dots) {
      $0.imageCount = 60
      $0.width = 48
      $0.height = 48
      $0.objectLimit = 40
    }
    var moved = plain
    moved.jitter = 1.5
    let (one, other) = (try files(plain), try files(moved))
    #expect(one.keys == other.keys)
    for name in one.keys { #expect((one[name] == other[name]) == (name != "keypoints.json")) }
    func truths(_ synthesizer: KeypointSynthesizer, _ split: String) throws -> [KeypointTruth] {
      try withTemporaryFolder { folder in
        try synthesizer.write(to: folder, pool: ThreadPool(threadCount: 2))
        return try [recognized(folder)].keypoints(split: split).samples.map(\.target)
      }
    }
    for split in ["val", "test"] { #expect(try truths(plain, split) == truths(moved, split)) }
    var offsets: [Double] = []
    for (exact, jittered) in zip(try truths(plain, "train"), try truths(moved, "train")) {
      #expect(exact.points.count == jittered.points.count)
      for (a, b) in zip(exact.points, jittered.points) {
        #expect(a.index == b.index && a.extent == b.extent && a.isOccluded == b.isOccluded)
        // Those near the border are kept inside.
        let isInner = [a.position.x, a.position.y].allSatisfy { (8.0...40.0).contains($0) }
        if isInner { offsets += [b.position.x - a.position.x, b.position.y - a.position.y] }
      }
    }
    let count = Double(offsets.count)
    let mean = offsets.reduce(0, +) / count
    let deviation = (offsets.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
    // Four standard errors.
    #expect(count > 400 && abs(mean) < 4 * 1.5 / count.squareRoot(), "\(mean) of \(count)")
    #expect(abs(deviation / 1.5 - 1) < 4 / (2 * count).squareRoot(), "\(deviation)")
    #expect(abs(Double(offsets.count { abs($0) < 1.5 }) / count - 0.683) < 0.1)
  }

  @Test func dotsLieWhereTheyAreLabelled() throws {
    let synthesizer = small(.dots) {
      $0.blur = 0
      $0.occlusion = 0
      $0.width = 160
      $0.height = 160
    }
    var kinds: Set<Int> = []
    for index in 0..<8 {
      let picture = try synthesizer.draw(index)
      let points = picture.truths.flatMap(\.points)
      #expect((4...24).contains(points.count) && picture.truths.count == 1)
      // Without overlap all can be seen.
      #expect(points.allSatisfy { !$0.isOccluded })
      let random = RandomStream(seed: 1).split(2, UInt64(index), 0)
      let ground = DotCanvas(width: 160, height: 160, random: RandomStream(state: random.state))
      for point in points {
        kinds.insert(point.index)
        let radius = (point.extent?.x ?? 0) / 2
        // Half a radius from the middle both kinds are opaque.
        let (x, y) = (Int(point.position.x - 0.6 * radius), Int(point.position.y))
        guard x >= 0 else { continue }
        let (a, b) = (picture.image[x, y], ground.image[x, y])
        let change =
          abs(Int(a.red) - Int(b.red)) + abs(Int(a.green) - Int(b.green))
          + abs(Int(a.blue) - Int(b.blue))
        #expect(change > 20, "\(index): \(point.position)")
      }
    }
    #expect(kinds == [0, 1])
    let crowded = small(.dots) {
      $0.occlusion = 1
      $0.objectLimit = 80
    }
    let points = try (0..<4).flatMap { try crowded.draw($0).truths.flatMap(\.points) }
    #expect(points.contains { $0.isOccluded })
  }

  @Test func refusesWrongOptions() throws {
    let pool = try ThreadPool(threadCount: 1)
    let changes: [(inout KeypointSynthesizer) -> Void] = [
      { $0.imageCount = 4 }, { $0.width = 8 }, { $0.blur = 1.5 }, { $0.occlusion = -0.1 },
      { $0.sideCue = .nan }, { $0.objectLimit = 0 }, { $0.kindCount = 3 }, { $0.jitter = -1 },
      { $0.jitter = .infinity },
    ]
    for change in changes {
      let text = message {
        try small(.dots, change).write(to: URL(filePath: "/proc/x"), pool: pool)
      }
      #expect(text?.hasPrefix("synthesize needs") == true)
    }
    try withTemporaryFolder { folder in
      try folder.write("a", "b")
      let text = message { try small(.dots).write(to: folder, pool: pool) }
      #expect(text == "\(folder.path): is not empty; choose another folder")
    }
  }
}

extension FigurePose {
  /// The same places and depths, with all names of sides exchanged.
  fileprivate var seenFromTheOtherSide: FigurePose {
    func swapped(_ part: FigurePart) -> FigurePart {
      switch part {
      case .upperArm(let side): .upperArm(side.other)
      case .forearm(let side): .forearm(side.other)
      case .thigh(let side): .thigh(side.other)
      case .shank(let side): .shank(side.other)
      case .torso, .neck, .head: part
      }
    }
    let partners = [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13]
    return FigurePose(
      joints: partners.map { joints[$0] }, isFront: !isFront, order: order.map(swapped))
  }
}
