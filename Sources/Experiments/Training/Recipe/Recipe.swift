import Darknet

/// Who decides what a user leaves open about a training.
package enum Recipe: String, CaseIterable, Sendable {
  /// The data and the network do: ``AutomaticRecipe``.
  case auto
  /// The cfg does, as with Darknet.
  case darknet
}

/// Where the anchors of a training come from.
package enum AnchorSource: String, CaseIterable, Sendable {
  /// The boxes of the data, clustered.
  case auto
  /// The cfg.
  case cfg
}

/// A training of a detector that works without being told how, on a CPU and in minutes.
///
/// The rules were chosen on validation images of drawn scenes, blood cells, raccoons and VOC2007; the
/// search and its table are in `Models/README.md`.
package struct AutomaticRecipe {
  let traits: DataTraits
  /// The input size is a multiple of it, pixels.
  let stride: Int
  /// How gradients change parameters.
  var optimizer = OptimizerRule.Name.sgd

  /// Images that a run sees in all, as far as ``epochs`` allows.
  static let imageBudget = 30_000.0
  static let epochs = 30...150
  /// Objects of the smallest tenth should have so many pixels of the input at least.
  static let objectPixels: Float = 20
  static let inputSizes = 192...416
  /// The cfg's anchors stay unless their mean IoU with the objects is below this and those of the data
  /// fit better.
  package static let anchorFit = 0.6

  /// A plan in which nothing is left open; what the user says stays.
  func completing(_ plan: TrainingPlan) -> TrainingPlan {
    var plan = plan
    let batch = plan.batch ?? (traits.imageCount < 2000 ? 8 : 16)
    if plan.batch == nil {
      plan.batch = batch
      plan.subdivisions = plan.subdivisions ?? 1
    }
    let wanted = Int((Self.imageBudget / Double(max(1, traits.imageCount))).rounded())
    let epochs = plan.epochs ?? wanted.clamped(to: Self.epochs)
    plan.epochs = epochs
    plan.inputSize = plan.inputSize ?? inputSize
    if plan.rateSteps == nil { plan.isCosine = true }
    // Weights that have learned something are changed more gently.
    plan.learningRate =
      plan.learningRate ?? Self.rate(of: optimizer) * (plan.weights == nil ? 1 : 0.5)
    let updates = Double(epochs * traits.imageCount) / Double(batch)
    plan.burnIn = plan.burnIn ?? Int(min(1000, max(20, updates / 20)).rounded())
    plan.maximumGradientNorm = plan.maximumGradientNorm ?? 20
    plan.jitter = plan.jitter ?? 0.15
    plan.isMultiScale = plan.isMultiScale ?? false
    // An average over the last fiftieth of the run, which follows quickly at first.
    plan.averageDecay = plan.averageDecay ?? 1 - 1 / max(10, updates / 50)
    plan.averageRamp = plan.averageRamp ?? max(1, updates / 20)
    plan.evaluationEpochs = plan.evaluationEpochs ?? max(1, Int((Double(epochs) / 15).rounded()))
    return plan
  }

  /// The rate from random weights; those of rules whose steps are as long as the rate are larger than
  /// usual, for runs are short.
  private static func rate(of optimizer: OptimizerRule.Name) -> Double {
    switch optimizer {
    case .sgd, .nesterov: 0.01
    case .adam, .adamw: 0.003
    case .rmsprop: 0.002
    }
  }

  /// What to do about objects that even the largest size that is chosen leaves small.
  ///
  /// - Parameter size: The input's side, pixels.
  /// - Returns: A sentence; nil for larger objects.
  func advice(onSize size: Int) -> String? {
    guard let median = traits.objectSide(below: 0.5), median * Float(size) < Self.smallPixels
    else { return nil }
    let pixels = max(1, Int((median * Float(size)).rounded()))
    return "the objects are small: half of them have fewer than \(pixels) pixels a side at \(size);"
      + " a larger --size finds more and takes longer, and so do pictures cut into parts"
  }

  /// Objects of fewer pixels are seldom found by a grid of stride 16.
  private static let smallPixels: Float = 14

  /// The smallest size in which nine tenths of the objects have enough pixels, within limits.
  private var inputSize: Int {
    let unit = max(32, stride)
    let side = traits.objectSide(below: 0.1) ?? 1
    let wanted = Int((Self.objectPixels / max(side, 1e-3)).rounded())
    return max(1, (wanted.clamped(to: Self.inputSizes) + unit - 1) / unit) * unit
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
