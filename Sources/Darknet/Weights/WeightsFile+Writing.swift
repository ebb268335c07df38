import Files
package import Foundation
package import Networks

extension WeightsFile {
  /// Writes all layers, or layers 0 ..< cutoff, replacing the file only when all is on the disk.
  ///
  /// - Throws: ``DarknetError/file(_:reason:)``; an old file of that name is then unchanged.
  package static func write(
    _ nodes: [LayerNode], to url: URL, header: WeightsHeader = WeightsHeader(), cutoff: Int? = nil
  ) throws(DarknetError) {
    do {
      try AtomicFile.write(to: url.path) { sink in
        try sink.write([UInt8](header.data))
        for node in nodes.prefix(cutoff ?? nodes.count) {
          for layout in WeightsLayout.layouts(
            of: node.storedParameters, in: node, transposed: header.isTransposed)
          {
            var values = [Float](repeating: 0, count: layout.count)
            values.withUnsafeMutableBufferPointer { layout.store(into: $0) }
            try values.withUnsafeBytes { try sink.write($0) }
          }
        }
      }
    } catch let error as FileError {
      throw .file(url.relativePath, reason: error.reason)
    } catch {
      throw .file(url.relativePath, reason: "cannot be written: \(error)")
    }
  }
}
