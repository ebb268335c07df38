import Foundation

/// Numbers as tables show them, "n/a" where undefined.
package enum NumberText {
  /// With a fixed number of decimals.
  package static func decimal(_ value: Double?, digits: Int) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? "n/a"
  }

  /// A difference of shares in per cent with its sign, without that of per cent.
  package static func signedPercent(_ difference: Double, digits: Int = 2) -> String {
    String(format: "%+.\(digits)f", 100 * difference)
  }

  /// A share, 0...1, in per cent without the sign.
  package static func percent(_ share: Double?, digits: Int = 1) -> String {
    decimal(share.map { 100 * $0 }, digits: digits)
  }
}
