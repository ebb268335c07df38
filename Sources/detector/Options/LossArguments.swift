import ArgumentParser
import Darknet
import Experiments

/// Which loss and branch a cfg is given.
struct LossArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Objectness loss of the [yolo] heads: bce, focal, anchor, uncertainty; or loss of a classifier, \
      which also has crossEntropy and ohem; or of keypoints, which have mse, bce, ohkm, focal, anchor, \
      distanceAware and uncertainty. uncertainty puts a Bayesian branch beside each head and weights \
      anchors, images or pixels by their difficulty. (default: the cfg's)
      """, valueName: "loss"))
  var loss: LossKind?

  @Option(
    help: ArgumentHelp(
      """
      A layer beside each head, trained on the same objectness or classes; conv is convBayes without \
      variance. (default: convBayes for --loss uncertainty, otherwise the cfg's)
      """, valueName: "kind"))
  var branch: BranchPlan.Branch?

  @Option(help: ArgumentHelp("What the branch is for. (default: accompany)", valueName: "mode"))
  var branchMode: UncertaintyBranch.Mode?

  @Option(
    help: ArgumentHelp(
      "Bayesian layers before the branch's last one, as their channels: 64 or 64,32.",
      valueName: "channels"))
  var branchHidden: String?

  @Flag(help: "Learn the branch's relative variance, with the divergence weighted 1 / images.")
  var learnVariance = false

  @Option(
    help: ArgumentHelp(
      """
      How the [yolo] heads learn how well their boxes are placed: iou, a branch that learns the expected \
      IoU and leaves the detector alone; iouJoint, the same trained with it; gaussian, a branch that learns the variance of the boxes, and gaussianJoint; \
      iouObjectness, no branch, the \
      target of the objectness is the box's IoU; none. (default: \(PlacePlan.standard.rawValue))
      """, valueName: "kind"))
  var place: PlacePlan?

  /// The given options by name.
  var given: [(String, Bool)] {
    [
      ("--loss", loss != nil), ("--branch", branch != nil), ("--branch-mode", branchMode != nil),
      ("--branch-hidden", branchHidden != nil), ("--learn-variance", learnVariance),
      ("--place", place != nil),
    ]
  }

  func validate() throws {
    _ = try hiddenFilters()
    let makesBranch = loss == .uncertainty || (branch ?? .none) != .none
    if !makesBranch, branchMode != nil || branchHidden != nil || learnVariance {
      throw ValidationError(
        "--branch-mode, --branch-hidden and --learn-variance need --loss uncertainty or --branch")
    }
    if branch == .conv, learnVariance {
      throw ValidationError("--branch conv has no variance to learn")
    }
  }

  /// What was asked for.
  func choice() throws -> LossChoice {
    guard loss != nil || branch != nil else { return LossChoice(place: place) }
    var plan = BranchPlan()
    plan.loss = loss
    plan.branch = branch
    plan.mode = branchMode ?? .accompany
    plan.hiddenFilters = try hiddenFilters()
    return LossChoice(plan, learnsVariance: learnVariance, place: place)
  }

  private func hiddenFilters() throws -> [Int] {
    let parts = (branchHidden ?? "").split(separator: ",")
    let filters = parts.compactMap { Int($0) }
    guard filters.count == parts.count, filters.allSatisfy({ (1...65_536).contains($0) }) else {
      throw ValidationError("--branch-hidden must be numbers of channels, such as 64 or 64,32")
    }
    return filters
  }
}

extension PlacePlan: ExpressibleByArgument {}
extension LossKind: ExpressibleByArgument {}
extension BranchPlan.Branch: ExpressibleByArgument {}
extension UncertaintyBranch.Mode: ExpressibleByArgument {}
