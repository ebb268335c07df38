import ArgumentParser
import Darknet

/// Which objectness loss and branch a cfg is given.
struct LossArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Objectness loss of the [yolo] heads. uncertainty puts a Bayesian branch beside each head and \
      weights anchors by their difficulty. (default: the cfg's)
      """, valueName: "loss"))
  var loss: ObjectnessTraining.Loss?

  @Option(
    help: ArgumentHelp(
      """
      A layer beside each head, trained on the same objectness; conv is convBayes without \
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
    name: .customLong("set"),
    help: ArgumentHelp(
      """
      Sets a key in all cfg sections of a name, after everything else: \
      yolo.difficulty_weight=meanOne; may be repeated.
      """, valueName: "section.key=value"))
  var settings: [String] = []

  /// The given options by name.
  var given: [(String, Bool)] {
    [
      ("--loss", loss != nil), ("--branch", branch != nil), ("--branch-mode", branchMode != nil),
      ("--branch-hidden", branchHidden != nil), ("--learn-variance", learnVariance),
      ("--set", !settings.isEmpty),
    ]
  }

  func validate() throws {
    _ = try hiddenFilters()
    for setting in settings { _ = try Self.parsed(setting) }
    let makesBranch = loss == .uncertainty || (branch ?? .none) != .none
    if !makesBranch, branchMode != nil || branchHidden != nil || learnVariance {
      throw ValidationError(
        "--branch-mode, --branch-hidden and --learn-variance need --loss uncertainty or --branch")
    }
    if branch == .conv, learnVariance {
      throw ValidationError("--branch conv has no variance to learn")
    }
  }

  /// The cfg with what was asked for.
  func applied(to file: ConfigurationFile, imageCount: Int) throws -> ConfigurationFile {
    var file = file
    if loss != nil || branch != nil {
      var plan = BranchPlan()
      plan.loss = loss ?? .bce
      plan.branch = branch
      plan.mode = branchMode ?? .accompany
      plan.hiddenFilters = try hiddenFilters()
      if learnVariance { plan.divergenceWeight = 1 / Float(max(1, imageCount)) }
      file = try file.adding(plan)
    }
    for setting in settings {
      let (section, key, value) = try Self.parsed(setting)
      let indices = file.sections.indices.filter { file.sections[$0].name == section }
      guard !indices.isEmpty else {
        throw ValidationError("--set \(setting): \(file.fileName) has no [\(section)]")
      }
      for index in indices { file = try file.setting(key, to: value, inSection: index) }
    }
    return file
  }

  private func hiddenFilters() throws -> [Int] {
    let parts = (branchHidden ?? "").split(separator: ",")
    let filters = parts.compactMap { Int($0) }
    guard filters.count == parts.count, filters.allSatisfy({ (1...65_536).contains($0) }) else {
      throw ValidationError("--branch-hidden must be numbers of channels, such as 64 or 64,32")
    }
    return filters
  }

  private static func parsed(_ setting: String) throws -> (String, String, String) {
    let sides = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let names = sides[0].split(separator: ".", omittingEmptySubsequences: false)
    guard sides.count == 2, names.count == 2, !names.contains(""), !sides[1].isEmpty,
      !setting.contains(where: \.isNewline)
    else { throw ValidationError("--set \(setting): give section.key=value") }
    return (String(names[0]), String(names[1]), String(sides[1]))
  }
}

extension ObjectnessTraining.Loss: ExpressibleByArgument {}
extension BranchPlan.Branch: ExpressibleByArgument {}
extension UncertaintyBranch.Mode: ExpressibleByArgument {}
