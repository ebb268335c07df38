import Compute

/// The input sizes of multi-scale training, which change every ten iterations.
///
/// For `random=1` as in pjreddie's Darknet: 320, 352, …, 608 for a 416 network, each as probable as the
/// others, and the last 200 iterations at the largest; other sizes keep that proportion (10/13 to
/// 19/13 of the cfg's size, multiples of 32).
///
/// For `random=r`, r > 1, as in AlexeyAB's: with a factor f, uniform in 1...r or the inverse of such a
/// one, and steps of s pixels, a side of n pixels becomes s · round(f · n / s + 1). The cfg's size takes
/// the place of a larger one that a factor below 1 gives. The last 100 iterations are at the size of
/// f = r. 1.4 at 416 gives 320 to 608 again.
package struct MultiScale: Sendable {
  private let options: TrainingOptions

  /// The sizes of a run.
  package init(_ options: TrainingOptions) { self.options = options }

  /// Input width and height of an iteration, from 0.
  package func size(at iteration: Int) -> (width: Int, height: Int) {
    guard options.isMultiScale else { return (options.inputWidth, options.inputHeight) }
    var random = RandomStream(seed: options.seed).split(3, UInt64(iteration / 10))
    if let largest = options.sizeFactor {
      var factor = random.uniform(1...largest)
      if random.bernoulli(0.5) { factor = 1 / factor }
      return size(iteration + 100 >= options.iterations ? largest : factor)
    }
    let isEnd = iteration + 200 >= options.iterations
    return size(
      thirteenths: isEnd ? Self.thirteenths.upperBound : random.integer(in: Self.thirteenths))
  }

  /// All sizes that there can be.
  package var sizes: [(width: Int, height: Int)] {
    guard options.isMultiScale else { return [(options.inputWidth, options.inputHeight)] }
    guard let largest = options.sizeFactor else {
      return Self.thirteenths.map { size(thirteenths: $0) }
    }
    // Fine enough to meet every step between the smallest and the largest.
    let fine = 2000
    var found: [(width: Int, height: Int)] = []
    for index in 0...fine {
      let size = size(1 / largest + (largest - 1 / largest) * Float(index) / Float(fine))
      if !found.contains(where: { $0 == size }) { found.append(size) }
    }
    return found
  }

  private static let thirteenths = 10...19

  private var step: Int { options.sizeStep ?? 32 }

  private func size(thirteenths: Int) -> (width: Int, height: Int) {
    func scaled(_ side: Int) -> Int {
      max(step, Int((Double(side * thirteenths) / 13 / Double(step)).rounded()) * step)
    }
    return (scaled(options.inputWidth), scaled(options.inputHeight))
  }

  private func size(_ factor: Float) -> (width: Int, height: Int) {
    func scaled(_ side: Int) -> Int {
      step * Int((Double(factor) * Double(side) / Double(step) + 1).rounded())
    }
    let (width, height) = (scaled(options.inputWidth), scaled(options.inputHeight))
    let isWrong = factor < 1 && (width > options.inputWidth || height > options.inputHeight)
    return isWrong ? (options.inputWidth, options.inputHeight) : (width, height)
  }
}
