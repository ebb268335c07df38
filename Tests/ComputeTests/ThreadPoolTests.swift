import Compute
import Foundation
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 4], [0, 1, 2, 3, 1000])
  func everyIndexOnce(_ threads: Int, count: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    #expect(pool.threadCount == threads)
    let counters = Counters(count)
    pool.forEach(count: count) { counters.increment($0) }
    #expect(counters.values == [Int](repeating: 1, count: count))
  }

  @Test(arguments: [1, 2, 4], [0, 1, 1000])
  func resultsInOrder(_ threads: Int, count: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    #expect(pool.map(count: count) { ["\($0)"] } == (0..<count).map { ["\($0)"] })
  }

  @Test(arguments: [1, 2, 4])
  func loopsFollowEachOtherQuickly(_ threads: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    let counters = Counters(17)
    for _ in 0..<5000 { pool.forEach(count: 17) { counters.increment($0) } }
    #expect(counters.values == [Int](repeating: 5000, count: 17))
  }

  @Test(arguments: [1, 2, 4])
  func workersWakeAfterSleeping(_ threads: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    let counters = Counters(8)
    for _ in 0..<20 {
      // Longer than a worker spins.
      usleep(3000)
      pool.forEach(count: 8) { counters.increment($0) }
    }
    #expect(counters.values == [Int](repeating: 20, count: 8))
  }

  @Test(arguments: [1, 2, 4])
  func nestedLoops(_ threads: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    let counters = Counters(7 * 11)
    pool.forEach(count: 7) { i in
      pool.forEach(count: 11) { j in counters.increment(i * 11 + j) }
    }
    #expect(counters.values == [Int](repeating: 1, count: 77))
  }

  @Test(arguments: [(0, 4), (1, 4), (4, 4), (10, 4), (10, 0), (1000, 1)])
  func rangesCoverEverything(_ count: Int, grain: Int) throws {
    let pool = try ThreadPool(threadCount: 2)
    let counters = Counters(count)
    pool.forEachRange(count: count, grain: grain) { range in
      #expect(range.count <= max(1, grain))
      for i in range { counters.increment(i) }
    }
    #expect(counters.values == [Int](repeating: 1, count: count))
  }

  @Test(arguments: [2, 4])
  func tasksRunBesideLoops(_ threads: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    let done = Counters(200)
    let counters = Counters(31)
    for task in 0..<200 {
      pool.submit { done.increment(task) }
      pool.forEach(count: 31) { counters.increment($0) }
    }
    waitUntil { done.sum == 200 }
    #expect(done.values == [Int](repeating: 1, count: 200))
    #expect(counters.values == [Int](repeating: 200, count: 31))
  }

  @Test(arguments: [1, 2, 4])
  func tasksSubmitTasksAndLoops(_ threads: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    let done = Counters(60)
    for task in 0..<20 {
      pool.submit {
        done.increment(task)
        pool.submit { done.increment(20 + task) }
        pool.forEach(count: 3) { _ in }
        pool.forEach(count: 20) { i in if i == task { done.increment(40 + i) } }
      }
    }
    waitUntil {
      while pool.runPendingTask() {}
      return done.sum == 60
    }
    #expect(done.values == [Int](repeating: 1, count: 60))
    #expect(!pool.runPendingTask())
  }

  @Test(arguments: [1, 3])
  func theEndOfAPoolFinishesItsTasks(_ threads: Int) throws {
    let done = Counters(50)
    do {
      let pool = try ThreadPool(threadCount: threads)
      for task in 0..<50 { pool.submit { done.increment(task) } }
    }
    #expect(done.values == [Int](repeating: 1, count: 50))
  }

  @Test(arguments: [2, 4])
  func aTaskMayHoldTheLastReference(_ threads: Int) throws {
    let steps = Counters(2)
    weak var ended: ThreadPool?
    do {
      let pool = try ThreadPool(threadCount: threads)
      ended = pool
      pool.submit {
        waitUntil { steps.values[0] == 1 }
        pool.forEach(count: 3) { _ in }
        steps.increment(1)
      }
    }
    steps.increment(0)
    waitUntil { steps.values[1] == 1 }
    waitUntil { ended == nil }
    // Time for the worker to leave: a sanitizer sees what it touches.
    usleep(20_000)
    #expect(ended == nil && steps.values[1] == 1)
  }

  @Test func loopsFromSeveralThreads() throws {
    let pool = try ThreadPool(threadCount: 3)
    let counters = Counters(4 * 50)
    let callers = try ThreadPool(threadCount: 4)
    for _ in 0..<50 {
      callers.forEach(count: 4) { caller in
        // From a body of another pool this is a nested loop; from plain threads below it is not.
        pool.forEach(count: 50) { counters.increment(caller * 50 + $0) }
      }
    }
    let finished = Counters(2)
    let threads = (0..<2).map { caller in
      Thread {
        for _ in 0..<200 { pool.forEach(count: 50) { counters.increment(caller * 50 + $0) } }
        finished.increment(caller)
      }
    }
    for thread in threads { thread.start() }
    for _ in 0..<200 { pool.forEach(count: 50) { counters.increment(100 + $0) } }
    waitUntil { finished.sum == 2 }
    #expect(counters.values.prefix(150).allSatisfy { $0 == 250 })
  }

  @Test(arguments: [1, 2, 4])
  func denormalsAreFlushedInEveryThread(_ threads: Int) throws {
    let pool = try ThreadPool(threadCount: threads)
    let arrived = Counters(1)
    let flushed = Counters(threads)
    let tiny = Float(bitPattern: 1 << 20)
    pool.forEach(count: threads) { i in
      // Each body waits for all others, so each runs on a thread of its own.
      arrived.increment(0)
      waitUntil { arrived.sum == threads }
      if tiny * Float(i + 1) == 0 { flushed.increment(i) }
    }
    #expect(flushed.values == [Int](repeating: 1, count: threads))
  }

  @Test func anImpossibleThreadCountThrows() {
    #expect(throws: ComputeError.noThreads(0)) { try ThreadPool(threadCount: 0) }
    #expect(throws: ComputeError.noThreads(-1)) { try ThreadPool(threadCount: -1) }
  }
}

/// Counters that any thread may increment.
final class Counters: Sendable {
  private final class Cell: Sendable {
    let value = Atomic<Int>(0)
  }

  private let cells: [Cell]

  init(_ count: Int) { cells = (0..<count).map { _ in Cell() } }

  func increment(_ index: Int) {
    cells[index].value.add(1, ordering: .sequentiallyConsistent)
  }

  var values: [Int] { cells.map { $0.value.load(ordering: .sequentiallyConsistent) } }
  var sum: Int { values.reduce(0, +) }
}

/// Polls for a condition, at most 20 seconds.
func waitUntil(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) {
  let end = Date().addingTimeInterval(20)
  while !condition() {
    if Date() > end {
      Issue.record("waited in vain", sourceLocation: sourceLocation)
      return
    }
    usleep(100)
  }
}
