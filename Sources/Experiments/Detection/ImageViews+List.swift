import Foundation
package import Tasks

extension ImageViews {
  /// The views that a list names: `flip`, `scales` for the usual ones, and scales as numbers.
  ///
  /// - Throws: ``UsageError`` for anything else, and for a list that names no view.
  package init(list: String) throws {
    var scales: [Double] = []
    var isMirrored = false
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      let word = part.trimmingCharacters(in: .whitespaces)
      if word == "flip" {
        isMirrored = true
      } else if word == "scales" {
        scales += Self.standardScales
      } else if let scale = Double(word) {
        guard Self.scaleRange.contains(scale) else {
          throw UsageError(
            "--augment: the scale \(word) is not between \(Self.scaleRange.lowerBound) and"
              + " \(Self.scaleRange.upperBound)")
        }
        scales.append(scale)
      } else {
        throw UsageError(
          "--augment: there is no view '\(word)'; it takes flip, scales and numbers such as 0.75,"
            + " separated by commas")
      }
    }
    scales = scales.filter { $0 != 1 }
    guard isMirrored || !scales.isEmpty else {
      throw UsageError(
        "--augment: the scale 1 is the picture as it is; name flip, or other scales")
    }
    self.init(scales: scales, isMirrored: isMirrored)
  }
}
