public import Foundation
import Glibc

extension WeightsFile {
  /// Writes all layers, or layers 0 ..< cutoff, replacing the file only when all is on the disk.
  ///
  /// - Throws: ``DarknetError/file(_:reason:)``; an old file of that name is then unchanged.
  public static func write(
    _ nodes: [LayerNode], to url: URL, header: WeightsHeader = WeightsHeader(), cutoff: Int? = nil
  ) throws(DarknetError) {
    let temporary = url.path + ".tmp-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(url, errno) }
    var isOpen = true
    defer {
      if isOpen { close(descriptor) }
      unlink(temporary)
    }
    try write(header.data, to: descriptor, url)
    for node in nodes.prefix(cutoff ?? nodes.count) {
      for layout in WeightsLayout.layouts(of: node, transposed: header.isTransposed) {
        var values = [Float](repeating: 0, count: layout.count)
        values.withUnsafeMutableBufferPointer { layout.store(into: $0) }
        try write(values.withUnsafeBytes { Data($0) }, to: descriptor, url)
      }
    }
    guard fsync(descriptor) == 0 else { throw failure(url, errno) }
    isOpen = false
    guard close(descriptor) == 0, rename(temporary, url.path) == 0 else {
      throw failure(url, errno)
    }
    // The rename itself is on the disk only when the folder is.
    let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func write(_ data: Data, to descriptor: Int32, _ url: URL) throws(DarknetError) {
    let code = data.withUnsafeBytes { bytes -> Int32 in
      var done = 0
      while done < bytes.count {
        let written = Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return errno }
        done += written
      }
      return 0
    }
    guard code == 0 else { throw failure(url, code) }
  }

  private static func failure(_ url: URL, _ code: Int32) -> DarknetError {
    .file(url.relativePath, reason: "cannot be written: \(String(cString: strerror(code)))")
  }
}
