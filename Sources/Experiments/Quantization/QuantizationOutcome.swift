package import Compute
import Foundation
package import Networks

/// How a model was quantised: `quantization.json` in its folder.
package struct QuantizationOutcome: Sendable, Encodable {
  /// A convolution that stays in floats.
  package struct Kept: Sendable, Encodable {
    package let layer: Int
    /// For people.
    package let reason: String
  }

  /// Images that ranges were taken from, and held-out ones that decided.
  package var images = 0
  package var heldOut = 0
  /// The error on held-out images with all layers quantised, by the rule of ranges.
  package var ruleErrors: [String: Double] = [:]
  /// The rule that was taken.
  package var rule = RangeRule.mse
  /// The error of the model as it was written.
  package var error = 0.0
  /// Convolutions that are quantised.
  package var layers: [Int] = []
  package var kept: [Kept] = []
  /// The share of the operations of convolutions that are in whole numbers.
  package var operationShare = 0.0
  /// The kernels that the model is for.
  package var kernels = ""
  /// Bytes of the model's file, and of the weights as they were.
  package var fileBytes = 0
  package var weightBytes = 0

  /// For people.
  package var text: String {
    func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
    let rules = RangeRule.allCases.compactMap { rule in
      ruleErrors[rule.rawValue].map { "\(rule.rawValue) \(percent($0))" }
    }
    var lines = [
      "ranges from \(images) images; error of the outputs on \(heldOut) others, all layers in int8: "
        + rules.joined(separator: ", ") + "; taken: \(rule.rawValue)"
    ]
    lines += kept.map { "layer \($0.layer) stays in fp32: \($0.reason)" }
    lines.append(
      "\(layers.count) of \(layers.count + kept.count) convolutions in int8, "
        + String(format: "%.1f %% of the operations, ", 100 * operationShare)
        + "for \(kernels) kernels; error \(percent(error)); "
        + String(
          format: "%.1f MiB instead of %.1f", Double(fileBytes) / 1_048_576,
          Double(weightBytes) / 1_048_576))
    return lines.joined(separator: "\n")
  }
}
