import Foundation
import Training

/// How long a network looks at pictures.
struct DetectionClock {
  private(set) var count = 0
  private var seconds = 0.0

  /// Does the work of a picture, and counts it.
  mutating func timing<Result>(_ body: () throws -> Result) rethrows -> Result {
    let start = ProgressReporter.uptime()
    defer {
      seconds += ProgressReporter.uptime() - start
      count += 1
    }
    return try body()
  }

  /// What was done, for people: `8 images, 21 objects, 4.2 ms an image; in pictures, found.json`.
  ///
  /// The first picture takes longer, because memory is planned with it; it counts only where it is alone.
  func text(_ unit: String, _ objects: Int, in places: [String]) -> String {
    let milliseconds = count > 0 ? seconds / Double(count) * 1e3 : 0
    return "\(count) \(unit)\(count == 1 ? "" : "s"), \(objects) object\(objects == 1 ? "" : "s")"
      + (count > 0
        ? ", " + String(format: "%.1f ms", milliseconds)
          + " \(unit.first == "i" ? "an" : "a") \(unit)" : "")
      + (places.isEmpty ? "" : "; in " + places.joined(separator: ", "))
  }
}
