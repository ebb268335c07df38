/// Places tensors with known lifetimes in one block of memory.
///
/// Greedy by size: the largest tensor first, each at the lowest offset where nothing that lives at
/// the same time lies. Offsets are multiples of 16 floats (64 bytes).
package struct MemoryPlan: Sendable {
  /// A tensor to place: `count` floats, alive during the steps of `lifetime`.
  package struct Request: Sendable {
    /// Floats.
    package let count: Int
    /// First and last step at which the values must be intact.
    package let lifetime: ClosedRange<Int>

    /// A request.
    package init(count: Int, lifetime: ClosedRange<Int>) {
      self.count = count
      self.lifetime = lifetime
    }
  }

  /// Offset of each request, in floats.
  package let offsets: [Int]
  /// Floats of the whole block.
  package let count: Int

  /// Plans the requests.
  package init(_ requests: [Request]) {
    var offsets = [Int](repeating: 0, count: requests.count)
    var total = 0
    var placed: [Int] = []
    let order = requests.indices.sorted {
      (requests[$0].count, $1) > (requests[$1].count, $0)
    }
    for index in order {
      let request = requests[index]
      let size = (request.count + 15) / 16 * 16
      var offset = 0
      for other in placed where requests[other].lifetime.overlaps(request.lifetime) {
        let start = offsets[other]
        if start >= offset + size { break }
        offset = max(offset, start + (requests[other].count + 15) / 16 * 16)
      }
      offsets[index] = offset
      total = max(total, offset + size)
      // Keeps `placed` sorted by offset, which the search above relies on.
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: position)
    }
    self.offsets = offsets
    count = total
  }
}
