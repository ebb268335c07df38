import Compute
import Foundation

/// How much of data that nobody has divided is set aside; training has the rest.
///
/// The images of `val` depend on ``validation`` and ``seed`` alone: a share for testing is taken from
/// the others.
package struct SplitShares: Equatable, Sendable {
  /// Share of the images in `val`, 0...1.
  package var validation: Float
  /// Share of the images in `test`, 0...1; 0: there is no `test`.
  package var test: Float
  /// Chooses the images.
  package var seed: UInt64

  /// Shares by a seed.
  package init(validation: Float = 0.1, test: Float = 0.1, seed: UInt64 = 1) {
    self.validation = validation
    self.test = test
    self.seed = seed
  }

  /// What is shared out, by the name of the split.
  enum Share: String {
    case train, val, trainval, test
  }

  /// Where the choice of images comes from.
  var random: RandomStream { RandomStream(seed: seed).split(0x56_4F_43) }

  /// Which of `count` things are in a share, sorted.
  ///
  /// A share is rounded and, above 0, has at least one of them. One is always left for training, so
  /// that there is a `test` from three on.
  func indices(of share: Share, count: Int, using random: RandomStream) -> [Int] {
    var random = random
    let order = random.permutation(count)
    func size(_ fraction: Float, atMost most: Int) -> Int {
      let wanted = Int((Float(count) * fraction).rounded())
      return fraction > 0 ? max(0, min(most, max(1, wanted))) : 0
    }
    let validation = size(validation, atMost: count - 1)
    let test = size(test, atMost: count - 1 - validation)
    let chosen =
      switch share {
      case .train: order.dropFirst(validation).dropLast(test)
      case .val: order.prefix(validation)
      case .trainval: order.dropLast(test)
      case .test: order.suffix(test)
      }
    return chosen.sorted()
  }

  /// `80 % train, 10 % val, 10 % test`; shares of nothing are left out.
  package var text: String {
    let (validation, test) = (Double(validation), Double(test))
    let shares = [("train", 1 - validation - test), ("val", validation), ("test", test)]
    return shares.map { (name: $0, percent: ($1 * 1e4).rounded() / 100) }
      .filter { $0.percent > 0 }
      .map { String(format: "%g %% ", $0.percent) + $0.name }
      .joined(separator: ", ")
  }
}
