import CKernels

/// The process's worker threads: parallel loops for the backend, background tasks for the loader.
///
/// Indices of a loop are handed out one at a time, so how the work is cut must depend on shapes
/// only: then results do not depend on the number of threads.
package final class ThreadPool: Sendable {
  /// The number of threads that run a loop, the calling one included.
  package let threadCount: Int
  // A C object made for concurrent use; freed in deinit only.
  nonisolated(unsafe) private let pool: OpaquePointer

  /// Starts a pool.
  ///
  /// - Parameter threadCount: Threads including the caller's, at least 1.
  /// - Throws: ``ComputeError/noThreads(_:)`` if the system refuses to start them.
  package init(threadCount: Int) throws {
    guard threadCount >= 1, let count = UInt32(exactly: threadCount),
      let pool = ck_pool_create(count)
    else { throw ComputeError.noThreads(threadCount) }
    self.threadCount = threadCount
    self.pool = pool
  }

  deinit { ck_pool_destroy(pool) }

  /// Calls `body` for every index in `0..<count`, on all threads, and returns when all are done.
  ///
  /// From inside another loop or task it runs serially.
  package func forEach(count: Int, _ body: @Sendable (Int) -> Void) {
    guard count > 0 else { return }
    withoutActuallyEscaping(body) { escaping in
      var work = LoopBody(call: escaping)
      withUnsafeMutablePointer(to: &work) { pointer in
        ck_pool_run(
          pool, count,
          { context, index in
            context?.assumingMemoryBound(to: LoopBody.self).pointee.call(index)
          }, pointer)
      }
    }
  }

  /// Cuts `0..<count` into ranges of `grain` (the last may be shorter) and calls `body` for each.
  package func forEachRange(count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let grain = max(1, grain)
    forEach(count: (count + grain - 1) / grain) { i in
      body(i * grain..<min(count, (i + 1) * grain))
    }
  }

  /// The results of `body` for every index in `0..<count`, in order, computed on all threads.
  package func map<Result: Sendable>(
    count: Int, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      // Every index writes its own place.
      nonisolated(unsafe) let target = buffer
      forEach(count: count) { target.initializeElement(at: $0, to: body($0)) }
      initialized = count
    }
  }

  /// Queues a task for the next free worker.
  ///
  /// It may run inside ``runPendingTask()`` instead; a pool of one thread has no other way to run
  /// it. The end of the pool waits for all tasks.
  package func submit(_ task: @escaping @Sendable () -> Void) {
    let handle = Unmanaged.passRetained(PendingTask(call: task))
    ck_pool_submit(
      pool,
      { context in
        guard let context else { return }
        Unmanaged<PendingTask>.fromOpaque(context).takeRetainedValue().call()
      }, handle.toOpaque())
  }

  /// Runs one queued task on the calling thread.
  ///
  /// - Returns: False if none was queued.
  package func runPendingTask() -> Bool { ck_pool_help(pool) }
}

private struct LoopBody {
  let call: @Sendable (Int) -> Void
}

private final class PendingTask: Sendable {
  let call: @Sendable () -> Void
  init(call: @escaping @Sendable () -> Void) { self.call = call }
}
