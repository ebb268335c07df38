extension CPUBackend {
  /// Mean and squared deviations of some values.
  struct Moments {
    var count = 0.0
    var mean = 0.0
    /// Σ (x − mean)².
    var deviations = 0.0

    /// Chan et al.: means and squared deviations of parts combine exactly.
    static func += (all: inout Moments, part: Moments) {
      let difference = part.mean - all.mean
      let count = all.count + part.count
      all.deviations += part.deviations
      all.deviations += difference * difference * all.count * part.count / count
      all.mean += difference * part.count / count
      all.count = count
    }
  }

  /// The moments over the batches of all ranks, combined in their order; one element a channel.
  func ofAllRanks(_ own: [Moments]) -> [Moments] {
    guard let normalizationGroup else { return own }
    let ranks = normalizationGroup.numbers(own.flatMap { [$0.count, $0.mean, $0.deviations] })
    return own.indices.map { c in
      var all = Moments()
      for numbers in ranks {
        all += Moments(
          count: numbers[3 * c], mean: numbers[3 * c + 1], deviations: numbers[3 * c + 2])
      }
      return all
    }
  }

  /// The sums of each number over all ranks, added in their order.
  func sumsOfAllRanks(_ own: [Double]) -> [Double] {
    guard let normalizationGroup else { return own }
    var sums = [Double](repeating: 0, count: own.count)
    for numbers in normalizationGroup.numbers(own) {
      for index in sums.indices { sums[index] += numbers[index] }
    }
    return sums
  }
}
