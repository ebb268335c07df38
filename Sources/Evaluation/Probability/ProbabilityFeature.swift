package import Detection
import Foundation

/// A number of a detection that makes it no less likely to be right where it is larger.
package enum ProbabilityFeature: String, Sendable, CaseIterable, Codable {
  /// The log-odds of the confidence.
  case confidence
  /// The log-odds of the expected IoU.
  case expectedIoU
  /// ln(1 + n) of the n boxes that suppression merged into it.
  case mergedCount
  /// The mean IoU of those with it; 0 without any.
  case mergedAgreement
  /// ln(1 + s) of the sum s of their confidences.
  case mergedConfidence

  /// The number of a detection; nil if it lacks what that takes.
  package func value(of detection: Detection) -> Double? {
    let merged = detection.merged
    return switch self {
    case .confidence: RecalibrationMap.logit(Double(detection.confidence))
    case .expectedIoU: detection.expectedIoU.map { RecalibrationMap.logit(Double($0)) }
    case .mergedCount: merged.map { log1p(Double($0.count)) }
    case .mergedAgreement: merged.map { $0.count == 0 ? 0 : 1 - Double($0.spread) }
    case .mergedConfidence: merged.map { log1p(Double($0.confidenceSum)) }
    }
  }

  /// What people are told it is.
  package var title: String {
    switch self {
    case .confidence: "confidence"
    case .expectedIoU: "expected IoU"
    case .mergedCount: "merged boxes"
    case .mergedAgreement: "their agreement"
    case .mergedConfidence: "their confidence"
    }
  }
}
