import Foundation

extension RunConfiguration {
  /// What another configuration has differently, as `options.batch: 4, now 8`; empty: nothing.
  package func differences(to other: RunConfiguration) throws -> [String] {
    let (old, new) = (try leaves(), try other.leaves())
    return Set(old.keys).union(new.keys).sorted().compactMap { key in
      let (before, after) = (old[key] ?? "unset", new[key] ?? "unset")
      return before == after ? nil : "\(key): \(before), now \(after)"
    }
  }

  /// Every value by its path.
  private func leaves() throws -> [String: String] {
    var leaves: [String: String] = [:]
    func visit(_ value: Any, _ path: String) {
      switch value {
      case let object as [String: Any]:
        for (key, value) in object { visit(value, path.isEmpty ? key : "\(path).\(key)") }
      case let list as [Any] where list.contains { $0 is [String: Any] || $0 is [Any] }:
        for (index, value) in list.enumerated() { visit(value, "\(path)[\(index)]") }
      case let list as [Any]:
        leaves[path] = list.map { "\($0)" }.joined(separator: ",")
      default:
        leaves[path] = "\(value)"
      }
    }
    visit(try JSONSerialization.jsonObject(with: JSONEncoder().encode(self)), "")
    return leaves
  }
}
