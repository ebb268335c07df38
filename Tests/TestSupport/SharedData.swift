package import Foundation
package import Testing

/// The folder of real data beside the project, ../shared; DETECTOR_SHARED names another.
private let sharedFolder =
  ProcessInfo.processInfo.environment["DETECTOR_SHARED"].map { URL(filePath: $0) }
  ?? packageRoot.deletingLastPathComponent().appending(path: "shared")

/// A file or folder of the real data; a failure where it is absent, because a test that reads it says
/// so with ``Testing/Trait/needsShared(_:)`` and does not run without.
package func sharedData(
  _ path: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> URL {
  let url = sharedFolder.appending(path: path)
  try #require(
    FileManager.default.fileExists(atPath: url.path), "../shared/\(path) is absent",
    sourceLocation: sourceLocation)
  return url
}

extension Trait where Self == ConditionTrait {
  /// Reports the test as skipped, with the reason, where any of these files and folders is absent.
  ///
  /// A trait, because a test whose arguments are all cancelled one by one counts as passed.
  package static func needsShared(_ paths: String...) -> Self {
    let absent = paths.filter {
      !FileManager.default.fileExists(atPath: sharedFolder.appending(path: $0).path)
    }
    return .enabled(
      if: absent.isEmpty,
      "\(absent.map { "../shared/\($0)" }.joined(separator: ", ")) is absent")
  }
}
