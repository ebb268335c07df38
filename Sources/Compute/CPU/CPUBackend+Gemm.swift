import CKernels
import COpenBLAS

/// A row-major matrix inside a larger one.
struct Matrix: Sendable {
  let pointer: KernelPointer
  let stride: Int
  let transposed: Bool

  init(_ pointer: UnsafeMutablePointer<Float>, stride: Int, transposed: Bool = false) {
    self.pointer = KernelPointer(pointer)
    self.stride = stride
    self.transposed = transposed
  }

  /// The element at a row and column of the (possibly transposed) matrix.
  func at(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Float> {
    pointer + (transposed ? column * stride + row : row * stride + column)
  }
}

extension KernelEpilogue {
  /// Scale, bias and activation of a block while it is still in the cache; its rows lie `stride`
  /// floats apart.
  func apply(to block: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int) {
    ck_affine_activate(
      activation.kernel, scale?.base, bias?.base, block, stride, rows, columns)
  }
}

extension CPUBackend {
  /// C[M, N] = A[M, K] · B[K, N] (+ C if `accumulate`), blocks of C in parallel.
  ///
  /// The blocks depend on M, N and K only. Each is one single-threaded OpenBLAS call.
  func gemm(
    _ a: Matrix, _ b: Matrix, into c: Matrix, rows m: Int, columns n: Int, inner k: Int,
    accumulate: Bool, epilogue: KernelEpilogue? = nil
  ) {
    let (blockRows, blockColumns) = CPUBackend.gemmBlock(rows: m, columns: n, inner: k)
    let rowBlocks = (m + blockRows - 1) / blockRows
    let columnBlocks = (n + blockColumns - 1) / blockColumns
    pool.forEach(count: rowBlocks * columnBlocks) { index in
      let row = index / columnBlocks * blockRows
      let column = index % columnBlocks * blockColumns
      let height = min(blockRows, m - row)
      let width = min(blockColumns, n - column)
      let out = c.at(row, column)
      cblas_sgemm(
        CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
        b.transposed ? CblasTrans : CblasNoTrans, Int32(height), Int32(width), Int32(k), 1,
        a.at(row, 0), Int32(a.stride), b.at(0, column), Int32(b.stride), accumulate ? 1 : 0, out,
        Int32(c.stride))
      epilogue?.from(channel: column).apply(
        to: out, stride: c.stride, rows: height, columns: width)
    }
  }

  /// About a dozen nearly square blocks for large products, fewer for small ones: OpenBLAS packs
  /// both operands anew for every block, which costs least when blocks are square.
  static func gemmBlock(rows m: Int, columns n: Int, inner k: Int) -> (rows: Int, columns: Int) {
    let operations = 2 * Double(m) * Double(n) * Double(k)
    let tasks = min(12, max(1, operations / 4e6))
    let area = Double(m) * Double(n) / tasks
    let columns = min(n, max(48, (Int(area.squareRoot()) + 47) / 48 * 48))
    let rows = min(m, max(16, (Int(area / Double(columns)) + 15) / 16 * 16))
    return (min(rows, 4096), columns)
  }
}
