import CKernels

/// How a CPU backend computes convolutions.
package enum ComputeEngine: String, CaseIterable, Sendable {
  /// Kernels made for the instruction set of this CPU, Winograd's algorithm included.
  case fast
  /// Patches and OpenBLAS.
  case portable
}

/// The instruction sets that the fast kernels are compiled for.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// x86 with AVX-512 F, VL, BW and DQ: vectors of 16.
  case avx512
  /// x86 with AVX2 and FMA: vectors of 8.
  case avx2
  /// Any CPU: vectors of 4.
  case generic

  /// Those that this CPU can run, the widest first.
  package static var supported: [InstructionSet] {
    allCases.filter { ck_engine_named($0.rawValue) != nil }
  }
}

/// What the kernels of bytes are compiled for; all give the same bits.
package enum ByteKernels: String, CaseIterable, Sendable {
  /// x86 with AVX-512 F, VL, BW, DQ and VNNI.
  case avx512vnni
  /// x86 with AVX2, FMA and AVX-VNNI.
  case avxvnni
  /// x86 with AVX2 and FMA.
  case avx2
  /// Any CPU.
  case generic

  /// Those that this CPU can run, the fastest first.
  package static var supported: [ByteKernels] {
    allCases.filter { ck_int8_engine_named($0.rawValue) != nil }
  }
}

extension InstructionSet {
  /// The fastest kernels of bytes that CPUs of this set are sure to run, or that this one runs.
  package var byteKernels: ByteKernels {
    switch self {
    case .avx512: ByteKernels.supported.contains(.avx512vnni) ? .avx512vnni : .avx2
    case .avx2: .avx2
    case .generic: .generic
    }
  }
}

/// The kernels of bytes of one instruction set: a table of constants that all threads may read.
struct ByteKernelTable: @unchecked Sendable {
  let pointer: UnsafePointer<ck_int8_engine>

  /// - Parameter set: nil: the fastest that this CPU can run.
  init(_ set: ByteKernels?) {
    guard let pointer = ck_int8_engine_named(set?.rawValue) else {
      preconditionFailure("this CPU cannot run \(set?.rawValue ?? "any") kernels of bytes")
    }
    self.pointer = pointer
  }

  /// Columns of a panel of packed weights.
  var panel: Int { pointer.pointee.panel }
  /// Most rows of a product that are computed at a time.
  var rows: Int { pointer.pointee.rows }
  /// Numbers in a word of 4 bytes.
  var depth: Int { pointer.pointee.depth }
  /// Bytes of a number: 2 where bytes are widened.
  var width: Int { 4 / depth }
  /// Panels that hold so many columns.
  func panels(_ columns: Int) -> Int { (columns + panel - 1) / panel }
}

/// The kernels of one instruction set: a table of constants that all threads may read.
struct KernelTable: @unchecked Sendable {
  let pointer: UnsafePointer<ck_engine>

  /// - Parameter set: nil: the widest that this CPU can run.
  init(_ set: InstructionSet?) {
    guard let pointer = ck_engine_named(set?.rawValue) else {
      preconditionFailure("this CPU cannot run \(set?.rawValue ?? "any") kernels")
    }
    self.pointer = pointer
  }

  /// The instruction set.
  var name: String { String(cString: pointer.pointee.name) }
  /// Columns of a panel of packed weights.
  var panel: Int { pointer.pointee.panel }
  /// Most rows of a product that are computed at a time.
  var rows: Int { pointer.pointee.rows }
  /// Panels that hold so many columns.
  func panels(_ columns: Int) -> Int { (columns + panel - 1) / panel }
}
