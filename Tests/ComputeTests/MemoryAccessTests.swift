import Foundation
import TestSupport
import Testing

/// The CPU backend alone takes memory from the system and follows a pointer to a tensor's values.
@Suite struct MemoryAccessTests {
  @Test(arguments: [
    "mmap(", "munmap(", "Pointer<Float>.allocate", "RawPointer.allocate", ".pointer",
  ])
  func onlyTheCPUBackend(_ access: String) throws {
    let sources = packageRoot.appending(path: "Sources")
    let own = sources.appending(path: "Compute/CPU").path + "/"
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var count = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      count += 1
      guard !file.path.hasPrefix(own) else { continue }
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      for line in lines where line.contains(access) {
        Issue.record("\(file.path): \(line)")
      }
    }
    #expect(count > 100)
  }
}
