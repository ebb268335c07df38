import Foundation

/// Entropy of a yes-or-no question in bits, −p log₂ p − (1 − p) log₂(1 − p); 0 outside 0...1.
func binaryEntropy(_ p: Double) -> Double {
  guard p > 0, p < 1 else { return 0 }
  return -(p * log2(p) + (1 - p) * log2(1 - p))
}
