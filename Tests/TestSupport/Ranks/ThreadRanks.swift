package import Compute
import Foundation
import Synchronization

/// Ranks that are threads of one process.
package enum ThreadRanks {
  /// Runs `body` on as many ranks at once; it makes all that it uses itself.
  ///
  /// - Returns: What each gave, in the ranks' order.
  package static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (any ProcessGroup) throws -> Value
  ) -> [Result<Value, any Error>] {
    let hub = Hub(count: count)
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    let threads = (0..<count).map { rank in
      let thread = Thread {
        let group = ThreadRank(rank, hub)
        let result = Result { try body(group) }
        results.withLock { $0[rank] = result }
        hub.end()
      }
      // As large as the main thread's: layers keep much on the stack.
      thread.stackSize = 8 << 20
      return thread
    }
    for thread in threads { thread.start() }
    hub.waitForAll()
    return results.withLock { all in (0..<count).compactMap { all[$0] } }
  }
}

/// Where the threads meet.
private final class Hub: Sendable {
  let count: Int
  private struct State {
    var round = 0
    var given: [Int: [UInt8]] = [:]
    var last: [[UInt8]] = []
    var ended = 0
  }
  private let state = Mutex(State())
  private let condition = NSCondition()

  init(count: Int) { self.count = count }

  /// Waits until all have given their bytes.
  func exchange(_ bytes: [UInt8], of rank: Int) -> [[UInt8]] {
    condition.lock()
    defer { condition.unlock() }
    let round = state.withLock { state in
      state.given[rank] = bytes
      let round = state.round
      if state.given.count == count {
        state.last = (0..<count).map { state.given[$0] ?? [] }
        state.given = [:]
        state.round += 1
      }
      return round
    }
    condition.broadcast()
    while state.withLock({ $0.round == round }) { condition.wait() }
    return state.withLock { $0.last }
  }

  func end() {
    condition.lock()
    state.withLock { $0.ended += 1 }
    condition.broadcast()
    condition.unlock()
  }

  func waitForAll() {
    condition.lock()
    while state.withLock({ $0.ended < count }) { condition.wait() }
    condition.unlock()
  }
}

/// One of them.
private final class ThreadRank: ProcessGroup {
  let rank: Int
  private let hub: Hub
  var failure: RankFailure?

  init(_ rank: Int, _ hub: Hub) {
    self.rank = rank
    self.hub = hub
  }

  var count: Int { hub.count }
  var localCount: Int { hub.count }
  var hosts: [String] { (0..<count).map { "host\($0)" } }

  func exchange(_ bytes: [UInt8]) -> [[UInt8]] { hub.exchange(bytes, of: rank) }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
    bytes.copyBytes(from: exchange(isFirst ? Array(bytes) : [])[0])
  }

  func sum(_ values: UnsafeMutableBufferPointer<Float>) {
    for (other, bytes) in exchange(Array(UnsafeRawBufferPointer(values))).enumerated() {
      bytes.withUnsafeBytes { bytes in
        for index in values.indices {
          let value = bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
          values[index] = other == 0 ? value : values[index] + value
        }
      }
    }
  }

  func leave() {}
}
