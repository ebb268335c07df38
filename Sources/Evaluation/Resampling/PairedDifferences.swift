/// Of runs of several models on the same images, paired by seed: the mean over the pairs of a row of
/// (value of the run − value of the reference), for one or several of the runs' values.
///
/// A resample gives all runs the same images. Each run is evaluated once for it, in however many pairs
/// it occurs.
package struct PairedDifferences: ImageStatistic {
  /// Indices into ``runs``.
  package struct Pair: Sendable {
    /// The run.
    package let run: Int
    /// What it is compared with.
    package let reference: Int

    /// A run and what it is compared with.
    package init(run: Int, reference: Int) {
      self.run = run
      self.reference = reference
    }
  }

  /// Statistics of one kind.
  package let runs: [any ImageStatistic]
  /// The pairs of each row, at least one.
  package let rows: [[Pair]]
  /// Which of a run's values are compared.
  package let places: [Int]
  /// The number of images.
  package let imageCount: Int

  /// The differences of runs; all have the values that are compared.
  package init(
    runs: [any ImageStatistic], rows: [[Pair]], comparing places: [Int], imageCount: Int
  ) {
    precondition(
      runs.allSatisfy { run in
        run.imageCount == imageCount && places.allSatisfy { $0 < run.valueCount }
      }, "the runs are of different images or lack a value")
    self.runs = runs
    self.rows = rows
    self.places = places
    self.imageCount = imageCount
  }

  /// Row after row, each with one value per place.
  package var valueCount: Int { rows.count * places.count }

  /// From the smallest difference of two such values to the largest.
  package func range(ofValue index: Int) -> ClosedRange<Double> {
    guard let run = runs.first else { return -1...1 }
    let range = run.range(ofValue: places[index % places.count])
    return (range.lowerBound - range.upperBound)...(range.upperBound - range.lowerBound)
  }

  /// The values of a sample of the images.
  package func values(_ weights: ImageWeights) -> [Double?] {
    let compared = runs.map { run in
      let values = run.values(weights)
      return places.map { values[$0] }
    }
    return rows.flatMap { pairs in
      places.indices.map { place in
        var sum = 0.0
        for pair in pairs {
          guard let value = compared[pair.run][place],
            let reference = compared[pair.reference][place]
          else { return nil }
          sum += value - reference
        }
        return sum / Double(pairs.count)
      }
    }
  }
}

/// Mean and spread of a few measurements, such as one per seed.
package struct SampleSpread: Hashable, Sendable, Codable {
  /// The number of measurements, at least 1.
  package let count: Int
  /// Their mean.
  package let mean: Double
  /// Their sample standard deviation, √(Σ (x − mean)² / (n − 1)); nil for a single one.
  package let deviation: Double?

  /// Nil without measurements.
  package init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    count = values.count
    self.mean = mean
    deviation =
      values.count == 1
      ? nil
      : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        .squareRoot()
  }
}
