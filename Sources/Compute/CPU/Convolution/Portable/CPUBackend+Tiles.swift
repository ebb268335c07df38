import CKernels
import COpenBLAS

/// Convolutions whose patches are short: each task makes the patches of some pixels in its thread's
/// own memory and multiplies them while they are in its second-level cache.
///
/// Panels of patches shared by all threads go through main memory: at 16 channels that took longer
/// than the products. Long patches stay with panels, because a tile would hold too few of them to be
/// worth packing the weights for.
extension CPUBackend {
  func convolveTiles(
    _ input: Tensor, weights: Tensor, _ plan: PatchPlan, epilogue: KernelEpilogue,
    into output: Tensor
  ) {
    let (x, w, y) = (input.kernel, weights.kernel, output.kernel)
    for group in 0..<plan.geometry.groups {
      let filter = group * plan.groupFilters
      pool.forEachRange(count: plan.rows, grain: plan.tileRows) { rows in
        let patches = CPUBackend.threadScratch(rows.count * plan.patch)
        plan.fill(patches, rows: rows, group: group, from: x)
        let out = y + (rows.lowerBound * plan.filters + filter)
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows.count), Int32(plan.groupFilters),
          Int32(plan.patch), 1, patches, Int32(plan.patch), w + filter, Int32(plan.filters), 0, out,
          Int32(plan.filters))
        epilogue.from(channel: filter).apply(
          to: out, stride: plan.filters, rows: rows.count, columns: plan.groupFilters)
      }
    }
  }

  /// Products of blocks of output lines, gathered at once.
  ///
  /// Neighbouring blocks share input lines, so even blocks go first, then odd ones: no two tasks
  /// add to one line, and the order of additions is fixed.
  func tileInputGradient(
    of outputGradient: Tensor, weights: Tensor, _ plan: PatchPlan, into target: GradientTarget
  ) {
    if !target.accumulate { fill(target.tensor, with: 0) }
    let (w, d, dx) = (weights.kernel, outputGradient.kernel, target.tensor.kernel)
    let (outHeight, outWidth) = (plan.window.out_height, plan.window.out_width)
    let lines = plan.tileLines
    let blocks = (outHeight + lines - 1) / lines
    for group in 0..<plan.geometry.groups {
      let filter = group * plan.groupFilters
      for parity in 0..<min(2, blocks) {
        let count = (blocks - parity + 1) / 2
        pool.forEach(count: plan.batch * count) { task in
          let image = task / count
          let first = (task % count * 2 + parity) * lines
          let last = min(outHeight, first + lines)
          let rows = (last - first) * outWidth
          let patches = CPUBackend.threadScratch(rows * plan.patch)
          let row = image * plan.rowsPerImage + first * outWidth
          cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(plan.patch),
            Int32(plan.groupFilters), 1, d + (row * plan.filters + filter), Int32(plan.filters),
            w + filter, Int32(plan.filters), 0, patches, Int32(plan.patch))
          // The block as a window of its own, whose first line lies `first` lines further down.
          var window = plan.window
          window.out_height = last - first
          window.pad_top -= first * window.stride
          let top = max(0, -window.pad_top)
          let bottom = min(
            window.height,
            (last - first - 1) * window.stride + window.kernel_height - window.pad_top)
          for line in top..<max(top, bottom) {
            ck_col2im_row(
              patches, &window, group * plan.groupChannels, plan.groupChannels, line,
              dx + image * plan.inputPerImage, true)
          }
        }
      }
    }
  }

  /// Slices of the pixels, whose partial sums are added in order.
  func tileWeightGradient(
    of outputGradient: Tensor, input: Tensor, _ plan: PatchPlan, into gradient: Tensor
  ) {
    let size = plan.patch * plan.groupFilters
    let sliceRows = max(plan.tileRows, (plan.rows + 15) / 16)
    let slices = (plan.rows + sliceRows - 1) / sliceRows
    let partials = scratch(slices * size)
    let (x, d) = (input.kernel, outputGradient.kernel)
    for group in 0..<plan.geometry.groups {
      let filter = group * plan.groupFilters
      pool.forEach(count: slices) { slice in
        let end = min(plan.rows, (slice + 1) * sliceRows)
        for first in stride(from: slice * sliceRows, to: end, by: plan.tileRows) {
          let rows = first..<min(end, first + plan.tileRows)
          let patches = CPUBackend.threadScratch(rows.count * plan.patch)
          plan.fill(patches, rows: rows, group: group, from: x)
          cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(plan.patch), Int32(plan.groupFilters),
            Int32(rows.count), 1, patches, Int32(plan.patch),
            d + (rows.lowerBound * plan.filters + filter), Int32(plan.filters),
            first == slice * sliceRows ? 0 : 1, partials + slice * size, Int32(plan.groupFilters))
        }
      }
      addSlices(partials, count: slices, plan, to: gradient.pointer + filter)
    }
  }

  /// Adds partial weight gradients, [patch][groupFilters] each, in order.
  func addSlices(
    _ partials: KernelPointer, count: Int, _ plan: PatchPlan,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    let size = plan.patch * plan.groupFilters
    for slice in 0..<count {
      for row in 0..<plan.patch {
        ck_axpy(
          1, partials + (slice * size + row * plan.groupFilters), gradient + row * plan.filters,
          plan.groupFilters)
      }
    }
  }
}

extension PatchPlan {
  /// 128 k floats of patches at a time: half of a second-level cache of 1 MiB.
  private static let tileFloats = 1 << 17

  /// Whether a tile holds enough patches to pay for packing the weights, and copying the patches
  /// is worth sparing main memory: not for 1×1 convolutions, whose patches are the input.
  var isTiled: Bool { !geometry.isPointwise && patch <= PatchPlan.tileFloats / 192 }
  /// Patches in a tile: fewer of small maps, so that there is work for several threads.
  var tileRows: Int {
    max(1, min(PatchPlan.tileFloats / patch, max(64, (rows + 11) / 12)))
  }
  /// Output lines in a tile: enough that only neighbours share input lines.
  var tileLines: Int {
    max(1, (geometry.size - 1 + geometry.stride - 1) / geometry.stride, tileRows / window.out_width)
  }

  /// Fills `patches` with those of output pixels `rows`, which may span images.
  func fill(
    _ patches: UnsafeMutablePointer<Float>, rows: Range<Int>, group: Int, from input: KernelPointer
  ) {
    var window = window
    var row = rows.lowerBound
    while row < rows.upperBound {
      let pixel = row % rowsPerImage
      let count = min(rows.upperBound - row, rowsPerImage - pixel)
      ck_im2col(
        input + row / rowsPerImage * inputPerImage, &window, group * groupChannels, groupChannels,
        pixel, count, patches + (row - rows.lowerBound) * patch)
      row += count
    }
  }
}
