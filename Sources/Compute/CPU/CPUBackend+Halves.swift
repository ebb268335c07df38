import CKernels

extension CPUBackend {
  /// Rounds to upper halves.
  package func narrow(_ input: Tensor, into output: Tensor) {
    precondition(output.elementType == .bfloat16 && input.count == output.count, "no halves of it")
    let (x, y) = (input.kernel, HalfPointer(output.bytePointer))
    let table = halfKernels
    forEachElementRange(input.count) { start, count in
      ck_run_narrow(table.pointer, x + start, count, y.base + start)
    }
  }

  /// Fills lower halves with zeros.
  package func widen(_ input: Tensor, into output: Tensor) {
    precondition(input.elementType == .bfloat16 && input.count == output.count, "no halves")
    let (x, y) = (HalfPointer(input.bytePointer), output.kernel)
    let table = halfKernels
    forEachElementRange(input.count) { start, count in
      ck_run_widen(table.pointer, x.base + start, count, y + start)
    }
  }

  /// All give the same bits: the portable engine takes those that every CPU runs.
  private var halfKernels: KernelTable { kernels ?? KernelTable(.generic) }
}

/// A pointer to halves that may cross into pool threads; kernels write disjoint parts.
private struct HalfPointer: @unchecked Sendable {
  let base: UnsafeMutablePointer<UInt16>

  init(_ bytes: BytePointer) {
    base = UnsafeMutableRawPointer(bytes.base).assumingMemoryBound(to: UInt16.self)
  }
}
