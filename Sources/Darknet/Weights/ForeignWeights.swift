import Foundation

/// Weights of other programs, told by their first bytes.
enum ForeignWeights {
  /// What a file is, and what to do about it; nil if it is none of them.
  static func reason(_ data: Data, name: String) -> String? {
    let start = [UInt8](data.prefix(1024))
    func begins(_ bytes: [UInt8]) -> Bool { start.starts(with: bytes) }
    let remedy = "convert it to Darknet weights first, with the tools of the program that wrote it"
    if begins([0x80, 2]) || begins(Array("PK".utf8)) && isPyTorch(start, name) {
      return "is a PyTorch file; \(remedy)"
    }
    if begins(Array("PK".utf8)) { return "is a zip archive; unpack it first" }
    if begins([0x1F, 0x8B]) { return "is compressed; unpack it with gunzip or tar first" }
    if begins([0x89] + Array("HDF".utf8)) { return "is a Keras file; \(remedy)" }
    if name.hasSuffix(".onnx") { return "is an ONNX file; \(remedy)" }
    if start.count > 8, start[8] == UInt8(ascii: "{") {
      return "is a safetensors file; if it is of a run, give the run's folder with --run"
    }
    return nil
  }

  /// Whether an archive holds a pickle, as PyTorch's do.
  private static func isPyTorch(_ start: [UInt8], _ name: String) -> Bool {
    name.hasSuffix(".pt") || name.hasSuffix(".pth")
      || String(decoding: start, as: UTF8.self).contains("data.pkl")
  }
}
