import Compute
import Foundation

/// A side of a body, as the person itself names it.
enum BodySide: Int, CaseIterable, Sendable {
  case left, right

  /// The other one.
  var other: BodySide { self == .left ? .right : .left }
}

/// A drawn part of a figure.
enum FigurePart: Hashable, Sendable {
  case torso, neck, head
  case upperArm(BodySide), forearm(BodySide), thigh(BodySide), shank(BodySide)

  /// The joints of ``KeypointLayout/leeds()`` that it lies around.
  var joints: [Int] {
    switch self {
    case .torso: [2, 3, 8, 9, 12]
    case .neck: [12]
    case .head: [12, 13]
    case .upperArm(.left): [9, 10]
    case .upperArm(.right): [8, 7]
    case .forearm(.left): [10, 11]
    case .forearm(.right): [7, 6]
    case .thigh(.left): [3, 4]
    case .thigh(.right): [2, 1]
    case .shank(.left): [4, 5]
    case .shank(.right): [1, 0]
    }
  }

  /// Which side it is of; nil: on the axis.
  var side: BodySide? {
    switch self {
    case .torso, .neck, .head: nil
    case .upperArm(let side), .forearm(let side), .thigh(let side), .shank(let side): side
    }
  }
}

/// Where the joints of a figure are.
///
/// Lengths are shares of the body's height, roughly those of anthropometric tables, shortened at random as
/// limbs that point to the viewer are. All that is chosen is the same for both sides and for front and back:
/// only looks can tell them apart.
struct FigurePose: Sendable {
  /// The joints of ``KeypointLayout/leeds()`` in units of the height, about the middle of the hips.
  private(set) var joints = [SIMD2<Float>](repeating: .zero, count: 14)
  /// Whether it faces the viewer, so that its left is on the picture's right.
  let isFront: Bool
  /// The parts from the farthest to the nearest.
  private(set) var order: [FigurePart] = []

  /// A given pose.
  init(joints: [SIMD2<Float>], isFront: Bool, order: [FigurePart]) {
    self.joints = joints
    self.isFront = isFront
    self.order = order
  }

  /// A random pose.
  init(using random: inout RandomStream) {
    isFront = random.bernoulli(0.5)
    let lean =
      random.bernoulli(0.75) ? 0.17 * random.normal() : random.uniform(-0.9...0.9)
    // How far the body is turned aside.
    let breadth = random.uniform(0.55...1)
    let up = SIMD2(sin(lean), -cos(lean))
    let across = SIMD2(cos(lean), sin(lean))
    let neck = up * 0.31 * random.uniform(0.88...1)
    joints[12] = neck
    joints[13] = neck + Self.turned(up, by: 0.16 * random.normal()) * 0.165
    // First the side on the picture's left.
    for direction: Float in [-1, 1] {
      let side: BodySide = (direction < 0) == isFront ? .right : .left
      let outward = across * direction
      let shoulder = neck - up * 0.03 + outward * 0.12 * breadth
      let hip = outward * 0.07 * breadth
      place(shoulder, arm(from: shoulder, -up, outward, &random), FigurePart.upperArm(side), side)
      place(hip, leg(from: hip, outward, &random), FigurePart.thigh(side), side)
    }
    let first: BodySide = random.bernoulli(0.5) ? .left : .right
    var arms = [first, first.other]
    // An arm behind the back is rare.
    let behind = random.bernoulli(0.25) ? arms.removeFirst() : nil
    order = [behind].compactMap(\.self).flatMap { [.upperArm($0), .forearm($0)] }
    order += [first, first.other].flatMap { [.shank($0), .thigh($0)] }
    order += [.torso, .neck, .head] + arms.flatMap { [.upperArm($0), .forearm($0)] }
  }

  private mutating func place(
    _ root: SIMD2<Float>, _ others: (SIMD2<Float>, SIMD2<Float>), _ upper: FigurePart,
    _ side: BodySide
  ) {
    let lower: FigurePart = if case .thigh = upper { .shank(side) } else { .forearm(side) }
    joints[upper.joints[0]] = root
    joints[upper.joints[1]] = others.0
    joints[lower.joints[1]] = others.1
  }

  /// Elbow and wrist; arms hang or are lifted, and bend either way.
  private func arm(
    from shoulder: SIMD2<Float>, _ down: SIMD2<Float>, _ outward: SIMD2<Float>,
    _ random: inout RandomStream
  ) -> (SIMD2<Float>, SIMD2<Float>) {
    let isHanging = random.bernoulli(0.4)
    let lift = random.uniform(isHanging ? -0.1...0.5 : 0.3...2.7)
    let bend = random.bernoulli(0.65) ? random.uniform(0...2.1) : random.uniform(-1.7...0)
    let elbow =
      shoulder + Self.direction(lift, down, outward) * 0.175 * random.uniform(0.75...1)
    let wrist =
      elbow + Self.direction(lift + bend, down, outward) * 0.155 * random.uniform(0.75...1)
    return (elbow, wrist)
  }

  /// Knee and ankle; legs stand or step, and carry upright whatever the torso does.
  private func leg(
    from hip: SIMD2<Float>, _ outward: SIMD2<Float>, _ random: inout RandomStream
  ) -> (SIMD2<Float>, SIMD2<Float>) {
    let isStanding = random.bernoulli(0.5)
    let sideways = SIMD2<Float>(outward.x < 0 ? -1 : 1, 0)
    let spread = random.uniform(isStanding ? -0.08...0.3 : -0.35...1.1)
    let bend = random.uniform(isStanding ? -0.2...0.15 : -1.1...0.5)
    let down = SIMD2<Float>(0, 1)
    let knee = hip + Self.direction(spread, down, sideways) * 0.235 * random.uniform(0.8...1)
    let ankle =
      knee + Self.direction(spread + bend, down, sideways) * 0.225 * random.uniform(0.8...1)
    return (knee, ankle)
  }

  /// So many radians from one direction to another that is perpendicular.
  private static func direction(
    _ angle: Float, _ from: SIMD2<Float>, _ to: SIMD2<Float>
  ) -> SIMD2<Float> { from * cos(angle) + to * sin(angle) }

  private static func turned(_ vector: SIMD2<Float>, by angle: Float) -> SIMD2<Float> {
    direction(angle, vector, SIMD2(-vector.y, vector.x))
  }
}
