import Compute
import Layers
import Networks
import Uncertainty

/// Reads what a section says about the Bayesian layer beside it: `uncertainty=`, `branch=` and
/// `branch_weight=`.
struct BranchReader {
  let context: LayerContext
  private var section: ConfigurationSection { context.section }

  init(_ context: LayerContext) { self.context = context }

  /// The branch, its layer, and words for where it is; nil without one.
  func branch() throws(DarknetError) -> (UncertaintyBranch, ConvBayes, place: String)? {
    guard let entry = section["uncertainty"] else {
      if let stray = section["branch"] {
        throw section.error(
          "branch= in [\(section.name)] needs uncertainty=", line: stray.line)
      }
      return nil
    }
    let layers = try context.layers("uncertainty")
    guard layers.count == 1, let layer = layers.first else {
      throw section.error("uncertainty= in [\(section.name)] names one layer", line: entry.line)
    }
    var branch = UncertaintyBranch(layer: layer)
    branch.mode = try section.choice("branch", default: .accompany)
    branch.weight = try section.number("branch_weight", default: 1, in: 0...1e6)
    let node = context.nodes[layer]
    let place =
      "uncertainty=\(entry.value) in [\(section.name)] names layer \(layer), "
      + "[\(node.layer.kind)] at line \(node.line)"
    guard let bayes = node.layer as? ConvBayes else {
      throw section.error("\(place); it must be a [convBayes]", line: entry.line)
    }
    return (branch, bayes, place)
  }

  /// The branch of a `[softmax]` or `[heatmap]`: one value for each of theirs, in a loss of its own.
  func accompanyingBranch() throws(DarknetError) -> UncertaintyBranch? {
    guard let (branch, _, place) = try branch() else { return nil }
    let line = section["uncertainty"]?.line
    guard branch.mode == .accompany || branch.mode == .accompanyDetached else {
      throw section.error(
        "branch=\(branch.mode.rawValue) is for [yolo]; [\(section.name)] has accompany and "
          + "accompanyDetached", line: section["branch"]?.line)
    }
    let (shape, needed) = (context.nodes[branch.layer].outputShape, context.input)
    guard shape == needed else {
      throw section.error(
        "\(place), which gives \(shape.width)x\(shape.height)x\(shape.channels); [\(section.name)] "
          + "needs one value for each of its own, \(needed.width)x\(needed.height)x\(needed.channels)",
        line: line)
    }
    return branch
  }
}
