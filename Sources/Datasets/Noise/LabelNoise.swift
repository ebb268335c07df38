import Compute
package import Detection
import Foundation
package import Geometry
import Images

/// Errors that are put into labels on purpose: objects are dropped, moved, renamed or made up.
///
/// What happens to an object depends on the seed, the image's name and the object's place in it alone:
/// the same whatever else is read, so that who knows seed and shares knows every error.
package struct LabelNoise: Hashable, Sendable, Codable {
  /// What is done to an object.
  package enum Kind: String, CaseIterable, Hashable, Sendable, Codable, CodingKeyRepresentable {
    /// It is left out.
    case drop
    /// Its box is put elsewhere, so that an IoU of 0.15 to 0.45 with the right one is left.
    case move
    /// It gets another class.
    case rename
    /// A box of its size and a class at random is added where no object is.
    case add
  }

  /// One error.
  package struct Change: Hashable, Sendable {
    /// What was done.
    package let kind: Kind
    /// The object as it was; of ``Kind/add`` the one whose size was taken.
    package let original: GroundTruth
    /// The place among the image's objects with errors; nil for ``Kind/drop``.
    package let index: Int?
  }

  /// Shares of the objects, each 0...1; those of ``Kind/drop``, ``Kind/move`` and ``Kind/rename`` add up to
  /// at most 1.
  package var shares: [Kind: Float]
  /// Chooses the objects and what becomes of them.
  package var seed: UInt64

  /// No error is made that the shares do not ask for.
  package init(shares: [Kind: Float] = [:], seed: UInt64 = 1) {
    self.shares = shares
    self.seed = seed
  }

  /// Draws of a place that is neither outside the picture nor too near or too far.
  private static let attempts = 200
  private static let movedOverlap: ClosedRange<Float> = 0.15...0.45
  /// A box that is made up overlaps every object by less.
  private static let strangeOverlap: Float = 0.1

  /// `drop=0.1,move=0.1,seed=1`: reads the same.
  package var text: String {
    Kind.allCases.compactMap { kind in shares[kind].map { "\(kind.rawValue)=\($0)" } }
      .joined(separator: ",") + ",seed=\(seed)"
  }

  /// Reads `drop=.1,move=.1,rename=.1,add=.1,seed=1` or a part of it.
  ///
  /// - Throws: ``LabelNoiseError`` for any other text and for shares that do not go together.
  package init(_ text: String) throws(LabelNoiseError) {
    self.init()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { throw LabelNoiseError(text, "has a part '\(part)'") }
      if sides[0] == "seed" {
        guard let value = UInt64(sides[1]) else {
          throw LabelNoiseError(text, "has a seed that is no whole number")
        }
        seed = value
        continue
      }
      guard let kind = Kind(rawValue: String(sides[0])) else {
        throw LabelNoiseError(text, "has a part '\(part)'")
      }
      guard let share = Float(sides[1]), (0...1).contains(share) else {
        throw LabelNoiseError(text, "has a share of \(sides[1]), not of 0 to 1")
      }
      guard shares.updateValue(share, forKey: kind) == nil else {
        throw LabelNoiseError(text, "says \(kind.rawValue)= twice")
      }
    }
    guard shares.values.contains(where: { $0 > 0 }) else {
      throw LabelNoiseError(text, "asks for no error")
    }
    let sum = [Kind.drop, .move, .rename].reduce(0) { $0 + (shares[$1] ?? 0) }
    guard sum <= 1 else {
      throw LabelNoiseError(text, "drops, moves and renames more than all objects")
    }
  }

  /// The objects of an image with errors.
  ///
  /// Difficult objects stay: they are not trained on.
  ///
  /// - Parameters:
  ///   - objects: As they are, in pixels.
  ///   - id: The image's name.
  ///   - size: The image's; nil: only its left and upper edge are known.
  ///   - classCount: L ≥ 1; of one class nothing can be renamed.
  /// - Returns: The objects, made-up ones last, and every error.
  package func applied(
    to objects: [GroundTruth], id: String, size: PixelSize?, classCount: Int
  ) -> (objects: [GroundTruth], changes: [Change]) {
    var result: [GroundTruth] = []
    var added: [(GroundTruth, original: GroundTruth)] = []
    var changes: [Change] = []
    let image = RandomStream(seed: seed).split(Self.key(id))
    for (place, object) in objects.enumerated() {
      guard !object.isDifficult else {
        result.append(object)
        continue
      }
      var random = image.split(UInt64(place))
      let draw = random.uniform()
      let kind = kind(at: draw)
      var changed: GroundTruth? = object
      switch kind {
      case .drop: changed = nil
      case .rename where classCount > 1:
        let other = random.integer(in: 0...classCount - 2)
        changed?.classIndex = other < object.classIndex ? other : other + 1
      case .move:
        if let box = Self.moved(object.box, in: size, &random) { changed?.box = box }
      default: break
      }
      if let kind, changed != object {
        changes.append(
          Change(kind: kind, original: object, index: changed.map { _ in result.count }))
      }
      if let changed { result.append(changed) }
      var other = image.split(UInt64(place), 1)
      if other.bernoulli(shares[.add] ?? 0),
        let box = Self.strange(object.box, objects + added.map(\.0), in: size, &other)
      {
        let label = other.integer(in: 0...classCount - 1)
        added.append((GroundTruth(box: box, classIndex: label), object))
      }
    }
    for (object, original) in added {
      changes.append(Change(kind: .add, original: original, index: result.count))
      result.append(object)
    }
    return (result, changes)
  }

  /// What becomes of an object with a draw of 0...1; ``Kind/add`` is drawn for itself.
  private func kind(at draw: Float) -> Kind? {
    var below: Float = 0
    for kind in [Kind.drop, .move, .rename] {
      below += shares[kind] ?? 0
      if draw < below { return kind }
    }
    return nil
  }

  /// The box at another place and of another size; nil if none is found, as of boxes of few pixels.
  private static func moved(
    _ box: Box, in size: PixelSize?, _ random: inout RandomStream
  ) -> Box? {
    for _ in 0..<attempts {
      func factor() -> Float { exp(random.uniform(-0.5...0.5)) }
      let candidate = Box(
        centerX: box.centerX + random.uniform(-0.7...0.7) * box.width,
        centerY: box.centerY + random.uniform(-0.7...0.7) * box.height,
        width: box.width * factor(), height: box.height * factor()
      ).inside(size)
      if movedOverlap.contains(candidate.intersectionOverUnion(with: box)) { return candidate }
    }
    return nil
  }

  /// A box of this size away from all objects; nil if there is no place.
  private static func strange(
    _ box: Box, _ objects: [GroundTruth], in size: PixelSize?, _ random: inout RandomStream
  ) -> Box? {
    let width = size.map { Float($0.width) } ?? objects.map(\.box.right).max() ?? 0
    let height = size.map { Float($0.height) } ?? objects.map(\.box.bottom).max() ?? 0
    guard box.width < width, box.height < height else { return nil }
    for _ in 0..<attempts {
      let left = random.uniform(0...width - box.width)
      let top = random.uniform(0...height - box.height)
      let candidate = Box(
        left: left, top: top, right: left + box.width, bottom: top + box.height)
      if objects.allSatisfy({
        $0.box.intersectionOverUnion(with: candidate) < strangeOverlap
      }) {
        return candidate
      }
    }
    return nil
  }

  /// FNV-1a of a name: the same on every machine and in every run.
  private static func key(_ id: String) -> UInt64 {
    id.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension Box {
  /// What of the box is in a picture; of one of unknown size right of 0 and below.
  fileprivate func inside(_ size: PixelSize?) -> Box {
    clipped(
      width: size.map { Float($0.width) } ?? .greatestFiniteMagnitude,
      height: size.map { Float($0.height) } ?? .greatestFiniteMagnitude)
  }
}

/// Why a text says no label noise.
package struct LabelNoiseError: Error, Equatable, CustomStringConvertible {
  private let text: String
  private let reason: String

  init(_ text: String, _ reason: String) {
    self.text = text
    self.reason = reason
  }

  /// One line.
  package var description: String {
    "label noise '\(text)' \(reason); give drop=.1,move=.1,rename=.1,add=.1,seed=1 or a part of it"
  }
}

extension LabelNoise {
  /// Samples with errors in their labels, and what was done to each.
  ///
  /// - Parameters:
  ///   - samples: Pictures with their objects; where the annotation does not say how large one is, its
  ///     file is asked.
  ///   - classCount: L.
  /// - Returns: As many samples, and the errors of each.
  package func applied(
    to samples: [Sample<[GroundTruth]>], classCount: Int
  ) -> (samples: [Sample<[GroundTruth]>], changes: [[Change]]) {
    var changes: [[Change]] = []
    let noisy = samples.map { sample in
      let own = applied(
        to: sample.target, id: sample.id, size: sample.size ?? (try? sample.image.readSize()),
        classCount: classCount)
      changes.append(own.changes)
      return Sample(id: sample.id, image: sample.image, target: own.objects, size: sample.size)
    }
    return (noisy, changes)
  }

  /// How many objects were dropped, moved, renamed and made up, of so many, in words.
  package static func text(_ changes: [[Change]], objects: Int) -> String {
    let words: [Kind: String] = [
      .drop: "dropped", .move: "moved", .rename: "renamed", .add: "made up",
    ]
    let counts = Kind.allCases.compactMap { kind -> String? in
      let count = changes.reduce(0) { $0 + $1.count { $0.kind == kind } }
      return count == 0 ? nil : "\(count) \(words[kind] ?? "")"
    }
    return (counts.isEmpty ? "none" : counts.joined(separator: ", ")) + " of \(objects) objects"
  }
}
