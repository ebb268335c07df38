import Foundation

/// Decimal numbers that are short and still read back as the same Float.
package enum CompactNumber {
  /// `value` in nine significant digits if `reads` accepts them, otherwise in seventeen.
  package static func text(_ value: Double, reads: (Double) -> Bool) -> String {
    let short = String(format: "%.9g", value)
    if let number = Double(short), reads(number) { return short }
    return String(format: "%.17g", value)
  }

  /// The number that ``text(_:reads:)`` writes.
  package static func rounded(_ value: Double, reads: (Double) -> Bool) -> Double {
    Double(text(value, reads: reads)) ?? value
  }
}
