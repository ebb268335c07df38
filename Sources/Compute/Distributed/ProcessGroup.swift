/// The processes that train one network together, each by its share of every batch.
///
/// All of them make the same calls in the same order. A connection that breaks ends the process with
/// a line of its own: nothing could be computed any more. What one of them finds wrong by itself
/// reaches all by ``gathering(_:)``, so that all stop at the same place.
package protocol ProcessGroup: AnyObject {
  /// This process's number, 0 ..< ``count``; 0 writes, logs and prints.
  var rank: Int { get }
  /// All processes.
  var count: Int { get }
  /// Those on this one's host.
  var localCount: Int { get }
  /// The host of each.
  var hosts: [String] { get }
  /// What was found wrong: from then on nothing is sent any more.
  var failure: RankFailure? { get set }
  /// The bytes of every rank, in their order; the numbers of bytes may differ.
  func exchange(_ bytes: [UInt8]) -> [[UInt8]]
  /// Overwrites the bytes with those of rank 0.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer)
  /// Overwrites the values with their sums over the ranks, added in the ranks' order one by one: the
  /// same ranks give the same bits, whatever hosts they are on.
  func sum(_ values: UnsafeMutableBufferPointer<Float>)
  /// Waits for the others and parts from them; the last call.
  func leave()
}

/// What one rank found wrong, as all of them know it.
package struct RankFailure: Error, Equatable, CustomStringConvertible {
  /// Which rank.
  package let rank: Int
  /// Its host.
  package let host: String
  /// What it found, one line.
  package let text: String

  /// A finding.
  package init(rank: Int, host: String, text: String) {
    self.rank = rank
    self.host = host
    self.text = text
  }

  /// Rank, host and finding, one line.
  package var description: String { "rank \(rank) on \(host): \(text)" }
}

/// A process of its own: every call is about itself.
package final class SingleProcess: ProcessGroup {
  /// 0.
  package let rank = 0
  /// 1.
  package let count = 1
  /// 1.
  package let localCount = 1
  /// Nobody asks for the name.
  package let hosts = ["this host"]
  /// Never set: errors are thrown as they are.
  package var failure: RankFailure?

  /// The process alone.
  package init() {}

  /// The bytes.
  package func exchange(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
  /// They are those of rank 0.
  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {}
  /// They are the sums.
  package func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
  /// There are no others.
  package func leave() {}
}
