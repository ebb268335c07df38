package import Compute
import Foundation

/// A mean paired difference over seeds, and how far other images, other seeds and both would move it.
///
/// Of S seeds and N images, with d_s the difference of seed s, D_bs the same on resample b, and D_b its
/// mean over seeds:
///
///     V_S = Var_s(d_s) / S                                     = MS_S / (S·N)
///     V_I = Var_b(D_b)                                         = MS_I / (S·N)
///     V_E = Var_b,s(D_bs − D_b) / S, with (S − 1) for S        = MS_E / (S·N)
///     V = V_S + V_I − V_E                                      = σ²_s / S + σ²_i / N + σ²_e / (S·N)
///
/// the variance of a two-way table without repetition; on the right for means over images. Where V ≤ 0,
/// the larger of V_S and V_I takes its place. The interval of both is, after Howe (1974),
///
///     ± √(t²(S − 1) · P + t²(N − 1) · max(V_I, V − P)),    P = max(0, V_S − V_E)
///
/// since three seeds say little of P: Satterthwaite's degrees of freedom cover 92 % where 95 % are
/// meant, this 94 to 97 %.
package struct SeedImageEstimate: Hashable, Sendable, Encodable {
  /// S.
  package let seedCount: Int
  /// The mean of the differences.
  package let value: Double
  /// These seeds, other images; from the resamples.
  package let overImages: ConfidenceInterval?
  /// These images, other seeds: Student's t with S − 1 degrees of freedom; nil for one seed.
  package let overSeeds: ConfidenceInterval?
  /// Other images and other seeds; nil for one seed.
  package let overBoth: ConfidenceInterval?
  /// The share of the variance of ``overBoth`` that is the seeds', 0...1; nil for one seed.
  package let shareOfSeeds: Double?
  /// Seeds that would find a difference as large as this one in four of five studies on as many images,
  /// at 5 %; nil if no number would, or for one seed.
  package let seedsForPower: Int?
  /// The difference that as many seeds on as many images find in four of five studies, at 5 %; nil for
  /// one seed.
  package let visible: Double?

  /// z of 97.5 % and of 80 %.
  private static let powerFactor = certainty + 0.841621
  private static let certainty = 1.959964
  private static let mostSeeds = 100_000

  /// From the differences of the seeds and of their resamples.
  ///
  /// - Parameters:
  ///   - differences: d_s, one a seed.
  ///   - draws: D_bs, by seed; draws that are not finite are left out.
  ///   - imageCount: N.
  ///   - images: The interval of other images.
  ///   - level: The share of each interval, 0...1.
  init(
    _ differences: [Double], draws: [[Double]], imageCount: Int, images: ConfidenceInterval?,
    level: Double
  ) {
    precondition(!differences.isEmpty && differences.count == draws.count, "draws of other seeds")
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    value = mean
    seedCount = differences.count
    overImages = images
    let complete = draws[0].indices.filter { draw in draws.allSatisfy { $0[draw].isFinite } }
    guard differences.count > 1, complete.count > 1, imageCount > 1 else {
      (overSeeds, overBoth, shareOfSeeds, seedsForPower, visible) = (nil, nil, nil, nil, nil)
      return
    }
    let means = complete.map { draw in draws.reduce(0) { $0 + $1[draw] } / count }
    let ofSeeds = Self.variance(differences) / count
    let ofImages = Self.variance(means)
    let rest =
      draws.reduce(0.0) { sum, own in
        sum + Self.variance(zip(complete, means).map { own[$0] - $1 })
      } / ((count - 1) * count)
    var total = ofSeeds + ofImages - rest
    if total <= 0 { total = max(ofSeeds, ofImages) }
    let share = 1 - (1 - level) / 2
    let seedReach = StudentT.quantile(share, freedom: count - 1)
    let imageReach = StudentT.quantile(share, freedom: Double(imageCount - 1))
    func interval(_ square: Double) -> ConfidenceInterval {
      let reach = square.squareRoot()
      return ConfidenceInterval(lower: mean - reach, upper: mean + reach, level: level)
    }
    let pure = max(0, ofSeeds - rest)
    overSeeds = interval(seedReach * seedReach * ofSeeds)
    let both = seedReach * seedReach * pure + imageReach * imageReach * max(ofImages, total - pure)
    overBoth = interval(both)
    visible = both.squareRoot() * Self.powerFactor / Self.certainty
    // What would go away with ever more seeds is theirs: σ²_s / S + σ²_e / (S·N).
    let ofMoreSeeds = max(0, total - max(0, ofImages - rest))
    shareOfSeeds = total > 0 ? min(1, ofMoreSeeds / total) : 0
    let staying = max(0, total - ofMoreSeeds)
    let allowed = mean * mean / (Self.powerFactor * Self.powerFactor) - staying
    let needed = allowed > 0 ? (count * ofMoreSeeds / allowed).rounded(.up) : .infinity
    seedsForPower = needed <= Double(Self.mostSeeds) ? max(2, Int(needed)) : nil
  }

  /// The difference that a study of so many seeds finds in four of five repetitions, at 5 %, where the
  /// paired differences of seeds scatter by `deviation` and the images stay the same.
  ///
  ///     t(S − 1) · deviation / √S · (z₉₇.₅ + z₈₀) / z₉₇.₅
  ///
  /// As the interval of ``overSeeds`` has it, which is wide for few seeds.
  ///
  /// - Returns: In the unit of `deviation`; nil for one seed.
  package static func visible(seedDeviation deviation: Double, seeds: Int) -> Double? {
    guard seeds > 1 else { return nil }
    return StudentT.quantile(0.975, freedom: Double(seeds - 1)) * deviation
      / Double(seeds).squareRoot() * powerFactor / certainty
  }

  private static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))
  }
}

extension Bootstrap {
  /// The mean difference of each row of pairs with its intervals, one pair a seed.
  ///
  /// - Parameters:
  ///   - differences: Rows of pairs, each a seed's.
  ///   - pool: Threads to draw on; nil for the caller's alone.
  /// - Returns: By row, then place; nil where a run's value is undefined.
  package func estimates(
    ofSeeds differences: PairedDifferences, pool: ThreadPool? = nil
  ) -> [[SeedImageEstimate?]] {
    let pairs = differences.rows.flatMap(\.self)
    let single = PairedDifferences(
      runs: differences.runs, rows: pairs.map { [$0] }, comparing: differences.places,
      imageCount: differences.imageCount)
    let values = single.values
    let draws = draws(of: single, pool: pool)
    let placeCount = differences.places.count
    var first = 0
    return differences.rows.map { row in
      let own = first..<(first + row.count)
      first += row.count
      return (0..<placeCount).map { place in
        let indices = own.map { $0 * placeCount + place }
        let known = indices.compactMap { values[$0] }
        guard known.count == row.count else { return nil }
        let means = draws[indices[0]].indices.map { draw in
          indices.reduce(0) { $0 + draws[$1][draw] } / Double(row.count)
        }
        let mean = known.reduce(0, +) / Double(known.count)
        return SeedImageEstimate(
          known, draws: indices.map { draws[$0] }, imageCount: differences.imageCount,
          images: interval(means, around: mean, single.range(ofValue: place)), level: level)
      }
    }
  }
}
