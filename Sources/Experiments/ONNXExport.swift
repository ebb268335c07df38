import Compute
import Darknet
import Detection
package import Exchange
import Files
import Foundation
import Geometry
import Networks
import Tasks
package import Training

/// A trained model on its way into an ONNX file.
package struct ONNXExport {
  private let model: TrainedModel
  private let translated: ONNXModel

  /// Translates a model; what whoever runs it must know stands in the file's metadata.
  ///
  /// - Throws: As ``ONNXModel``.
  package init(_ model: TrainedModel, options: ONNXModel.Options) throws {
    self.model = model
    var options = options
    options.quantizedWeights = try model.quantizedWeights()
    translated = try ONNXModel(
      model.network, options: options, metadata: Self.metadata(of: model))
  }

  /// Writes the file, replaced if it exists.
  ///
  /// - Returns: One line that says what was written.
  /// - Throws: `FileError` if the system refuses.
  package func write(to path: String) throws -> String {
    try translated.write(to: path)
    let outputs = translated.outputs.map { output in
      "\(output.name) \(output.shape.map { $0 == 0 ? "N" : "\($0)" }.joined(separator: "x"))"
    }
    return "\(path): \(translated.operatorCount) operators of ONNX's set \(ONNXModel.operatorSet), "
      + "outputs \(outputs.joined(separator: ", ")); from \(model.origin)"
  }

  /// Names as a JSON list, and how a picture is brought to the input.
  private static func metadata(of model: TrainedModel) throws -> [(key: String, value: String)] {
    let network = model.network
    var entries = [
      ("task", (try? TaskChoice.type(of: network.outputs, named: network.name))?.name ?? "none"),
      ("input", "RGB, 0 to 1, channels before rows"),
      ("origin", model.origin),
    ]
    if let names = model.classNames {
      let json = try JSONEncoder().encode(names)
      entries.append(("names", String(decoding: json, as: UTF8.self)))
    }
    if let resize = model.resizeMode { entries.append(("resize", resize.rawValue)) }
    if model.resizeMode == .letterbox {
      entries.append(("letterbox_fill", "\(model.letterboxFill)"))
    }
    func sizes(_ head: YOLOHead) -> [String] {
      head.mask.map { "\(head.anchors[$0].width)x\(head.anchors[$0].height)" }
    }
    for (index, output) in network.heads.enumerated() {
      let anchors: [String]
      switch output.head {
      case .yolo(let head):
        anchors = sizes(head)
      case .gaussian(let head): anchors = sizes(head.boxes)
      case .region(let head):
        anchors = head.anchors.map { "\($0.width)x\($0.height) cells" }
      }
      entries.append(("anchors_\(index)", anchors.joined(separator: " ")))
    }
    return entries
  }
}
