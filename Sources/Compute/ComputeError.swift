/// What can go wrong while preparing to compute.
package enum ComputeError: Error, Equatable, CustomStringConvertible {
  /// The system would not start this many threads.
  case noThreads(Int)
  /// There is no memory for this many bytes.
  case outOfMemory(bytes: Int)

  /// One line: what failed and what to do about it.
  package var description: String {
    switch self {
    case .noThreads(let count):
      "cannot start \(count) threads; give a number from 1 to the number of cores with --threads"
    case .outOfMemory(let bytes):
      "cannot allocate \(bytes >> 20) MiB; use a smaller input size or batch"
    }
  }
}
