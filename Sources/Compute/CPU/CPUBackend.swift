import CKernels
import COpenBLAS

/// Computes on CPU threads: convolutions by kernels made for this CPU, or by patches and OpenBLAS;
/// CKernels for everything else.
///
/// OpenBLAS runs single-threaded inside our own pool. Work is cut by shapes only, and partial sums
/// are added in a fixed order.
package final class CPUBackend: Backend {
  /// The threads that operations run on.
  package let pool: ThreadPool
  /// The ranks whose batches normalisation takes together; nil: every batch by itself.
  package var normalizationGroup: (any ProcessGroup)?
  /// Patches of one panel and partial sums; grows to the largest need.
  private var workspace: CPUBuffer?
  /// Squares of some images, beside ``scratch(_:)``, which convolutions take for themselves.
  private var squares: CPUBuffer?

  /// Kernels of the fast engine; nil: the portable one.
  let kernels: KernelTable?
  /// Kernels of bytes, which both engines use.
  let byteKernels: ByteKernelTable
  /// Whether to do without Winograd's algorithm.
  let exact: Bool
  /// Whether caches of weights are filled.
  let keepsDerivedWeights: Bool

  /// A backend on a thread pool.
  ///
  /// - Parameters:
  ///   - pool: The threads.
  ///   - engine: How convolutions are computed.
  ///   - exact: Sum all convolutions directly: the rounding errors of Winograd's algorithm are some
  ///     five times larger.
  ///   - keepsDerivedWeights: Keep what kernels need of weights beside the weights. Winograd's
  ///     coefficients are up to four times as large; made anew in each pass they take time instead.
  ///   - instructionSet: Kernels to use, one of ``InstructionSet/supported``; nil: the best.
  ///   - byteKernels: Kernels of bytes, one of ``ByteKernels/supported``; nil: the best of the
  ///     instruction set.
  package init(
    pool: ThreadPool, engine: ComputeEngine = .fast, exact: Bool = false,
    keepsDerivedWeights: Bool = true, instructionSet: InstructionSet? = nil,
    byteKernels: ByteKernels? = nil
  ) {
    self.pool = pool
    self.exact = exact
    self.keepsDerivedWeights = keepsDerivedWeights
    kernels = engine == .fast ? KernelTable(instructionSet) : nil
    self.byteKernels = ByteKernelTable(byteKernels ?? instructionSet?.byteKernels)
    openblas_set_num_threads(1)
  }

  /// A zeroed, 64-byte aligned block of the host's memory.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package func allocate(_ count: Int, of type: ElementType) throws -> any Buffer {
    try CPUBuffer(count: count, of: type)
  }

  /// Values per chunk of an elementwise loop: large against the cost of handing it out.
  static let elementGrain = 1 << 15

  /// Calls `body` for ranges of `0..<count` elements.
  func forEachElementRange(_ count: Int, _ body: @Sendable (Int, Int) -> Void) {
    pool.forEachRange(count: count, grain: CPUBackend.elementGrain) { range in
      body(range.lowerBound, range.count)
    }
  }

  /// Rows of `size` elements per chunk, of small tensors an eighth, so that no thread is left waiting.
  ///
  /// For operations that treat every element by itself: sums must be cut the same way everywhere.
  static func rowShare(_ rows: Int, of size: Int) -> Int {
    let elements = min(elementGrain, max(elementGrain / 16, rows * size / 8))
    return max(1, elements / max(1, size))
  }

  /// Rows per chunk so that a chunk has about ``elementGrain`` values.
  static func rowGrain(channels: Int) -> Int { max(1, elementGrain / max(1, channels)) }

  /// Memory of the calling thread, valid until its next call.
  static func threadScratch(_ count: Int) -> UnsafeMutablePointer<Float> {
    guard let memory = ck_scratch(count) else {
      preconditionFailure("no memory for \(count) floats of a thread's workspace")
    }
    return memory
  }

  /// Workspace of at least `count` floats, valid until the next call.
  func scratch(_ count: Int) -> KernelPointer {
    KernelPointer(CPUBackend.grown(&workspace, to: count).floats)
  }

  /// A tensor that survives ``scratch(_:)``, valid until the next call.
  func squareScratch(_ shape: Shape) -> Tensor {
    Tensor(shape, in: CPUBackend.grown(&squares, to: shape.count), at: 0)
  }

  private static func grown(_ workspace: inout CPUBuffer?, to count: Int) -> CPUBuffer {
    if let workspace, workspace.count >= count { return workspace }
    workspace = nil
    do {
      let buffer = try CPUBuffer(count: count)
      workspace = buffer
      return buffer
    } catch {
      // The plan has allocated far more than this a moment ago.
      preconditionFailure("no memory for \(count) floats of workspace")
    }
  }
}

/// A float pointer that may cross into pool threads; kernels write disjoint parts.
struct KernelPointer: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>

  init(_ base: UnsafeMutablePointer<Float>) { self.base = base }

  static func + (pointer: KernelPointer, offset: Int) -> UnsafeMutablePointer<Float> {
    pointer.base + offset
  }
}

/// A pointer to bytes that may cross into pool threads; kernels write disjoint parts.
struct BytePointer: @unchecked Sendable {
  let base: UnsafeMutablePointer<UInt8>

  init(_ memory: UnsafeMutableRawPointer) { base = memory.assumingMemoryBound(to: UInt8.self) }

  static func + (pointer: BytePointer, offset: Int) -> UnsafeMutablePointer<UInt8> {
    pointer.base + offset
  }
}

/// Bounds of part i of `count` nearly equal parts of `0..<total`.
func part(_ i: Int, of count: Int, _ total: Int) -> Range<Int> {
  total * i / count..<total * (i + 1) / count
}
