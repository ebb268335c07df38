package import Geometry

/// The classes of an input and how much of it shows each: one class, or several where pictures are
/// mixed.
package struct ClassShares: ShownTarget, Hashable, ExpressibleByIntegerLiteral {
  /// A class and its share.
  package struct Share: Sendable, Hashable {
    /// 0 ..< L.
    package var label: Int
    /// 0...1; those of an input sum to 1.
    package var share: Float
  }

  /// The class with the largest share, of equal ones that of the first picture.
  package let label: Int
  /// Every class once, in the order of the pictures; never empty.
  package let shares: [Share]

  /// One class alone.
  package init(_ label: Int) {
    self.label = label
    shares = [Share(label: label, share: 1)]
  }

  /// One class alone.
  package init(integerLiteral label: Int) { self.init(label) }

  private init(_ shares: [Share]) {
    self.shares = shares
    var largest = shares[0]
    for share in shares where share.share > largest.share { largest = share }
    label = largest.label
  }

  /// Whether there is but one class.
  package var isPlain: Bool { shares.count == 1 }

  /// The classes of all parts, each by the share of the input that shows it.
  package static func joined(_ parts: [(target: ClassShares, pane: Pane)]) -> ClassShares {
    precondition(!parts.isEmpty, "nothing to join")
    var shares: [Share] = []
    for (target, pane) in parts {
      for share in target.shares {
        let value = share.share * pane.share
        if let index = shares.firstIndex(where: { $0.label == share.label }) {
          shares[index].share += value
        } else {
          shares.append(Share(label: share.label, share: value))
        }
      }
    }
    return shares.count == 1 ? ClassShares(shares[0].label) : ClassShares(shares)
  }

  /// None.
  package var boxes: [Box] { [] }
  /// A rectangle shows a share of a class.
  package static var isDivisible: Bool { true }
}
