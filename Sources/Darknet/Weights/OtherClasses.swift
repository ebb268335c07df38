import Compute
import Detection
import Networks

/// A complete weights file of the same network for another number of classes, which shows in its
/// size: that is linear in the classes.
struct OtherClasses {
  /// Of the file.
  let fileCount: Int
  /// Of the network.
  let networkCount: Int
  /// The first layer whose size depends on the number of classes.
  let layer: Int

  /// Nil if the file is not of that kind.
  ///
  /// - Parameters:
  ///   - nodes: The network's layers.
  ///   - outputs: What they mean.
  ///   - byteCount: The bytes behind the file's header.
  init?(_ nodes: [LayerNode], _ outputs: [Output], byteCount: Int) {
    var ends: [(node: Int, classes: Int, filters: Int)] = outputs.heads.map {
      let more = $0.head.with(classCount: $0.head.classCount + 1).channelCount
      return ($0.layer, $0.head.classCount, more - $0.head.channelCount)
    }
    if ends.isEmpty {
      ends = outputs.compactMap { $0.meaning as? ClassifierOutput }.map {
        ($0.logits, $0.classCount, 1)
      }
    }
    guard let own = ends.first?.classes, ends.allSatisfy({ $0.classes == own }) else { return nil }
    var first = nodes.count
    var perClass = 0
    for end in ends {
      var node = end.node
      while node >= 0, nodes[node].loadedParameterCount == 0 {
        guard nodes[node].inputs.count == 1 else { return nil }
        node = nodes[node].inputs[0]
      }
      guard node >= 0, nodes[node].outputShape.channels > 0 else { return nil }
      let perFilter = nodes[node].loadedParameterCount / nodes[node].outputShape.channels
      perClass += end.filters * perFilter
      first = min(first, node)
    }
    let missing = byteCount - 4 * nodes.reduce(0) { $0 + $1.loadedParameterCount }
    guard perClass > 0, missing != 0, missing.isMultiple(of: 4 * perClass) else { return nil }
    fileCount = own + missing / (4 * perClass)
    guard fileCount > 0 else { return nil }
    networkCount = own
    layer = first
  }
}
