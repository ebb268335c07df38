import Tasks

/// The loss over the last updates, for people: single ones jump too much to be read.
///
///     m ← m + (x − m) / min(n, window)      x: per image, n: updates so far
struct RecentLoss {
  /// Updates that it looks back, about.
  let window: Int
  private var count = 0
  private(set) var parts: [Double] = []

  /// Looks back as far as a pass over the images, at least 10 and at most 100 updates.
  init(updatesPerEpoch: Int) { window = min(max(updatesPerEpoch, 10), 100) }

  /// The sum of the parts.
  var total: Double { parts.reduce(0, +) }

  /// Takes the loss of an update, summed over so many images.
  mutating func add(_ loss: LossValue, images: Int) {
    let values = loss.sums.map { $0 / Double(images) }
    if count == 0 { parts = [Double](repeating: 0, count: values.count) }
    count += 1
    for (index, value) in values.enumerated() {
      parts[index] += (value - parts[index]) / Double(min(count, window))
    }
  }
}
