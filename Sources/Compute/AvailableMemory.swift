import Foundation

/// Memory that this process could still get without others being pushed out.
package struct AvailableMemory: Sendable, Equatable {
  /// Bytes.
  package let bytes: Int

  /// So many bytes.
  package init(bytes: Int) { self.bytes = bytes }

  /// What the system says now: the least of `MemAvailable` and of what the limits of the process's
  /// control group and those above it leave, where pages of files count as free.
  ///
  /// nil where the system says nothing.
  ///
  /// - Parameter read: The text of a file of `/proc` or `/sys`, nil if there is none.
  package init?(reading read: (String) -> String? = Self.text) {
    var found: [Int] = []
    if let available = Self.value("MemAvailable:", in: read("/proc/meminfo")) {
      found.append(available << 10)
    }
    for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
      // number:controllers:path
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].isEmpty {
        found += Self.left(
          path: parts[2], root: "/sys/fs/cgroup", limit: "memory.max", used: "memory.current",
          files: "inactive_file", read)
      } else if parts[1].split(separator: ",").contains("memory") {
        found += Self.left(
          path: parts[2], root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes",
          used: "memory.usage_in_bytes", files: "total_inactive_file", read)
      }
    }
    guard let least = found.min() else { return nil }
    bytes = max(0, least)
  }

  /// What is left of the limits of a group and those above it.
  private static func left(
    path: Substring, root: String, limit: String, used: String, files: String,
    _ read: (String) -> String?
  ) -> [Int] {
    let names = path.split(separator: "/")
    return (0...names.count).compactMap { depth in
      let folder = ([Substring(root)] + names.prefix(depth)).joined(separator: "/") + "/"
      guard let most = number(read(folder + limit)), let taken = number(read(folder + used)) else {
        return nil
      }
      return most - taken + (value(files, in: read(folder + "memory.stat")) ?? 0)
    }
  }

  private static func number(_ text: String?) -> Int? {
    text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// The number after a name at the beginning of a line.
  private static func value(_ name: String, in text: String?) -> Int? {
    for line in (text ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 2, words[0] == name { return Int(words[1]) }
    }
    return nil
  }

  /// A small file's text.
  package static func text(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
