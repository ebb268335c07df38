import Detection

/// The detections of all images, per class, most confident first.
///
/// Ties keep image order, then file order: the sort is stable, as MATLAB's.
struct DetectionRanking {
  /// Where a detection came from.
  struct Entry {
    let image: Int32
    let detection: Int32
  }

  /// For every class, its detections by descending confidence.
  let classes: [[Entry]]

  /// - Complexity: O(n log n) comparisons of integers.
  init(_ images: [EvaluatedImage], classCount: Int, reversesTies: Bool = false) {
    // Counting the entries down makes the later of two equal ones the first.
    let flip: UInt64 = reversesTies ? 0xFFFF_FFFF : 0
    var keys = [[UInt64]](repeating: [], count: classCount)
    var entries: [Entry] = []
    entries.reserveCapacity(images.reduce(0) { $0 + $1.detections.count })
    for (image, content) in images.enumerated() {
      for (index, detection) in content.detections.enumerated() {
        let key =
          UInt64(Self.descendingKey(detection.confidence)) << 32 | UInt64(entries.count) ^ flip
        keys[detection.classIndex].append(key)
        entries.append(Entry(image: Int32(image), detection: Int32(index)))
      }
    }
    classes = keys.map { unsorted in
      unsorted.sorted().map { entries[Int(($0 ^ flip) & 0xFFFF_FFFF)] }
    }
  }

  /// 32 bits that sort upwards as the confidence goes down; −0 and 0 are equal.
  static func descendingKey(_ confidence: Float) -> UInt32 {
    let bits = (confidence + 0).bitPattern
    let ascending = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
    return ~ascending
  }
}
