import Foundation
import Training

/// How long a network looks at pictures.
struct DetectionClock {
  /// Pictures that were looked at.
  private(set) var count = 0
  /// Seconds of the first picture, and of the others together.
  private var (first, others) = (0.0, 0.0)

  /// Does the work of a picture, and counts it.
  mutating func timing<Result>(_ body: () throws -> Result) rethrows -> Result {
    let start = ProgressReporter.uptime()
    let result = try body()
    add(seconds: ProgressReporter.uptime() - start)
    return result
  }

  /// Counts a picture that took so long.
  mutating func add(seconds: Double) {
    if count == 0 { first = seconds } else { others += seconds }
    count += 1
  }

  /// Milliseconds a picture: memory is planned with the first, which counts only where it is alone.
  var milliseconds: Double { 1e3 * (count > 1 ? others / Double(count - 1) : first) }

  /// What was done, for people: `8 images, 21 objects, 4.2 ms each; in pictures, found.json`.
  ///
  /// - Parameters:
  ///   - unit: What was looked at, one of it.
  ///   - objects: What was found in all of them.
  ///   - places: Where that was written.
  /// - Returns: One line.
  func text(_ unit: String, _ objects: Int, in places: [String]) -> String {
    func counted(_ count: Int, _ unit: String) -> String {
      "\(count) \(unit)\(count == 1 ? "" : "s")"
    }
    return counted(count, unit) + ", " + counted(objects, "object")
      + (count > 0 ? String(format: ", %.1f ms each", milliseconds) : "")
      + (places.isEmpty ? "" : "; in " + places.joined(separator: ", "))
  }
}
