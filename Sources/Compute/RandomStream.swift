import Foundation

/// A seeded, splittable stream of random numbers (SplitMix64).
///
/// Randomness is an argument everywhere: same stream, same numbers. `split` gives an independent
/// stream for a purpose, an image index or an epoch without disturbing this one, so results do not
/// depend on the order in which work is done.
package struct RandomStream: RandomNumberGenerator, Hashable, Sendable, Codable {
  /// The whole state; restoring it continues the stream.
  package private(set) var state: UInt64

  /// The stream of a seed.
  package init(seed: UInt64) { state = RandomStream.mix(seed &+ 0x9E37_79B9_7F4A_7C15) }

  /// A stream continued from a saved ``state``.
  package init(state: UInt64) { self.state = state }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return RandomStream.mix(state)
  }

  /// An independent stream for the given key, for example an epoch and an image index.
  package func split(_ keys: UInt64...) -> RandomStream {
    var hash = state
    for key in keys {
      hash = RandomStream.mix(hash ^ RandomStream.mix(key &+ 0x632B_E59B_D9B4_E019))
    }
    return RandomStream(state: hash)
  }

  /// A uniform value in `range` (the upper bound excluded up to rounding).
  package mutating func uniform(_ range: ClosedRange<Float> = 0...1) -> Float {
    let unit = Float(next() >> 40) * 0x1p-24
    return range.lowerBound + unit * (range.upperBound - range.lowerBound)
  }

  /// A uniform integer in `range`.
  package mutating func integer(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True with the given probability.
  package mutating func bernoulli(_ probability: Float) -> Bool { uniform() < probability }

  /// A normal value with mean 0 and variance 1 (by the polar transform of two uniform values).
  package mutating func normal() -> Float {
    let radius = Double(next() >> 11) * 0x1p-53
    let angle = Double(next() >> 11) * 0x1p-53
    return Float((-2 * log(1 - radius)).squareRoot() * cos(2 * Double.pi * angle))
  }

  /// The indices `0..<count` in random order.
  package mutating func permutation(_ count: Int) -> [Int] {
    Array(0..<count).shuffled(using: &self)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
