import Compute
import Geometry

/// Which training pictures are made of several, each of them varied by itself.
///
/// Every picture of an epoch draws whether it is mixed and with which others, so that neither threads
/// nor restarts change it. Objects of all parts are to be found; of classes, each counts with the share
/// of the input that shows it.
package struct PictureMixing: Hashable, Sendable, Codable {
  /// Whether half of the pictures become the first of four in a ``Mosaic``.
  package var mosaic: Bool
  /// Whether half of the pictures, of those that are nothing else yet, become the mean of two.
  package var mixup: Bool
  /// ``cutMix`` as it is kept; absent in runs of older versions.
  private var cuts: Bool?

  /// Nothing is mixed, unless told otherwise.
  package init(mosaic: Bool = false, mixup: Bool = false, cutMix: Bool = false) {
    self.mosaic = mosaic
    self.mixup = mixup
    self.cutMix = cutMix
  }

  /// Whether half of the pictures of classes, of those that are no mosaic, get a rectangle of another.
  package var cutMix: Bool {
    get { cuts == true }
    set { cuts = newValue ? true : nil }
  }

  /// Whether nothing is mixed.
  package var isEmpty: Bool { !mosaic && !mixup && !cutMix }

  enum Kind {
    case single, mixup, cutMix, mosaic

    /// Pictures that it takes.
    var count: Int {
      switch self {
      case .single: 1
      case .mixup, .cutMix: 2
      case .mosaic: 4
      }
    }
  }

  /// What a picture becomes; rectangles of others are put into divisible ones alone.
  func draw(divisible: Bool, _ random: inout RandomStream) -> Kind {
    if mosaic, random.bernoulli(0.5) { return .mosaic }
    if cutMix, divisible, random.bernoulli(0.5) { return .cutMix }
    return mixup && random.bernoulli(0.5) ? .mixup : .single
  }

  /// The mean of two inputs, value by value.
  static func mean(_ a: [Float], _ b: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: a.count) { sum, count in
      for i in a.indices { sum[i] = (a[i] + b[i]) / 2 }
      count = a.count
    }
  }

  /// A rectangle as in AlexeyAB's Darknet: either side between 30 and 80 % of the input's, at a random
  /// place in it.
  static func rectangle(width: Int, height: Int, using random: inout RandomStream) -> PixelRectangle
  {
    func side(_ length: Int) -> Int {
      let least = max(1, Int(0.3 * Float(length)))
      return random.integer(in: least...max(least, Int(0.8 * Float(length))))
    }
    let (columns, rows) = (side(width), side(height))
    return PixelRectangle(
      x: random.integer(in: 0...width - columns), y: random.integer(in: 0...height - rows),
      width: columns, height: rows)
  }
}
