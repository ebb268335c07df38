import Detection
import Foundation
import Geometry
import Images
import Testing

@testable import Datasets

@Suite struct LabelNoiseTests {
  private static let size = PixelSize(width: 320, height: 240)

  /// Four objects apart from each other in each of many pictures; the last of them difficult.
  private static let samples = (0..<250).map { index -> Sample<[GroundTruth]> in
    let top = Float(30 + index % 90)
    let objects = (0..<4).map { place -> GroundTruth in
      let left = Float(20 + 70 * place)
      let box = Box(left: left, top: top, right: left + 40, bottom: top + 50)
      return GroundTruth(box: box, classIndex: place, isDifficult: place == 3)
    }
    return Sample(
      id: "picture-\(index)", image: .file(URL(filePath: "none.jpg")), target: objects, size: size)
  }

  private func applied(
    _ text: String, classCount: Int = 4
  ) throws -> (samples: [Sample<[GroundTruth]>], changes: [[LabelNoise.Change]]) {
    try LabelNoise(text).applied(to: Self.samples, classCount: classCount)
  }

  @Test(arguments: [
    ("drop=.2", LabelNoise.Kind.drop), ("move=.2", .move), ("rename=.2", .rename),
    ("add=.2", .add),
  ])
  func aShareOfTheObjectsIsChanged(text: String, kind: LabelNoise.Kind) throws {
    let (samples, changes) = try applied(text)
    let all = changes.flatMap(\.self)
    #expect(all.allSatisfy { $0.kind == kind })
    // 750 draws of one fifth: 150 ± 11.
    #expect((110...190).contains(all.count), "\(all.count)")
    for (index, own) in changes.enumerated() {
      let (before, after) = (Self.samples[index].target, samples[index].target)
      let dropped = kind == .drop ? own.count : 0
      #expect(after.count == before.count - dropped + (kind == .add ? own.count : 0))
      // Whatever was not changed is as it was, in its order.
      let changed = Set(own.compactMap(\.index))
      let rest = after.indices.filter { !changed.contains($0) }.map { after[$0] }
      #expect(
        rest == before.filter { object in kind == .add || !own.contains { $0.original == object } })
      for change in own {
        #expect(before.contains(change.original) && !change.original.isDifficult)
        guard let place = change.index else { continue }
        let (old, new) = (change.original, after[place])
        let overlap = old.box.intersectionOverUnion(with: new.box)
        switch kind {
        case .drop: Issue.record("a dropped object has a place")
        case .move:
          #expect((0.149...0.451).contains(overlap) && new.classIndex == old.classIndex)
          #expect(new.box.left >= 0 && new.box.right <= 320)
          #expect(new.box.top >= 0 && new.box.bottom <= 240)
        case .rename:
          #expect(new.box == old.box && new.classIndex != old.classIndex)
          #expect((0..<4).contains(new.classIndex))
        case .add:
          #expect(before.allSatisfy { $0.box.intersectionOverUnion(with: new.box) < 0.1 })
          #expect(abs(new.box.width - old.box.width) < 1e-3)
          #expect(abs(new.box.height - old.box.height) < 1e-3)
        }
      }
    }
  }

  @Test func allOfThemTogether() throws {
    let (_, changes) = try applied("drop=.1,move=.2,rename=.3,add=.1")
    for (kind, share) in [LabelNoise.Kind.drop: 0.1, .move: 0.2, .rename: 0.3, .add: 0.1] {
      let count = Double(changes.reduce(0) { $0 + $1.count { $0.kind == kind } })
      #expect(abs(count / 750 - share) < 0.05, "\(kind): \(count)")
    }
    #expect(
      LabelNoise.text(
        [[.init(kind: .move, original: Self.samples[0].target[0], index: 0)], []], objects: 9)
        == "1 moved of 9 objects")
  }

  /// What becomes of a picture does not depend on the others; another seed does something else.
  @Test func theSeedAndTheNameDecide() throws {
    let noise = try LabelNoise("drop=.3,move=.3,seed=4")
    let all = noise.applied(to: Self.samples, classCount: 4).samples.map(\.target)
    for index in [0, 7, 249] {
      let one = noise.applied(to: [Self.samples[index]], classCount: 4).samples[0].target
      #expect(one == all[index])
    }
    var other = noise
    other.seed = 5
    #expect(other.applied(to: Self.samples, classCount: 4).samples.map(\.target) != all)
    // One more kind leaves what was dropped before as it is.
    let (_, more) = try applied("drop=.3,rename=.5,seed=4")
    let (_, less) = try applied("drop=.3,seed=4")
    func dropped(_ changes: [[LabelNoise.Change]]) -> [[GroundTruth]] {
      changes.map { $0.filter { $0.kind == .drop }.map(\.original) }
    }
    #expect(dropped(more) == dropped(less))
  }

  @Test func nothingIsRenamedAmongOneClassAndBigBoxesFindNoPlace() throws {
    let whole = Sample(
      id: "a", image: .file(URL(filePath: "none.jpg")),
      target: [
        GroundTruth(box: Box(left: 0, top: 0, right: 320, bottom: 240), classIndex: 0)
      ], size: Self.size)
    let (samples, changes) = try LabelNoise("rename=1,add=1").applied(to: [whole], classCount: 1)
    #expect(samples[0].target == whole.target && changes == [[]])
    let moved = try LabelNoise("move=1").applied(to: [whole], classCount: 1)
    // It can only be made smaller.
    let box = moved.samples[0].target[0].box
    #expect(moved.changes[0].count == 1 && box.area < 0.46 * 320 * 240)
  }

  @Test func readsWhatItWrites() throws {
    let noise = try LabelNoise("rename=.25,seed=9,drop=.5")
    #expect(noise.text == "drop=0.5,rename=0.25,seed=9")
    #expect(try LabelNoise(noise.text) == noise)
    let data = try JSONEncoder().encode(noise)
    #expect(try JSONDecoder().decode(LabelNoise.self, from: data) == noise)
  }

  @Test(arguments: [
    ("", "has a part ''"), ("drop", "has a part 'drop'"), ("lose=.1", "has a part 'lose=.1'"),
    ("drop=2", "has a share of 2, not of 0 to 1"), ("drop=x", "has a share of x"),
    ("drop=.1,drop=.2", "says drop= twice"), ("seed=1", "asks for no error"),
    ("drop=0", "asks for no error"), ("drop=.1,seed=-1", "has a seed that is no whole number"),
    ("drop=.5,move=.6", "drops, moves and renames more than all objects"),
  ])
  func refusesOtherTexts(text: String, reason: String) {
    let error = #expect(throws: LabelNoiseError.self) { try LabelNoise(text) }
    let said = error?.description ?? ""
    #expect(said.hasPrefix("label noise '\(text)' \(reason)"), "\(said)")
  }
}
