import Foundation
import Synchronization

/// Ends the process if one input takes too long, since a test cannot be interrupted; says which.
final class Watch: Sendable {
  private let began = Mutex<(input: String, time: Date)?>(nil)
  private let limit: Double

  init(seconds limit: Double) {
    self.limit = limit
    Thread.detachNewThread { [weak self] in
      while let self {
        if let now = self.began.withLock({ $0 }), -now.time.timeIntervalSinceNow > limit {
          FileHandle.standardError.write(
            Data("fuzz: \(now.input) takes more than \(limit) s\n".utf8))
          abort()
        }
        Thread.sleep(forTimeInterval: 0.5)
      }
    }
  }

  /// Runs `body` under watch; `input` is where its bytes lie.
  func run(_ input: String, _ body: () -> Void) {
    began.withLock { $0 = (input, Date()) }
    body()
    began.withLock { $0 = nil }
  }

  /// Memory of the process in KiB by its name in /proc, 0 if that cannot be told.
  static func memory(_ name: String) -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") })
    else { return 0 }
    return Int(line.filter(\.isNumber)) ?? 0
  }

  /// Makes the peak that the system remembers the present use.
  static func forgetPeak() {
    if let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") {
      try? file.write(contentsOf: Data("5".utf8))
      try? file.close()
    }
  }
}
