/// How much the weights say about a whole detection: whether there is an object, and of which classes.
///
/// The classes are asked for only where there is an object, and given the input the filters' weights are
/// independent, so that by the chain rule of the mutual information
///
///     I(detection; w) = I(object; w) + P(object) · Σ I(class k; w)     bits
///
/// with ``BALD`` of each logit and P(object) = Φ(μ / √(σ² + 1)), the mean objectness. It exceeds 1 where several
/// classes are uncertain.
package struct DetectionInformation: Sendable {
  /// How the information of one logit is computed.
  package let bald: BALD

  /// The sum of what ``BALD`` says.
  package init(_ bald: BALD) { self.bald = bald }

  /// The bits of one anchor.
  ///
  /// - Parameters:
  ///   - objectness: μ and σ² of the objectness.
  ///   - classes: Those of every class.
  /// - Returns: At least 0 where ``BALD`` clamps.
  /// - Throws: ``UncertaintyError`` for moments that are not finite and negative variances.
  package func bits(
    objectness: LogitMoments<Float>, classes: some Sequence<LogitMoments<Float>>
  ) throws -> Float {
    let own = try bald.uncertainty(objectness)
    let ofClasses = try classes.reduce(0) { try $0 + bald.uncertainty($1) }
    let scaled = objectness.scaled(by: bald.logitScale.factor())
    let tail = Float.normalTail(abs(scaled.mean) / (scaled.variance + 1).squareRoot())
    return own + (scaled.mean > 0 ? 1 - tail : tail) * ofClasses
  }
}
