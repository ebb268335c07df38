/// What the deviation of random weights is made from.
package enum WeightInitialization: String, Sendable, CaseIterable {
  /// √(2 / (R · S · C / groups)), so that activations keep their size: He and others 2015, and Darknet.
  case fanIn = "fan_in"
  /// √(2 / (R · S · K)) of convolutions, so that gradients keep theirs; other layers as ``fanIn``.
  case fanOut = "fan_out"
}
