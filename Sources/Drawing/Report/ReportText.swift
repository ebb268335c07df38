import Evaluation
import Files
import Foundation

/// Numbers as a report shows them.
enum ReportText {
  /// A number with a fixed number of decimals; n/a where undefined.
  static func number(_ value: Double?, digits: Int) -> String {
    NumberText.decimal(value, digits: digits)
  }

  /// A number with as many decimals as it needs.
  static func number(_ value: Double) -> String { String(format: "%g", value) }

  /// A share in whole per cent; only what is all or nothing is 100 or 0.
  static func whole(_ share: Double) -> Int {
    let rounded = Int((100 * share).rounded())
    return share < 1 && rounded == 100 ? 99 : share > 0 && rounded == 0 ? 1 : rounded
  }

  /// A share in per cent with one digit, never more than it is.
  static func roundedDown(_ share: Double) -> String {
    String(format: "%.1f", (1000 * share + 1e-9).rounded(.down) / 10)
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

  /// A number that is no share above its interval.
  static func plainCell(_ estimate: Estimate?) -> ReportPage.Cell {
    let ends = estimate?.interval.map {
      "[\(number($0.lower, digits: 3)), \(number($0.upper, digits: 3))]"
    }
    return ReportPage.Cell(number(estimate?.value, digits: 3), note: ends ?? "")
  }

  /// The share of decisions that a person looks at in the example.
  private static let handedOver = 0.1

  /// What handing the most uncertain share to a person does to the rest.
  ///
  /// - Parameters:
  ///   - score: What the decisions are ordered by.
  ///   - curve: Its risk and coverage.
  ///   - units: What the decisions are about, such as `boxes`.
  ///   - measure: What one minus the risk is called, such as `precision`.
  /// - Returns: Nil without decisions.
  static func handingOver(
    _ score: UncertaintyScore, _ curve: RiskCoverage, of units: String, measure: String
  ) -> String? {
    guard let kept = curve.handingOver(handedOver), let all = curve.points.last else { return nil }
    let share = "\(Int((100 * handedOver).rounded())) %"
    let order = score == .confidence ? "lowest confidence" : "largest \(score.title)"
    guard kept.kept < all.kept else {
      return "by \(order) the most uncertain \(share) cannot be set apart, as too many \(units) are"
        + " equally certain or there are too few"
    }
    let (before, after) = (1 - all.risk, 1 - kept.risk)
    let numbers = (percent(before), percent(after))
    let effect =
      numbers.0 == numbers.1
      ? "leaves \(measure) at \(numbers.0) %"
      : "\(after > before ? "raises" : "lowers") \(measure) from \(numbers.0) % to \(numbers.1) %"
    return "sending the most uncertain \(share) (\(order), \(all.kept - kept.kept) of \(all.kept)"
      + " \(units)) to a person \(effect)"
  }

  private static func text(_ interval: ConfidenceInterval?) -> String {
    interval.map { "[\(percent($0.lower)), \(percent($0.upper))]" } ?? ""
  }
}
