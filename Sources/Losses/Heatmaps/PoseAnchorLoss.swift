package import Compute

/// Anchor loss of the heatmaps of a pose network (Ryou, Jeong, Perona, arXiv 1909.11155).
///
/// For a map with logits z, targets p and q = σ(z), with BCE = −p ln q − (1 − p) ln(1 − q):
///
///     L = 1/(HWJ) Σ M·BCE(p, q)
///     M = (1 + q − max(0, q* − slack))ᵞ where p = 0, else 1;   q* = max q over the pixels with p > ½
///
/// q* belongs to one joint of one image and is a constant of the gradient. M is 1 in a map without a
/// target above ½. The mean is over pixels and joints, the sum over images: add the stacks. The
/// targets need exact zeros, as those of ``GaussianTargets``. The base of the power is at least
/// 10⁻⁶.
package struct PoseAnchorLoss: Sendable, Hashable {
  /// γ ≥ 0.
  package let exponent: Float
  /// The margin of the anchor probability, 0...1.
  package let slack: Float

  /// An anchor loss with γ ≥ 0 and a slack in 0...1.
  package init(exponent: Float = 2, slack: Float = 0) {
    precondition(exponent >= 0 && exponent.isFinite, "exponent \(exponent)")
    precondition((0...1).contains(slack), "slack \(slack)")
    self.exponent = exponent
    self.slack = slack
  }

  /// The loss of a batch; overwrites `gradient` with dL/dlogits.
  ///
  /// - Parameters:
  ///   - logits: [N, H, W, J], a channel for each of J joints.
  ///   - targets: As `logits`, each in 0...1.
  ///   - isLabelled: N·J values: a map that is not labelled has neither loss nor gradient, but counts
  ///     in J; nil: all are.
  ///   - gradient: As `logits`.
  /// - Returns: The sum over the batch, in nats.
  package func evaluate(
    logits: Tensor, targets: Tensor, isLabelled: [Bool]? = nil, gradient: Tensor
  ) -> Double {
    let shape = logits.shape
    precondition(targets.shape == shape, "targets \(targets.shape) of \(shape)")
    precondition(gradient.count == shape.count, "gradient \(gradient.shape) of \(shape)")
    precondition(
      isLabelled.map { $0.count == shape.batch * shape.channels } ?? true,
      "labels of other maps than \(shape)")
    let weight = 1 / Float(max(1, shape.countPerImage))
    var loss = 0.0
    logits.withHostValues { logits in
      targets.withHostValues { targets in
        gradient.withMutableHostValues { gradient in
          gradient.update(repeating: 0)
          for image in 0..<shape.batch {
            for joint in 0..<shape.channels {
              guard isLabelled?[image * shape.channels + joint] ?? true else { continue }
              let pixels = stride(
                from: image * shape.countPerImage + joint, to: (image + 1) * shape.countPerImage,
                by: shape.channels)
              loss += map(pixels, logits, targets, gradient, weight: weight)
            }
          }
        }
      }
    }
    return loss
  }

  /// weight · Σ M·BCE of one map.
  private func map(
    _ pixels: StrideTo<Int>, _ logits: UnsafeBufferPointer<Float>,
    _ targets: UnsafeBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>,
    weight: Float
  ) -> Double {
    let largestLogit = pixels.lazy.filter { targets[$0] > 0.5 }.map { logits[$0] }.max()
    let offset = largestLogit.map {
      1 - max(0, LogisticTerm.binaryCrossEntropy(logit: $0, target: 1).probability - slack)
    }
    var loss = 0.0
    for index in pixels {
      let term: LogisticTerm
      if let offset, targets[index] == 0 {
        term = .modulated(
          logit: logits[index], isPositive: false, offset: offset, exponent: exponent)
      } else {
        term = .binaryCrossEntropy(logit: logits[index], target: targets[index])
      }
      loss += term.value
      gradient[index] = weight * term.gradient
    }
    return Double(weight) * loss
  }
}
