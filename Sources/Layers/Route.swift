package import Compute

/// `[route]`: the channels of several layers one after the other, or one group of each.
package final class Route: Layer {
  /// `route`.
  package let kind = "route"
  /// The number of groups that each input's channels are cut into.
  package let groups: Int
  /// The group that is taken.
  package let groupID: Int

  /// A concatenation of channels.
  ///
  /// - Throws: ``LayerError`` unless 0 ≤ groupID < groups.
  package init(groups: Int = 1, groupID: Int = 0) throws {
    guard groups > 0, (0..<groups).contains(groupID) else {
      throw LayerError.invalid(
        layer: kind, reason: "group_id=\(groupID) must be in 0..<groups=\(groups)")
    }
    self.groups = groups
    self.groupID = groupID
  }

  /// Equal heights and widths, channels added up.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    guard var output = inputs.first else {
      throw LayerError.invalid(layer: kind, reason: "needs at least one layer")
    }
    output.channels = 0
    for input in inputs {
      guard input.height == output.height, input.width == output.width else {
        throw LayerError.invalid(
          layer: kind,
          reason: "cannot join \(input.width)x\(input.height) to \(output.width)x\(output.height)")
      }
      guard input.channels % groups == 0 else {
        throw LayerError.invalid(
          layer: kind, reason: "groups=\(groups) does not divide \(input.channels) channels")
      }
      output.channels += input.channels / groups
    }
    return output
  }

  /// Copies channels.
  package func forward(_ pass: ForwardPass) {
    var offset = 0
    for input in pass.inputs {
      let count = input.shape.channels / groups
      pass.backend.copyChannels(
        input, from: groupID * count, into: GradientTarget(pass.output, accumulate: false),
        at: offset, count: count)
      offset += count
    }
  }

  /// Hands channels back; the other groups get none.
  package func backward(_ pass: BackwardPass) {
    var offset = 0
    for (input, target) in zip(pass.inputs, pass.inputGradients) {
      let count = input.shape.channels / groups
      defer { offset += count }
      guard var target else { continue }
      if groups > 1 && !target.accumulate {
        pass.backend.fill(target.tensor, with: 0)
        target = GradientTarget(target.tensor, accumulate: true)
      }
      pass.backend.copyChannels(
        pass.outputGradient, from: offset, into: target, at: groupID * count, count: count)
    }
  }
}
