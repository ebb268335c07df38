/// What the CPU's kernels need of weights, as a ``WeightCache`` keeps it.
final class DerivedWeights {
  /// What was derived, and for which kernels.
  struct Key: Hashable {
    let purpose: String
    let geometry: ConvolutionGeometry
    let set: String
  }

  var entries: [Key: CPUBuffer] = [:]
}

extension CPUBackend {
  /// What `build` makes of the weights: from the cache, or made anew in `scratch`.
  func derived(
    _ cache: WeightCache?, _ purpose: String, _ geometry: ConvolutionGeometry,
    _ kernels: KernelTable, count: Int, scratch: KernelPointer, _ build: (KernelPointer) -> Void
  ) -> KernelPointer {
    guard let cache else {
      build(scratch)
      return scratch
    }
    let kept = cache.contents as? DerivedWeights ?? DerivedWeights()
    cache.contents = kept
    let key = DerivedWeights.Key(purpose: purpose, geometry: geometry, set: kernels.name)
    if let buffer = kept.entries[key] { return KernelPointer(buffer.floats) }
    do {
      let buffer = try CPUBuffer(count: count)
      kept.entries[key] = buffer
      build(KernelPointer(buffer.floats))
      return KernelPointer(buffer.floats)
    } catch {
      // No memory to keep it: made anew each time.
      build(scratch)
      return scratch
    }
  }
}
