/// How training keeps activations from the forward pass for backward (`saved_activations`).
package enum SavedPrecision: String, Sendable, CaseIterable {
  /// As they are.
  case float32 = "fp32"
  /// Rounded to bfloat16, 8 bits of mantissa: half the memory. The forward pass, statistics, gradients and
  /// weights stay in single precision.
  case bfloat16 = "bf16"
}
