internal import Compute
internal import Darknet
internal import Detection
internal import Layers
internal import Uncertainty

/// A head with what turns its logits into boxes and its moments into numbers.
struct PredictedHead {
  let layer: Int
  let decoder: BoxDecoder
  private let branch: BranchMoments?
  private let bald: BALD

  init(_ head: Network.Head, of network: Network, inputWidth: Int, inputHeight: Int) {
    layer = head.layer
    decoder = BoxDecoder(head: head.head, inputWidth: inputWidth, inputHeight: inputHeight)
    let training = network.nodes[head.layer].objectness
    branch = training?.branch.map {
      BranchMoments(branch: $0, head: head.head, layer: head.layer, nodes: network.nodes)
    }
    bald = training?.difficulty.bald ?? BALD()
  }

  /// What a detection of an anchor carries, by the anchor's number in the order H, W, A; nil without
  /// a branch.
  ///
  /// - Throws: ``UncertaintyError`` for moments that are not finite.
  func certainty(
    _ plan: NetworkPlan, image: Int, backend: any Backend
  ) throws -> ((Int) -> DetectionUncertainty?)? {
    guard let moments = try branch?.values(plan, backend: backend) else { return nil }
    let count = moments.means.count / plan.input.shape.batch
    let first = image * count
    for index in first..<first + count {
      try LogitMoments(mean: moments.means[index], variance: moments.variances[index])
        .validate(index: index - first)
    }
    return { [bald] place in
      let anchor = LogitMoments(
        mean: moments.means[first + place], variance: moments.variances[first + place])
      // Validated above: nothing else is thrown.
      guard let bits = try? bald.uncertainty(anchor) else { return nil }
      return DetectionUncertainty(
        bald: bits, entropy: BALD.marginalEntropy(anchor.scaled(by: bald.logitScale.factor())),
        objectnessMean: anchor.mean, objectnessVariance: anchor.variance)
    }
  }

  /// The moments of the first image's anchors; nil without a branch.
  ///
  /// - Throws: ``ComputeError``.
  func moments(_ plan: NetworkPlan, backend: any Backend) throws -> AnchorMoments? {
    guard let all = try branch?.values(plan, backend: backend) else { return nil }
    let shape = plan.output(of: layer).shape
    let grid = AnchorGrid(
      stride: plan.input.shape.width / shape.width, width: shape.width, height: shape.height,
      anchorCount: decoder.head.anchorCount)
    return AnchorMoments(
      grid: grid, means: Array(all.means.prefix(grid.count)),
      variances: Array(all.variances.prefix(grid.count)))
  }
}
