import Compute
import Keypoints
import Losses
import Uncertainty

/// Reads a `[heatmap]` section.
struct HeatmapReader {
  /// Keys that belong to some losses alone.
  static let owners: [(keys: [String], losses: [HeatmapChoice])] = [
    (["gamma", "slack"], [.anchor]), (["alpha"], [.focal, .distanceAware]),
    (["beta"], [.distanceAware]), (["top"], [.ohkm]), (["balance"], [.mse, .bce]),
    (["warm_up"], [.anchor, .focal, .distanceAware, .uncertainty]),
    (
      [
        "uncertainty_map", "difficulty_weight", "difficulty_control", "constant_uncertainty",
        "uncertainty_slope", "uncertainty_center", "bald", "bald_clamp", "logit_scale",
      ], [.uncertainty]
    ),
  ]

  let context: LayerContext
  private var section: ConfigurationSection { context.section }
  private var mapCount: Int { context.input.channels }

  init(_ context: LayerContext) { self.context = context }

  func output() throws -> HeatmapOutput {
    let count = try section.integer("keypoints", default: mapCount, in: 1...10_000)
    guard count == mapCount else {
      throw section.error(
        "[heatmap] needs \(count) channels, one for each of keypoints=, and the layer before it gives "
          + "\(mapCount)", line: section["keypoints"]?.line)
    }
    let kind = try section.choice("kind", default: HeatmapOutput.Kind.joints)
    let training = try training(kind)
    var decoder = HeatmapDecoder(standardDeviation: training.standardDeviation)
    decoder.refinement = try section.choice("decode", default: .quarter)
    let window = try section.integer("peak_window", default: 3, in: 3...31)
    guard window % 2 == 1 else {
      throw section.error("peak_window= must be odd", line: section["peak_window"]?.line)
    }
    return HeatmapOutput(
      layer: context.index, kind: kind, layout: try layout(), isNamed: section["names"] != nil,
      training: training, decoder: decoder,
      maximumCount: try section.integer("max", default: 100, in: 1...100_000), peakWindow: window)
  }

  // MARK: - Keypoints

  private func layout() throws(DarknetError) -> KeypointLayout {
    let names = section["names"].map { section.list($0) } ?? (0..<mapCount).map { "\($0)" }
    guard names.count == mapCount else {
      throw section.error(
        "names= has \(names.count) names, and there are \(mapCount) keypoints",
        line: section["names"]?.line)
    }
    // The shortest text of a number is what was written: σ of data and cfg stay equal.
    let deviations = try section.numbers("sigmas").map { Double("\($0)") ?? Double($0) }
    do {
      return try KeypointLayout(
        names: names, pairs: pairs("flip"), edges: pairs("skeleton").map { .init($0, $1) },
        deviations: deviations.isEmpty ? nil : deviations)
    } catch let error as DarknetError {
      throw error
    } catch {
      throw section.error("[heatmap]: \(error)")
    }
  }

  /// `0:5,1:4`.
  private func pairs(_ key: String) throws(DarknetError) -> [(Int, Int)] {
    guard let entry = section[key] else { return [] }
    var pairs: [(Int, Int)] = []
    for part in section.list(entry) {
      let numbers = part.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let first = numbers[0], let second = numbers[1] else {
        throw section.error(
          "\(key)= has '\(quoted(part))'; pairs of keypoints are written 0:5,1:4", line: entry.line)
      }
      pairs.append((first, second))
    }
    return pairs
  }

  // MARK: - Training

  private func training(_ kind: HeatmapOutput.Kind) throws(DarknetError) -> HeatmapTraining {
    let loss = try section.choice(
      "loss", default: kind == .joints ? HeatmapChoice.mse : .distanceAware)
    try checkKeys(of: loss)
    var training = HeatmapTraining()
    training.target = try section.choice("target", default: .gaussian)
    training.isSubpixel = try section.flag("subpixel", default: !loss.needsExactPositives)
    training.standardDeviation = try section.number(
      "sigma", default: HeatmapTraining.usualDeviation, in: 0.1...100)
    if section["window"] != nil {
      training.window = try section.integer("window", in: 0...1000)
    }
    training.radiusRule = try section.choice("radius", default: .fixed)
    training.minimumOverlap = try section.number("overlap", default: 0.7, in: 0.01...1)
    training.trainsOccluded = try section.choice("occluded", default: Occluded.train) == .train
    if !training.trainsOccluded, kind == .centers {
      throw section.error(
        "occluded=ignore in [heatmap] is for kind=joints: the map of a kind of objects is trained as a "
          + "whole, and a hidden one would be background", line: section["occluded"]?.line)
    }
    training.gain = try section.number("map_normalizer", default: 1, in: 0...1e6)
    training.warmUp = try section.integer("warm_up", default: 0)
    training.loss = try self.loss(loss)
    training.branch = try BranchReader(context).accompanyingBranch()
    if loss == .uncertainty {
      guard training.branch != nil else {
        throw section.error(
          "loss=uncertainty in [heatmap] needs uncertainty=, the [convBayes] layer that gives mean and "
            + "variance", line: section["loss"]?.line)
      }
      training.isWeighted = true
      training.difficulty = try DifficultyReader(section: section).difficulty()
    }
    try check(training, loss)
    return training
  }

  private enum Occluded: String, CaseIterable { case train, ignore }

  private func checkKeys(of loss: HeatmapChoice) throws(DarknetError) {
    for (keys, losses) in Self.owners where !losses.contains(loss) {
      guard let stray = keys.lazy.compactMap({ section[$0] }).first else { continue }
      throw section.error(
        "\(stray.key)= in [heatmap] is for loss=\(losses.map(\.rawValue).joined(separator: ", ")); "
          + "here it is \(loss.rawValue)", line: stray.line)
    }
  }

  /// What would train on nothing, or be ignored.
  private func check(
    _ training: HeatmapTraining, _ loss: HeatmapChoice
  ) throws(DarknetError) {
    if training.isSubpixel, training.target == .gaussian,
      loss.needsExactPositives || training.loss.isBalanced
    {
      throw section.error(
        "subpixel=1 in [heatmap]: a pixel is a positive only where its target is exactly 1, as "
          + "loss=\(loss.rawValue)\(training.loss.isBalanced ? " with balance=1" : "") asks for; set "
          + "subpixel=0", line: section["subpixel"]?.line ?? section["balance"]?.line)
    }
    // sigma= and window= say also how far around a peak is looked.
    if training.target == .pixel, let stray = section["radius"] {
      throw section.error("radius= in [heatmap] is for target=gaussian", line: stray.line)
    }
    if training.radiusRule == .fixed, let stray = section["overlap"] {
      throw section.error(
        "overlap= in [heatmap] is for radius=cornernet and centernet", line: stray.line)
    }
  }

  private func loss(_ choice: HeatmapChoice) throws(DarknetError) -> HeatmapLoss {
    let alpha = try section.number("alpha", default: 2, in: 0...100)
    var loss =
      switch choice {
      case .mse, .ohkm: HeatmapLoss(.squaredError)
      case .bce, .uncertainty: HeatmapLoss(.crossEntropy)
      case .focal:
        HeatmapLoss(
          .distanceAware(DistanceAwareFocalLoss(focusingExponent: alpha, penaltyExponent: 0)),
          normalization: .batch)
      case .distanceAware:
        HeatmapLoss(
          .distanceAware(
            DistanceAwareFocalLoss(
              focusingExponent: alpha,
              penaltyExponent: try section.number("beta", default: 4, in: 0...100))),
          normalization: .batch)
      case .anchor:
        HeatmapLoss(
          .anchor(
            PoseAnchorLoss(
              exponent: try section.number("gamma", default: 2, in: 0...100),
              slack: try section.number("slack", default: 0.05, in: 0...1))))
      }
    if choice == .ohkm {
      loss.hardest = try section.integer("top", default: max(1, mapCount / 2), in: 1...mapCount)
    }
    loss.isBalanced = try section.flag("balance", default: false)
    loss.normalization = try section.choice("normalize", default: loss.normalization)
    return loss
  }
}

extension ConfigurationSection {
  /// The texts between commas, without blanks.
  fileprivate func list(_ entry: Entry) -> [String] {
    entry.value.split(separator: ",").map { part in
      let kept = part.drop { $0 == " " || $0 == "\t" }
      return String(kept.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
  }
}
