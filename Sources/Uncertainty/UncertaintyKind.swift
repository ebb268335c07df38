/// What an uncertainty map shows of an anchor's objectness.
package enum UncertaintyKind: String, CaseIterable, Hashable, Sendable, Codable {
  /// The mutual information of output and weights, ``BALD``, in bits.
  case bald
  /// σ of the logit.
  case sigma
  /// h(Φ(μ / √(σ² + 1))), the entropy of the expected output, in bits.
  case entropy
  /// D of ``Difficulty``.
  case difficulty

  /// The unit, empty for a pure number.
  package var unit: String {
    switch self {
    case .bald, .entropy: "bit"
    case .sigma: "logit"
    case .difficulty: ""
    }
  }

  /// Where the colours of a ``sigma`` map end unless told otherwise, logits.
  ///
  /// σ has no upper bound. At σ = 5 the closed form of BALD is 0.80 bit for an undecided anchor.
  package static let defaultSigmaLimit: Float = 5

  /// The values from the first to the last colour of a map, the same for every image.
  ///
  /// - Parameter sigmaLimit: The end of ``sigma``'s, > 0; one number for all maps to be compared.
  /// - Returns: 0...`sigmaLimit` for ``sigma``, 0...1 for the others.
  package func range(sigmaLimit: Float = defaultSigmaLimit) -> ClosedRange<Float> {
    precondition(sigmaLimit > 0 && sigmaLimit.isFinite, "a range up to \(sigmaLimit)")
    return 0...(self == .sigma ? sigmaLimit : 1)
  }
}
