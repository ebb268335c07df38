import Foundation
import Networks

extension NetworkSummary {
  /// Darknet's table, one line per layer, the sums, and the memory that is needed.
  package var text: String {
    let header = [
      left("layer", 22), right("filters", 7), "  " + left("size", 18), right("input", 18), "    ",
      right("output", 18), right("BFLOPs", 11), right("cfg line", 10),
    ].joined()
    let lines = layers.map { row in
      [
        right("\(row.index)", 4), " ", left(Self.shortNames[row.layer] ?? row.layer, 17),
        right(row.filters.map(String.init) ?? "", 7), "  " + left(row.size, 18),
        right(extents(row.input), 18), " -> ", right(extents(row.output), 18),
        right(row.bflops >= 0.0005 ? fixed(row.bflops, 3) : "", 11), right("\(row.line)", 10),
      ].joined()
    }
    return ([header] + lines + [sums]).joined(separator: "\n") + "\n"
  }

  private static let shortNames = [
    "convolutional": "conv", "maxpool": "max", "avgpool": "avg", "local_avgpool": "local avg",
    "shortcut": "res", "scale_channels": "scale",
  ]

  private var sums: String {
    let parts = [
      "\(fixed(bflops, 3)) BFLOPs", "\(grouped(parameters)) parameters",
      "\(grouped(weightsBytes)) bytes of weights",
      "\(mebibytes(activationBytes)) of activations per image",
    ]
    let images = memory.batch == 1 ? "1 image" : "\(memory.batch) images"
    return """
      Total: \(parts.joined(separator: ", "))
      Memory for \(images): inference \(mebibytes(memory.inferenceBytes)), training \
      \(mebibytes(trainingBytes)) (planned, without the loader and a small workspace; \
      parameters twice or \(trainingCopies == 3 ? "three" : "four") times: \(mebibytes(memory.parameterBytes)) each)
      """
  }

  private func mebibytes(_ bytes: Int) -> String { "\(fixed(Double(bytes) / 1_048_576, 1)) MiB" }

  private func extents(_ numbers: [Int]) -> String {
    guard numbers.count == 3 else { return "" }
    return
      "\(right("\(numbers[0])", 4)) x\(right("\(numbers[1])", 4)) x\(right("\(numbers[2])", 5))"
  }

  private func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  private func grouped(_ count: Int) -> String {
    var text = ""
    for (place, digit) in "\(count)".reversed().enumerated() {
      if place > 0 && place % 3 == 0 { text = " " + text }
      text = "\(digit)" + text
    }
    return text
  }

  private func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
