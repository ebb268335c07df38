import Compute
import Detection
import Networks

/// What a plain cfg gets to be trained with one of the losses: values of its `[yolo]` or `[heatmap]` sections or of
/// the `[softmax]` that it ends with, and Bayesian branches.
package struct BranchPlan: Hashable, Sendable {
  /// The layer beside each head.
  package enum Branch: String, CaseIterable, Sendable, Codable {
    /// None.
    case none
    /// A Bayesian convolution.
    case convBayes
    /// The same layer with λ = 0: a plain convolution.
    case conv
  }

  /// `objectness_loss=` of every head, or a classifier's `loss=`; nil: `bce` of heads, that of the cfg
  /// of a classifier.
  package var loss: LossKind?
  /// The layer beside each head; nil: what the loss needs.
  package var branch: Branch?
  /// What its output is for.
  package var mode = UncertaintyBranch.Mode.accompany
  /// λ of the Bayesian convolution.
  package var relativeVariance: Float = 0.25
  /// K of the Bayesian convolution.
  package var sampleCount = 10
  /// Learns ln λ with this weight of the divergence; nil: λ is fixed.
  package var divergenceWeight: Float?
  /// Channels of Bayesian layers before the last one, each followed by a leaky rectifier.
  package var hiddenFilters: [Int] = []

  /// The usual loss, no branch.
  package init() {}

  /// A Bayesian layer in the place of each head's objectness, which draws nothing.
  package static func replacing(relativeVariance: Float) -> BranchPlan {
    var plan = BranchPlan()
    plan.branch = .convBayes
    plan.mode = .replace
    plan.relativeVariance = relativeVariance
    return plan
  }

  /// The layer beside each head.
  package var effectiveBranch: Branch { branch ?? (loss == .uncertainty ? .convBayes : .none) }
}

extension ConfigurationFile {
  /// The cfg with another loss of its `[yolo]` heads or of its classifier and, where it is asked for, a
  /// branch beside each.
  ///
  /// The branch reads what the head's convolution reads, and is put before it:
  ///
  ///     [convBayes] filters=ANCHORS   [route] layers=-2   [convolutional]   [yolo] uncertainty=-3
  ///
  /// A classifier gets its branch in the same way beside the layer before `[softmax]`, a network of
  /// keypoints beside that before the last `[heatmap]`.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)`` if there is neither a `[yolo]` head nor a
  ///   classifier nor a `[heatmap]`, a head has a branch already, or it does not follow a layer that could share its
  ///   input.
  package func adding(_ plan: BranchPlan) throws -> ConfigurationFile {
    var edit = LayerEdit(self)
    let heads = sections.indices.filter { sections[$0].name == "yolo" }
    guard !heads.isEmpty else {
      return sections.contains { $0.name == "heatmap" }
        ? try addingToHeatmaps(plan) : try addingToClassifier(plan)
    }
    guard let loss = (plan.loss ?? .bce).objectness else {
      throw sections[heads[0]].error(
        "[yolo] has no loss \(plan.loss?.rawValue ?? ""), which is for other networks; it has "
          + ObjectnessChoice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    if loss == .uncertainty, plan.effectiveBranch != .convBayes {
      throw sections[heads[0]].error(
        "objectness_loss=uncertainty needs a [convBayes] branch, which was ruled out")
    }
    for index in heads {
      let section = sections[index]
      if loss != .bce || section["objectness_loss"] != nil {
        edit.set("objectness_loss", to: loss.rawValue, in: index)
      }
      guard plan.effectiveBranch != .none else { continue }
      if let entry = section["uncertainty"] {
        throw section.error("[yolo] has a branch already", line: entry.line)
      }
      guard index > 2, sections[index - 1].name == "convolutional" else {
        throw section.error(
          "[yolo] gets a branch beside its convolution, but does not follow one that reads a layer")
      }
      let head = try HeadReader(section).head()
      try insert(plan, head.anchorCount, beside: index, into: &edit)
    }
    return try edit.apply()
  }

  private func addingToClassifier(_ plan: BranchPlan) throws -> ConfigurationFile {
    guard let classifier = try NetworkBuilder.build(self).outputs.classifier else {
      throw DarknetError.configuration(
        file: fileName, line: 0, reason: "has no [yolo] head and no [softmax] at its end")
    }
    let index = classifier.probabilities + 1
    let section = sections[index]
    guard classifier.isExclusive else {
      if plan.loss ?? .bce == .bce, plan.effectiveBranch == .none { return self }
      throw section.error(
        "[logistic] is trained with bce of every class by itself; other losses and branches are for "
          + "[softmax]")
    }
    var edit = LayerEdit(self)
    if let loss = plan.loss {
      guard loss.classifier != nil else {
        throw section.error(
          "[softmax] has no loss \(loss.rawValue); it has "
            + ClassifierChoice.allCases.map(\.rawValue).joined(separator: ", "))
      }
      if loss == .uncertainty, plan.effectiveBranch != .convBayes, section["uncertainty"] == nil {
        throw section.error("loss=uncertainty needs a [convBayes] branch, which was ruled out")
      }
      if loss != .crossEntropy || section["loss"] != nil {
        edit.set("loss", to: loss.rawValue, in: index)
      }
    }
    guard plan.effectiveBranch != .none else { return try edit.apply() }
    if let entry = section["uncertainty"] {
      throw section.error("[softmax] has a branch already", line: entry.line)
    }
    guard plan.mode == .accompany || plan.mode == .accompanyDetached else {
      throw section.error("branch=\(plan.mode.rawValue) is for [yolo] heads")
    }
    guard index > 2, ["convolutional", "connected"].contains(sections[index - 1].name) else {
      throw section.error(
        "[softmax] gets a branch beside the layer before it, which must be a [convolutional] or "
          + "[connected] that reads a layer")
    }
    try insert(plan, classifier.classCount, beside: index, into: &edit)
    return try edit.apply()
  }

  /// All maps get the loss, without the keys of another; of a stacked network the last ones, which predict, get the branch, and those
  /// before them cross-entropy where the loss is weighted by it.
  private func addingToHeatmaps(_ plan: BranchPlan) throws -> ConfigurationFile {
    let maps = sections.indices.filter { sections[$0].name == "heatmap" }
    let last = maps[maps.count - 1]
    let section = sections[last]
    var edit = LayerEdit(self)
    if let kind = plan.loss {
      guard let loss = kind.heatmap else {
        throw section.error(
          "[heatmap] has no loss \(kind.rawValue); it has "
            + HeatmapChoice.allCases.map(\.rawValue).joined(separator: ", "))
      }
      if loss == .uncertainty, plan.effectiveBranch != .convBayes, section["uncertainty"] == nil {
        throw section.error("loss=uncertainty needs a [convBayes] branch, which was ruled out")
      }
      for index in maps {
        let own = loss == .uncertainty && index != last ? .bce : loss
        if sections[index]["loss"]?.value != own.rawValue {
          edit.set("loss", to: own.rawValue, in: index)
          // What was said of another loss.
          for (keys, losses) in HeatmapReader.owners where !losses.contains(own) {
            for key in keys { edit.set(key, to: nil, in: index) }
          }
        }
        if own.needsExactPositives { edit.set("subpixel", to: nil, in: index) }
      }
    }
    guard plan.effectiveBranch != .none else { return try edit.apply() }
    if let entry = section["uncertainty"] {
      throw section.error("[heatmap] has a branch already", line: entry.line)
    }
    guard plan.mode == .accompany || plan.mode == .accompanyDetached else {
      throw section.error("branch=\(plan.mode.rawValue) is for [yolo] heads")
    }
    guard last > 2, sections[last - 1].name == "convolutional" else {
      throw section.error(
        "[heatmap] gets a branch beside its convolution, but does not follow one that reads a layer"
      )
    }
    let count = try NetworkBuilder.build(self).nodes[last - 1].outputShape.channels
    try insert(plan, count, beside: last, into: &edit)
    return try edit.apply()
  }

  private func insert(
    _ plan: BranchPlan, _ valueCount: Int, beside head: Int, into edit: inout LayerEdit
  ) throws {
    let isSeries = plan.mode == .series
    var filters = plan.hiddenFilters + [valueCount]
    if isSeries {
      // The layer that the head's convolution reads.
      filters = [try NetworkBuilder.build(self).nodes[head - 3].outputShape.channels]
    }
    var text = ""
    for (number, count) in filters.enumerated() {
      text += "[convBayes]\nfilters=\(count)\n"
      if plan.effectiveBranch == .conv {
        text += "relative_variance=0\nsamples=0\n"
      } else {
        text += "relative_variance=\(plan.relativeVariance)\nsamples=\(plan.sampleCount)\n"
        if let weight = plan.divergenceWeight {
          text += "learned=1\ndivergence_weight=\(weight)\n"
        }
      }
      if number < filters.count - 1 { text += "activation=leaky\n" }
      text += "\n"
    }
    var layers = filters.count
    if !isSeries {
      text += "[route]\nlayers=-\(filters.count + 1)\n\n"
      layers += 1
    }
    edit.insert(text, layers: layers, before: head - 1)
    edit.set("uncertainty", to: isSeries ? "-2" : "-3", in: head)
    if plan.mode != .accompany { edit.set("branch", to: plan.mode.rawValue, in: head) }
  }

  /// The cfg that inference needs: without branches, Bayesian layers on the way to a head as plain
  /// convolutions, and without the keys that say how objectness is trained.
  ///
  /// A weights file of the network belongs to this cfg.
  ///
  /// - Throws: ``DarknetError/configuration(file:line:reason:)``.
  package func removingBranches() throws -> ConfigurationFile {
    let definition = try NetworkBuilder.build(self)
    let nodes = definition.nodes
    let structure = BranchStructure(nodes, definition.outputs)
    var edit = LayerEdit(self)
    for layer in structure.branch { edit.remove(layer + 1, readersGet: nodes[layer].inputs[0]) }
    for layer in structure.returns { edit.remove(layer + 1, readersGet: nodes[layer].inputs[0]) }
    for (index, section) in sections.enumerated() {
      let keys = [
        "yolo": SectionSchema.objectnessKeys + SectionSchema.placeKeys,
        "softmax": SectionSchema.classifierKeys,
        "heatmap": SectionSchema.heatmapBranchKeys,
      ]
      for key in keys[section.name] ?? [] { edit.set(key, to: nil, in: index) }
      // What its maps are stays said: probabilities.
      if section.name == "heatmap", section["loss"]?.value == HeatmapChoice.uncertainty.rawValue {
        edit.set("loss", to: HeatmapChoice.bce.rawValue, in: index)
        edit.set("warm_up", to: nil, in: index)
      }
      if section.name == "convBayes", !structure.branch.contains(index - 1) {
        edit.rename(index, to: "convolutional")
        for key in SectionSchema.bayesianKeys { edit.set(key, to: nil, in: index) }
        if section["activation"] == nil { edit.set("activation", to: "linear", in: index) }
      }
    }
    return try edit.apply()
  }
}
