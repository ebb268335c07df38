import Compute
import Files
package import Foundation
import Layers
package import Networks

extension WeightsFile {
  /// Fills the layers from a file, or changes nothing if the file is not sound.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - nodes: The network's layers.
  ///   - outputs: What the layers mean, which tells files for other numbers of classes; may be empty.
  ///   - allowPartial: Accept a file that ends with one of the first layers, as `.conv.N` files do,
  ///     and of one for another number of classes the layers before the first that differs.
  ///   - cutoff: Fill layers 0 ..< cutoff only, whatever follows in the file; nil: all.
  /// - Returns: The header, and how many layers were filled.
  /// - Throws: ``DarknetError`` naming the layer for a file that is too short or too long or holds
  ///   values that are not finite.
  @discardableResult
  package static func read(
    _ url: URL, into nodes: [LayerNode], outputs: [Output] = [], allowPartial: Bool = false,
    cutoff: Int? = nil
  ) throws(DarknetError) -> Report {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw .file(url.relativePath, reason: unreadableReason(url.path))
    }
    guard let header = WeightsHeader(data) else {
      throw error(
        url,
        ForeignWeights.reason(data, name: url.lastPathComponent)
          ?? "no Darknet weights file: it does not begin with a version")
    }
    try checkBiases(nodes, url, byteCount: data.count - header.byteCount)
    let other =
      cutoff == nil
      ? OtherClasses(nodes, outputs, byteCount: data.count - header.byteCount) : nil
    if let other, !allowPartial {
      throw error(
        url,
        "holds weights for \(other.fileCount) classes, the cfg is for \(other.networkCount);"
          + " take the cfg that belongs to it, or train from it (train --weights takes the layers"
          + " before layer \(other.layer))")
    }
    let skipped = nodes.indices.filter {
      nodes[$0].storage == .none && nodes[$0].storedParameterCount > 0
    }
    if let layer = skipped.first, !allowPartial, cutoff.map({ layer < $0 }) ?? true {
      throw error(
        url,
        "has nothing for \(name(layer, nodes[layer])), which says dontload=1: it must be trained "
          + "first")
    }
    let wanted = Array(nodes.prefix(cutoff ?? other?.layer ?? nodes.count))
    let weighted = wanted.indices.filter { wanted[$0].loadedParameterCount > 0 }
    let count = try fittingLayers(
      wanted, weighted, byteCount: data.count, header, url, allowPartial: allowPartial,
      hasMore: wanted.count < nodes.count)
    let indices = weighted.prefix(count)
    try eachLayer(wanted, indices, data, header) { index, layouts, values throws(DarknetError) in
      try checkFinite(values, of: layouts, layer: name(index, wanted[index]), url)
    }
    try eachLayer(wanted, indices, data, header) { index, layouts, values throws(DarknetError) in
      var start = 0
      for layout in layouts {
        layout.load(UnsafeBufferPointer(rebasing: values[start..<(start + layout.count)]))
        start += layout.count
      }
      wanted[index].layer.parametersDidChange()
    }
    // Behind the last layer that was read, one with weights of its own, such as a branch's, has none.
    let next = count < weighted.count ? weighted[count] : wanted.count
    let last = indices.last ?? 0
    let missing =
      (last..<next).first {
        $0 > last && wanted[$0].loadedParameterCount == 0
          && wanted[$0].layer.parameters.contains { $0.gradient != nil }
      } ?? next
    return Report(
      header: header, layerCount: missing, weightedLayersLoaded: count,
      weightedLayers: nodes.count { $0.loadedParameterCount > 0 },
      skippedLayers: skipped, otherClassCount: other?.fileCount)
  }

  /// Refuses the files of pjreddie's Darknet, which has not written the biases of `[batchnorm]`.
  private static func checkBiases(
    _ nodes: [LayerNode], _ url: URL, byteCount: Int
  ) throws(DarknetError) {
    let biases = nodes.reduce(0) { sum, node in
      let isThere = node.layer is BatchNormalization && node.storage != .none
      return sum + (isThere ? node.outputShape.channels : 0)
    }
    let whole = nodes.reduce(0) { $0 + $1.loadedParameterCount }
    guard biases > 0, byteCount == 4 * (whole - biases) else { return }
    throw error(
      url,
      "is as long as pjreddie's Darknet makes it, which leaves out the \(biases) biases of "
        + "[batchnorm]; they cannot be told from the rest: take a file that AlexeyAB's Darknet or this "
        + "program wrote")
  }

  private static func unreadableReason(_ path: String) -> String {
    if Folder.exists(path) { return "is a folder; the folder of a run is given with --run" }
    return FileManager.default.fileExists(atPath: path) ? "cannot be read" : "no such file"
  }

  /// How many of the layers with weights the file holds.
  private static func fittingLayers(
    _ nodes: [LayerNode], _ weighted: [Int], byteCount: Int, _ header: WeightsHeader, _ url: URL,
    allowPartial: Bool, hasMore: Bool
  ) throws(DarknetError) -> Int {
    let expected = header.byteCount + weighted.reduce(0) { $0 + 4 * nodes[$1].loadedParameterCount }
    var left = byteCount - header.byteCount
    for (count, index) in weighted.enumerated() {
      let needed = 4 * nodes[index].loadedParameterCount
      if left == 0 && allowPartial && count > 0 { return count }
      guard left >= needed else {
        let layer = name(index, nodes[index])
        let size = hasMore ? "" : " (\(byteCount) bytes; the cfg asks for \(expected))"
        if left == 0 {
          throw error(
            url, "ends before \(layer)\(size); a file of the first layers must be asked for")
        }
        let hint =
          expected - byteCount == 4 && header.hasLongCounter
          ? "; it may come from a 32-bit Darknet, which wrote a shorter header" : ""
        throw error(
          url,
          "ends inside \(layer), which needs \(needed) bytes where \(left) are left"
            + "\(size): the file is truncated or belongs to another cfg\(hint)")
      }
      left -= needed
    }
    guard left == 0 || hasMore else {
      throw error(
        url,
        "\(left) bytes are left over after the last layer (\(byteCount) bytes; the cfg asks "
          + "for \(expected)): the file belongs to another cfg"
          + (nodes.contains { $0.storage != .whole }
            ? ", or has the layers that dontload= or dontloadscales= leaves out" : ""))
    }
    return weighted.count
  }

  private static func eachLayer(
    _ nodes: [LayerNode], _ indices: some Sequence<Int>, _ data: Data, _ header: WeightsHeader,
    _ body: (Int, [WeightsLayout], UnsafeBufferPointer<Float>) throws(DarknetError) -> Void
  ) throws(DarknetError) {
    var offset = header.byteCount
    for index in indices {
      let layouts = WeightsLayout.layouts(
        of: nodes[index].loadedParameters, in: nodes[index], transposed: header.isTransposed)
      let count = layouts.reduce(0) { $0 + $1.count }
      var values = [Float](repeating: 0, count: count)
      values.withUnsafeMutableBytes { bytes in
        _ = data.copyBytes(
          to: bytes, from: (data.startIndex + offset)..<(data.startIndex + offset + 4 * count))
      }
      let result = values.withUnsafeBufferPointer { values -> Result<Void, DarknetError> in
        do throws(DarknetError) {
          return .success(try body(index, layouts, values))
        } catch { return .failure(error) }
      }
      try result.get()
      offset += 4 * count
    }
  }

  private static func checkFinite(
    _ values: UnsafeBufferPointer<Float>, of layouts: [WeightsLayout], layer: String, _ url: URL
  ) throws(DarknetError) {
    var start = 0
    for layout in layouts {
      for place in start..<(start + layout.count) where !values[place].isFinite {
        throw error(
          url,
          "\(layout.parameter.name) of \(layer) has the value \(values[place]) at "
            + "\(place - start): the training that wrote it had diverged, or the file belongs to "
            + "another cfg")
      }
      for place in start..<(start + layout.count)
      // Rounding leaves variances just below 0 in published files; ε = 1e-5 is added to them.
      where layout.parameter.name == "rolling_variance" && values[place] <= -1e-5 {
        throw error(
          url,
          "rolling_variance of \(layer) has the negative value \(values[place]): the file "
            + "belongs to another cfg")
      }
      start += layout.count
    }
  }
}
