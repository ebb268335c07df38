import CProcessGroup
import Foundation

/// The processes that a launcher such as mpirun has started, by a library that is found at run time.
///
/// `make mpi` builds it. The program needs no MPI to be built, and takes whatever MPI the library was
/// built with.
package final class LibraryGroup: ProcessGroup {
  /// This process's number.
  package let rank: Int
  /// All processes.
  package let count: Int
  /// Those on this one's host.
  package let localCount: Int
  /// The host of each.
  package let hosts: [String]
  /// What was found wrong.
  package var failure: RankFailure?
  private let calls: pg_calls

  /// Seconds without a sign of life after which a rank counts as lost.
  package static let patience = 20.0

  /// Joins the other processes.
  ///
  /// - Parameter path: The library.
  /// - Throws: ``GroupError`` if it cannot be used.
  package init(library path: String) throws {
    var problem: UnsafePointer<CChar>?
    guard let found = pg_open(path, &problem) else {
      let reason = problem.map { String(cString: $0) } ?? "cannot be opened"
      let prefix = path + ": "
      throw GroupError.library(
        path: path,
        reason: reason.hasPrefix(prefix) ? String(reason.dropFirst(prefix.count)) : reason)
    }
    let calls = found.pointee
    var place = pg_place()
    if let problem = calls.start(Self.patience, &place) {
      throw GroupError.start(reason: String(cString: problem))
    }
    self.calls = calls
    rank = Int(place.rank)
    count = Int(place.count)
    localCount = Int(place.local_count)
    let own = withUnsafeBytes(of: place.host) { Array($0) }
    var names = [UInt8](repeating: 0, count: own.count * count)
    calls.gather(own, own.count, &names)
    hosts = (0..<count).map { rank in
      String(decoding: names[(rank * own.count)...].prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The bytes of every rank.
  package func exchange(_ bytes: [UInt8]) -> [[UInt8]] {
    var sizes = [Int](repeating: 0, count: count)
    withUnsafeBytes(of: bytes.count) { calls.gather($0.baseAddress, $0.count, &sizes) }
    var all = [UInt8](repeating: 0, count: sizes.reduce(0, +))
    calls.gather_parts(bytes, sizes, &all)
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return Array(all[start..<start + size])
    }
  }

  /// Overwrites the bytes with those of rank 0.
  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
    calls.broadcast(bytes.baseAddress, bytes.count)
  }

  /// Overwrites the values with their sums.
  package func sum(_ values: UnsafeMutableBufferPointer<Float>) {
    calls.sum(values.baseAddress, values.count)
  }

  /// Waits for the others and parts from them.
  package func leave() { calls.leave() }
}

/// Why a process cannot work together with others.
package enum GroupError: Error, Equatable, CustomStringConvertible {
  /// The library cannot be used.
  case library(path: String, reason: String)
  /// The processes do not find each other.
  case start(reason: String)

  /// One line.
  package var description: String {
    switch self {
    case .library(let path, let reason):
      "\(path): \(reason); make mpi builds it beside the program, DETECTOR_MPI names another, and "
        + "without mpirun none is needed"
    case .start(let reason):
      "the processes do not find each other: \(reason)"
    }
  }
}
