import Datasets
import Foundation
import TestSupport

/// Small sets of every format with the same content: pictures 1...n of 20 x 16 pixels, all but the
/// last with a dog (0-based edges 1, 2, 10, 12).
extension URL {
  func writeCOCO(_ path: String, images: ClosedRange<Int>, folder: String?) throws {
    let names = images.map {
      #"{"id": \#($0), "file_name": "\#($0).jpg", "width": 20, "height": 16}"#
    }
    let objects = images.dropLast().map {
      #"{"image_id": \#($0), "category_id": 7, "bbox": [1, 2, 9, 10], "iscrowd": 0}"#
    }
    try write(
      path,
      #"{"images": [\#(names.joined(separator: ", "))], "categories": [{"id": 7, "name": "dog"}], "#
        + #""annotations": [\#(objects.joined(separator: ", "))]}"#)
    guard let folder else { return }
    for i in images { try writePicture("\(folder)/\(i).jpg", seed: UInt64(i)) }
  }

  func writeYOLO(images: String, labels: String, _ range: ClosedRange<Int>) throws {
    for i in range {
      try writePicture("\(images)/\(i).jpg", seed: UInt64(i))
      if i < range.upperBound { try write("\(labels)/\(i).txt", "0 0.275 0.4375 0.45 0.625\n") }
    }
  }

  func writeCIFAR(_ path: String, labels: [[UInt8]], value: UInt8 = 0) throws {
    var bytes = Foundation.Data()
    for (index, label) in labels.enumerated() {
      bytes += label
      for plane in 0..<3 {
        bytes += [UInt8](repeating: value &+ UInt8(index + plane), count: 1024)
      }
    }
    let file = appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file)
  }
}

/// Shares by a seed; nothing for testing unless it is asked for.
func shares(_ validation: Float, test: Float = 0, seed: UInt64 = 1) -> ReadingRules {
  ReadingRules(shares: SplitShares(validation: validation, test: test, seed: seed))
}

func recognized(_ url: URL, _ path: String = "", split: String? = nil) throws -> RecognizedDataset {
  try RecognizedDataset(
    recognizing: DataArgument(path.isEmpty ? url : url.appending(path: path), split: split))
}
