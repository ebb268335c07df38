package import Compute
package import Detection
import Foundation
import Geometry

/// What teaches a branch s the log variances of the four logits b of each anchor's box.
///
/// A box's logit is taken for a normal variable, N(b, eˢ), whose outcome is the logit t that decodes to the object.
/// Of every positive and its last truth, summed over x, y, width and height, and over anchors and images:
///
///     likelihood   weight · ½ { s + (b − t)² e⁻ˢ }                      −ln of the density but for ½ ln 2π
///     energy       weight · σ { z (2 Φ(z) − 1) + 2 φ(z) − 1/√π }         z = (t − b) / σ, σ² = eˢ
///
/// Both are proper scores: they are least, in expectation, where N(b, eˢ) is the distribution of t. The second is
/// the energy score of one dimension (the continuous ranked probability score), in units of the logit, and grows
/// with |b − t| no faster than itself. s is kept in ±``BoxVarianceLoss/bound``; beyond it has no gradient. The logits of
/// objects at the edge of a cell are not finite: their probability is kept in 0.01...0.99.
package struct BoxVarianceLoss: Sendable {
  /// How a distribution is judged.
  package enum Score: String, CaseIterable, Sendable, Codable {
    /// Its density at the outcome.
    case likelihood
    /// The energy score.
    case energy
  }

  /// Log variances are in ± this.
  package static let bound: Float = 7

  /// The head whose boxes they are.
  package let head: YOLOHead
  /// Width of the network input in pixels.
  package let inputWidth: Int
  /// Height of the network input in pixels.
  package let inputHeight: Int
  /// How distributions are judged.
  package let score: Score
  /// A factor on the loss, ≥ 0.
  package let weight: Float

  /// The loss of a head at an input size.
  package init(
    head: YOLOHead, inputWidth: Int, inputHeight: Int, score: Score = .likelihood,
    weight: Float = 1
  ) {
    self.head = head
    self.inputWidth = inputWidth
    self.inputHeight = inputHeight
    self.score = score
    self.weight = weight
  }

  /// The loss of a batch; overwrites `gradient` with dL/ds.
  ///
  /// - Parameters:
  ///   - logits: b among the head's, [N, H, W, A·(5 + L)].
  ///   - logVariances: s, [N, H, W, A·4].
  ///   - truths: The objects of each image, boxes as fractions of the network input.
  ///   - assignments: The head's targets for the N images.
  ///   - gradient: As `logVariances`.
  ///   - headGradient: As `logits`: dL/db is added to it; nil: b is a constant.
  /// - Returns: The sum over the batch.
  package func evaluate(
    logits: Tensor, logVariances: Tensor, truths: [[GroundTruth]],
    assignments: [TargetAssignment], gradient: Tensor, headGradient: Tensor? = nil
  ) -> Double {
    let grid = PredictionGrid(
      head: .yolo(head), shape: logits.shape, inputWidth: inputWidth, inputHeight: inputHeight)
    precondition(
      logVariances.count == 4 * grid.anchorCount * truths.count, "\(logVariances.shape) variances")
    var value = 0.0
    var slopes: [(index: Int, slope: Float)] = []
    logits.withHostValues { logits in
      logVariances.withHostValues { variances in
        gradient.withMutableHostValues { gradient in
          gradient.update(repeating: 0)
          for (image, assignment) in assignments.enumerated() {
            for positive in assignment.positives {
              let place = grid.index(
                row: positive.row, column: positive.column, anchor: positive.anchor)
              let targets = grid.boxLogits(
                of: truths[image][positive.truthIndex].box, row: positive.row,
                column: positive.column, anchor: positive.anchor)
              let own = image * grid.logitCount + place * grid.entryCount
              let start = 4 * (image * grid.anchorCount + place)
              for entry in 0..<4 {
                let term = term(
                  logit: logits[own + entry], logVariance: variances[start + entry],
                  target: targets[entry])
                value += Double(weight) * term.value
                gradient[start + entry] = weight * Float(term.ofVariance)
                slopes.append((own + entry, weight * Float(term.ofLogit)))
              }
            }
          }
        }
      }
    }
    headGradient?.withMutableHostValues { for slope in slopes { $0[slope.index] += slope.slope } }
    return value
  }

  private func term(
    logit: Float, logVariance: Float, target: Float
  ) -> (value: Double, ofLogit: Double, ofVariance: Double) {
    let bound = Self.bound
    let s = Double(min(max(logVariance, -bound), bound))
    // At the bound itself a step back is still felt.
    let isFree = abs(logVariance) <= bound
    let error = Double(logit) - Double(target)
    switch score {
    case .likelihood:
      let square = error * error * exp(-s)
      return (0.5 * (s + square), error * exp(-s), isFree ? 0.5 * (1 - square) : 0)
    case .energy:
      let deviation = exp(s / 2)
      let z = -error / deviation
      let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
      // 2 Φ(z) − 1.
      let balance = erf(z / 2.0.squareRoot())
      let root = 1 / Double.pi.squareRoot()
      return (
        deviation * (z * balance + 2 * density - root), -balance,
        isFree ? (2 * density - root) * deviation / 2 : 0
      )
    }
  }
}
