import CKernels

/// Convolutions and their gradients by the input as products over lines.
extension CPUBackend {
  func convolveDirect(
    _ input: Tensor, weights: Tensor, _ plan: PatchPlan, epilogue: KernelEpilogue,
    cache: WeightCache?, kernels: KernelTable, into output: Tensor
  ) {
    let columns = plan.groupFilters
    let packedCount = plan.patch * kernels.panels(columns) * kernels.panel
    let g = plan.geometry
    for group in 0..<g.groups {
      let epilogue = epilogue.from(channel: group * columns)
      let out = KernelPointer(output.pointer + group * columns)
      let source = KernelPointer(input.pointer + group * plan.groupChannels)
      func packed(_ scratch: KernelPointer) -> KernelPointer {
        derived(
          cache, "forward \(group)", g, kernels, count: packedCount, scratch: scratch
        ) { target in
          pack(
            KernelPointer(weights.pointer + group * columns), stride: plan.filters,
            transposed: false, inner: plan.patch, columns: columns, depth: plan.patch,
            kernels: kernels, into: target)
        }
      }
      if g.isPointwise {
        var product = RowProduct(
          source: source, sourceRow: plan.window.channels, rows: plan.rows,
          inner: plan.groupChannels, weights: source, columns: columns, out: out,
          outRow: plan.filters, epilogue: epilogue)
        let copies = copyCount(product, kernels)
        let memory = scratch(packedCount + copies)
        product.weights = packed(memory)
        multiply(product, kernels: kernels, scratch: KernelPointer(memory + packedCount))
        continue
      }
      let height = plan.window.out_height
      let width = plan.window.out_width
      let padded = PaddedLines(
        input.shape, channels: plan.groupChannels, top: g.padding, left: g.padding,
        lines: (height - 1) * g.stride + g.size, columns: (width - 1) * g.stride + g.size,
        step: g.stride)
      // A line of a patch is one run unless its pixels lie apart.
      let runs = padded.pixel == padded.channels ? 1 : g.size
      let offsets = (0..<g.size * runs).map { $0 / runs * padded.line + $0 % runs * padded.pixel }
      var product = LineProduct(
        offsets: offsets, inner: plan.patch / offsets.count, step: g.stride, lines: height,
        width: width, weights: source, columns: columns, out: out, outPixel: plan.filters,
        outLine: width * plan.filters, outImage: plan.rowsPerImage * plan.filters,
        epilogue: epilogue)
      let copies =
        needsSharedCopy([product], batch: plan.batch, kernels) ? plan.batch * padded.image : 0
      let memory = scratch(packedCount + copies)
      product.weights = packed(memory)
      multiply(
        [product], source: source, sourceImage: plan.inputPerImage, padded: padded,
        batch: plan.batch, span: g.size, kernels: kernels,
        scratch: KernelPointer(memory + packedCount))
    }
  }

  /// dL/dinput: for each place of a pixel within the stride a convolution of the output gradient
  /// with those taps that reach it.
  func directInputGradient(
    of outputGradient: Tensor, weights: Tensor, _ plan: PatchPlan, kernels: KernelTable,
    into target: GradientTarget
  ) {
    let g = plan.geometry
    let columns = plan.groupChannels
    let panelFloats = kernels.panels(columns) * kernels.panel
    let packedCount = g.size * g.size * plan.groupFilters * panelFloats
    for group in 0..<g.groups {
      let w = KernelPointer(weights.pointer + group * plan.groupFilters)
      let source = KernelPointer(outputGradient.pointer + group * plan.groupFilters)
      let out = KernelPointer(target.tensor.pointer + group * plan.groupChannels)
      if g.isPointwise {
        let product = RowProduct(
          source: source, sourceRow: plan.filters, rows: plan.rows, inner: plan.groupFilters,
          weights: source, columns: columns, out: out, outRow: plan.window.channels,
          epilogue: target.epilogue.from(channel: group * plan.groupChannels))
        let memory = scratch(packedCount + copyCount(product, kernels))
        var ready = product
        ready.weights = memory
        pack(
          w, stride: plan.filters, transposed: true, inner: plan.groupFilters, columns: columns,
          depth: plan.groupFilters, kernels: kernels, into: memory)
        multiply(ready, kernels: kernels, scratch: KernelPointer(memory + packedCount))
        continue
      }
      let rows = StrideTaps.all(g, length: plan.window.height)
      let across = StrideTaps.all(g, length: plan.window.width)
      let accumulate = target.accumulate || g.stride > g.size
      if accumulate && !target.accumulate && group == 0 { fill(target.tensor, with: 0) }
      let top = max(0, rows.map(\.before).max() ?? 0)
      let left = max(0, across.map(\.before).max() ?? 0)
      let padded = PaddedLines(
        outputGradient.shape, channels: plan.groupFilters, top: top, left: left,
        lines: top + (rows.map(\.end).max() ?? 0), columns: left + (across.map(\.end).max() ?? 0),
        step: 1)
      var products: [LineProduct] = []
      var places: [(StrideTaps, StrideTaps)] = []
      for y in rows where y.count > 0 && y.taps > 0 {
        for x in across where x.count > 0 && x.taps > 0 {
          let runs = padded.pixel == padded.channels ? 1 : x.taps
          let offsets = (0..<y.taps * runs).map {
            (top - y.before + $0 / runs) * padded.line + (left - x.before + $0 % runs)
              * padded.pixel
          }
          let first = (y.place * plan.window.width + x.place) * plan.window.channels
          let own = KernelPointer(out + first)
          products.append(
            LineProduct(
              offsets: offsets, inner: y.taps * x.taps * plan.groupFilters / offsets.count, step: 1,
              lines: y.count, width: x.count, weights: out, columns: columns,
              out: own, outPixel: g.stride * plan.window.channels,
              outLine: g.stride * plan.window.width * plan.window.channels,
              outImage: plan.inputPerImage,
              epilogue: KernelEpilogue(accumulatingInto: accumulate ? own : nil)))
          places.append((y, x))
        }
      }
      let copies =
        needsSharedCopy(products, batch: plan.batch, kernels) ? plan.batch * padded.image : 0
      let memory = scratch(packedCount + copies)
      var offset = 0
      for (i, (y, x)) in places.enumerated() {
        let depth = y.taps * x.taps * plan.groupFilters
        products[i].weights = KernelPointer(memory + offset)
        for t in 0..<y.taps * x.taps {
          let r = y.tap(t / x.taps, stride: g.stride)
          let s = x.tap(t % x.taps, stride: g.stride)
          pack(
            KernelPointer(w + (r * g.size + s) * plan.groupChannels * plan.filters),
            stride: plan.filters, transposed: true, inner: plan.groupFilters, columns: columns,
            depth: depth, kernels: kernels,
            into: KernelPointer(memory + (offset + t * plan.groupFilters * kernels.panel)))
        }
        offset += depth * panelFloats
      }
      multiply(
        products, source: source, sourceImage: plan.rowsPerImage * plan.filters, padded: padded,
        batch: plan.batch, span: rows.map { top - $0.before + $0.taps }.max() ?? 0,
        kernels: kernels,
        scratch: KernelPointer(memory + packedCount))
    }
  }

  /// Packs weights, panels in parallel; `depth` rows of a panel lie between panels of the target.
  func pack(
    _ weights: KernelPointer, stride: Int, transposed: Bool, inner: Int, columns: Int, depth: Int,
    kernels: KernelTable, into target: KernelPointer
  ) {
    let grain = max(1, CPUBackend.elementGrain / (inner * kernels.panel))
    pool.forEachRange(count: kernels.panels(columns), grain: grain) { panels in
      ck_run_pack(
        kernels.pointer, weights.base, stride, transposed, inner, columns, panels.lowerBound,
        panels.upperBound, target.base, depth * kernels.panel)
    }
  }
}

/// The taps of a kernel that reach the input pixels place, place + stride, … of one dimension.
///
/// Pixel place + stride · u is reached from outputs u − before ..< u − before + taps, by taps
/// of descending index.
struct StrideTaps {
  let place: Int
  /// Pixels of this place.
  let count: Int
  /// How many taps reach them; the first of them.
  let taps: Int
  let first: Int
  /// Outputs before u that are read (negative: the first one read comes later).
  let before: Int
  /// One past the last output that is read, counted from output 0.
  let end: Int

  static func all(_ g: ConvolutionGeometry, length: Int) -> [StrideTaps] {
    (0..<g.stride).map { place in
      let first = (place + g.padding) % g.stride
      let taps = first < g.size ? (g.size - first + g.stride - 1) / g.stride : 0
      let count = place < length ? (length - place + g.stride - 1) / g.stride : 0
      let before = taps - 1 - (place + g.padding) / g.stride
      return StrideTaps(
        place: place, count: count, taps: taps, first: first, before: before,
        end: count - before + taps - 1)
    }
  }

  /// The kernel index of tap t in ascending order of outputs.
  func tap(_ t: Int, stride: Int) -> Int { first + (taps - 1 - t) * stride }
}
