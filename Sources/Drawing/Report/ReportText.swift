import Evaluation
import Files
import Foundation

/// Numbers as a report shows them.
enum ReportText {
  /// A number with a fixed number of decimals; n/a where undefined.
  static func number(_ value: Double?, digits: Int) -> String {
    NumberText.decimal(value, digits: digits)
  }

  /// A share in per cent.
  static func percent(_ value: Double?) -> String { NumberText.percent(value) }

  /// A share in per cent above its interval.
  static func cell(_ value: Double?, _ interval: ConfidenceInterval?) -> ReportPage.Cell {
    ReportPage.Cell(percent(value), note: value == nil ? "" : text(interval))
  }

  /// A share in per cent above its interval.
  static func cell(_ estimate: Estimate?) -> ReportPage.Cell {
    cell(estimate?.value, estimate?.interval)
  }

  /// A difference in points above its interval and what follows from it.
  static func cell(
    _ difference: EstimatedDifference?, higherIsBetter: Bool
  ) -> ReportPage.Cell {
    guard let difference, let value = difference.value, let interval = difference.interval else {
      return "n/a"
    }
    let ends = String(format: "[%+.1f, %+.1f]", 100 * interval.lower, 100 * interval.upper)
    let verdict =
      difference.isSignificant
      ? ((value > 0) == higherIsBetter ? "better" : "worse") : "not told apart"
    return ReportPage.Cell(String(format: "%+.1f", 100 * value), note: "\(ends) \(verdict)")
  }

  private static func text(_ interval: ConfidenceInterval?) -> String {
    interval.map { "[\(percent($0.lower)), \(percent($0.upper))]" } ?? ""
  }
}
