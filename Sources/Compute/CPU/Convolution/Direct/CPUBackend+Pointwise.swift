import CKernels

/// A product of rows as they lie: out[row] = f(source[row] · weights), f the epilogue.
struct RowProduct: Sendable {
  var source: KernelPointer
  /// Distance of the source's rows, floats.
  var sourceRow: Int
  var rows: Int
  var inner: Int
  /// Packed weights.
  var weights: KernelPointer
  var columns: Int
  var out: KernelPointer
  var outRow: Int
  var epilogue: KernelEpilogue

  /// Whether rows lie a multiple of a page apart, so that blocks of them crowd into one set of the
  /// first-level cache.
  var isCrowded: Bool { sourceRow % 1024 == 0 }
  /// Distance of rows in a copy that are not.
  var copyRow: Int { inner + (inner % 1024 == 0 ? 16 : 0) }

  func run(
    _ kernels: KernelTable, source: UnsafePointer<Float>, row: Int, rows range: Range<Int>,
    panels: Range<Int>
  ) {
    var zero = 0
    withUnsafePointer(to: &zero) { offset in
      var g = ck_gemm()
      g.a = source
      g.a_row = row
      g.a_segments = offset
      g.groups = 1
      g.rows = range.count
      g.segments = 1
      g.inner = inner
      g.b = UnsafePointer(weights.base)
      g.columns = columns
      g.c = out + range.lowerBound * outRow
      g.c_row = outRow
      g.epilogue = epilogue.fused(at: range.lowerBound * outRow)
      ck_run_gemm(kernels.pointer, &g, panels.lowerBound, panels.upperBound)
    }
    guard epilogue.needsFinish else { return }
    let first = panels.lowerBound * kernels.panel
    let count = min(columns, panels.upperBound * kernels.panel) - first
    for r in range { epilogue.finish(out + (r * outRow + first), count: count) }
  }
}

extension CPUBackend {
  /// Room that ``multiply(_:kernels:scratch:)`` needs for a copy of the source, floats.
  func copyCount(_ product: RowProduct, _ kernels: KernelTable) -> Int {
    product.isCrowded ? product.rows * product.copyRow : 0
  }

  /// Rows and panels in parallel.
  func multiply(_ product: RowProduct, kernels: KernelTable, scratch: KernelPointer) {
    let panels = kernels.panels(product.columns)
    let wholeParts = max(1, (product.rows + CPUBackend.taskRows / 2) / CPUBackend.taskRows)
    let panelParts = min(panels, max(1, 16 / wholeParts))
    // Few rows and panels: shorter parts, so that threads end together.
    let blocks = (product.rows + kernels.rows - 1) / kernels.rows
    let rowParts = max(wholeParts, min(blocks, (8 + panelParts - 1) / panelParts))
    var product = product
    if product.isCrowded && panelParts > 1 {
      let from = product
      let row = from.copyRow
      pool.forEachRange(count: from.rows, grain: 16) { range in
        ck_copy_rows(
          from.source + range.lowerBound * from.sourceRow, from.sourceRow,
          scratch + range.lowerBound * row, row, range.count, from.inner, false)
      }
      product.source = scratch
      product.sourceRow = row
    }
    let settled = product
    pool.forEach(count: rowParts * panelParts) { task in
      let rows = part(task / panelParts, of: rowParts, settled.rows)
      let own = part(task % panelParts, of: panelParts, panels)
      let source = settled.source + rows.lowerBound * settled.sourceRow
      guard settled.isCrowded else {
        settled.run(kernels, source: source, row: settled.sourceRow, rows: rows, panels: own)
        return
      }
      let copy = CPUBackend.threadScratch(rows.count * settled.copyRow)
      ck_copy_rows(
        source, settled.sourceRow, copy, settled.copyRow, rows.count, settled.inner, false)
      settled.run(kernels, source: copy, row: settled.copyRow, rows: rows, panels: own)
    }
  }
}
