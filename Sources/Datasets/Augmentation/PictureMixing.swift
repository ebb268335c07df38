import Compute

/// Which training pictures of a detector are made of several, each of them varied by itself.
///
/// Every picture of an epoch draws whether it is mixed and with which others, so that neither threads
/// nor restarts change it.
package struct PictureMixing: Hashable, Sendable, Codable {
  /// Whether half of the pictures become the first of four in a ``Mosaic``.
  package var mosaic: Bool
  /// Whether half of the pictures, with ``mosaic`` half of the others, become the mean of two.
  package var mixup: Bool

  /// Nothing is mixed, unless told otherwise.
  package init(mosaic: Bool = false, mixup: Bool = false) {
    self.mosaic = mosaic
    self.mixup = mixup
  }

  /// Whether nothing is mixed.
  package var isEmpty: Bool { !mosaic && !mixup }

  enum Kind {
    case single, mixup, mosaic

    /// Pictures that it takes.
    var count: Int {
      switch self {
      case .single: 1
      case .mixup: 2
      case .mosaic: 4
      }
    }
  }

  func draw(_ random: inout RandomStream) -> Kind {
    if mosaic, random.bernoulli(0.5) { return .mosaic }
    return mixup && random.bernoulli(0.5) ? .mixup : .single
  }

  /// The mean of two inputs, value by value.
  static func mean(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { ($0 + $1) / 2 } }
}
