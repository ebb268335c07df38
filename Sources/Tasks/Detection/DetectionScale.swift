import Compute
import Darknet
import Detection
import Losses
import Networks
import Uncertainty

/// One head of a detector with the branch beside it: a scale at which objects are found.
struct DetectionScale {
  let layer: Int
  let head: DetectionHead
  let training: ObjectnessTraining
  let terms: YOLOTerms
  let branch: BranchMoments?
  let expectedIoU: ExpectedIoUBranch?
  let boxVariance: BoxVarianceBranch?

  init(_ output: DetectionOutput, of network: Network) {
    layer = output.layer
    head = output.head
    training = output.objectness
    terms = output.terms
    expectedIoU = output.expectedIoU
    boxVariance = output.boxVariance
    branch = training.branch.map {
      BranchMoments(branch: $0, of: output, in: network)
    }
  }

  /// Reads the head's logits at the plan's input size.
  func decoder(_ plan: NetworkPlan) -> BoxDecoder {
    BoxDecoder(
      head: head, inputWidth: plan.input.shape.width, inputHeight: plan.input.shape.height)
  }

  /// Where the anchors are at the plan's input size.
  func grid(_ plan: NetworkPlan) -> PredictionGrid {
    PredictionGrid(
      head: head, shape: plan.output(of: layer).shape, inputWidth: plan.input.shape.width,
      inputHeight: plan.input.shape.height)
  }

  /// What the branch says about the batch; nil without one.
  ///
  /// - Throws: `ComputeError`.
  func moments(_ plan: NetworkPlan) throws -> AnchorMoments? {
    try branch?.values(plan, grid: grid(plan).cells)
  }

  /// What is known of the place of boxes, by image and anchor in the order H, W, A; nil without a branch.
  ///
  /// - Parameter plan: A plan that keeps moments, after its forward pass.
  /// - Returns: For every image and anchor what the branches say.
  /// - Throws: `DetectionError` for outputs of a branch that are not finite.
  func places(
    _ plan: NetworkPlan
  ) throws -> ((_ image: Int, _ anchor: Int) -> PlaceKnowledge)? {
    guard expectedIoU != nil || boxVariance != nil else { return nil }
    let expected = try expectedIoU.map { try finite(plan.output(of: $0.layer), valuesPerAnchor: 1) }
    let variances = try boxVariance.map {
      try finite(plan.output(of: $0.layer), valuesPerAnchor: 4)
    }
    let grid = grid(plan)
    let logits = variances == nil ? [] : plan.output(of: layer).values
    return { image, anchor in
      let place = image * grid.anchorCount + anchor
      let edges = variances.flatMap { variances in
        logits.withUnsafeBufferPointer { logits in
          logits.baseAddress.map {
            grid.edgeDeviations(
              $0 + place * grid.entryCount,
              logVariances: Array(variances[4 * place..<4 * place + 4]),
              bound: BoxVarianceLoss.bound, anchor: anchor % grid.anchors.count)
          }
        }
      }
      return PlaceKnowledge(expectedIoU: expected.map { logistic($0[place]) }, edges: edges)
    }
  }

  /// The values of a branch, which must be finite.
  func finite(_ output: Tensor, valuesPerAnchor: Int) throws -> [Float] {
    let values = output.values
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      let (width, channels) = (output.shape.width, output.shape.channels)
      let cells = output.shape.height * width
      throw DetectionError.placeNotFinite(
        image: bad / channels / cells, row: bad / channels % cells / width,
        column: bad / channels % width, anchor: bad % channels / valuesPerAnchor)
    }
    return values
  }

  /// What a detection carries, by image and anchor in the order H, W, A; nil without a branch.
  ///
  /// - Throws: `UncertaintyError` for moments that are not finite; `ComputeError`.
  func uncertainties(
    _ plan: NetworkPlan
  ) throws -> ((_ image: Int, _ anchor: Int) -> DetectionUncertainty?)? {
    guard let moments = try moments(plan) else { return nil }
    try moments.validate()
    let bald = training.difficulty.bald
    return { image, place in
      let anchor = moments[image * moments.grid.count + place]
      // Validated above: nothing else is thrown.
      guard let bits = try? bald.uncertainty(anchor) else { return nil }
      return DetectionUncertainty(
        bald: bits, entropy: BALD.marginalEntropy(anchor.scaled(by: bald.logitScale.factor())),
        objectnessMean: anchor.mean, objectnessVariance: anchor.variance)
    }
  }
}
