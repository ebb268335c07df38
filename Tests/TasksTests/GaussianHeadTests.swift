import Compute
import Detection
import Foundation
import Geometry
import Layers
import Networks
import TestSupport
import Testing

@testable import Darknet
@testable import Tasks

/// Networks that end with `[Gaussian_yolo]`: against NumPy, from weights file to detections.
@Suite struct GaussianHeadTests {
  private func text(_ golden: GoldenCase) -> String {
    let exponent = golden.numbers["exponent"] ?? -1
    return """
      [net]
      width=8
      height=6
      channels=3
      [convolutional]
      batch_normalize=1
      filters=4
      size=3
      stride=2
      pad=1
      activation=leaky
      [convolutional]
      filters=22
      size=1
      activation=linear
      [Gaussian_yolo]
      anchors=90,90, 2,3, 5,4
      mask=1,2
      classes=2
      scale_x_y=\(golden.numbers["scaleXY"] ?? 1)
      yolo_point=\(golden.name)
      uc_normalizer=1.5
      iou_loss=giou
      nms_kind=\(exponent < 0 ? "default" : "diounms")
      beta_nms=\(exponent < 0 ? 0.6 : exponent)
      """
  }

  private func network(_ golden: GoldenCase, _ folder: URL) throws -> Network {
    let network = try Network(
      ConfigurationFile(text: text(golden), fileName: "g.cfg"),
      backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
    let weights = try golden.array("weights")
    let data = WeightsHeader().data + weights.withUnsafeBytes { Data($0) }
    let file = folder.appending(path: "g.weights")
    try data.write(to: file)
    let report = try WeightsFile.read(file, into: network.nodes, outputs: network.outputs)
    #expect(report.isComplete)
    network.parametersDidChange()
    let copy = folder.appending(path: "copy.weights")
    try WeightsFile.write(network.nodes, to: copy, header: report.header)
    #expect(try Data(contentsOf: copy) == data)
    return network
  }

  private func folder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  @Test(arguments: 0..<3) func agreesWithReference(index: Int) throws {
    let golden = try goldenCases("gaussian_yolo")[index]
    try folder { folder in
      let network = try network(golden, folder)
      let plan = try network.makePlan(input: network.inputShape(batch: 1), mode: .inference)
      plan.input.update(from: try golden.array("image"))
      plan.forward()
      var settings = DetectionSettings(
        confidenceThreshold: Float(try #require(golden.numbers["threshold"])),
        suppressionThreshold: Float(try #require(golden.numbers["overlap"])))
      settings.clipsBoxes = false
      settings.keepsPlace = true
      let placement = ImagePlacement(
        imageWidth: 8, imageHeight: 6, inputWidth: 8, inputHeight: 6, mode: .stretch)
      let found = try DetectionTask(network, settings: settings)
        .predictions(plan, placements: [placement])[0]
      // Its deviations are those of no density: no edge gets one.
      #expect(found.allSatisfy { $0.edges == nil && $0.expectedIoU == nil })
      let actual = found.flatMap {
        [
          Float($0.classIndex), $0.confidence, $0.objectness, $0.box.left, $0.box.top,
          $0.box.right, $0.box.bottom,
        ]
      }
      expectClose(actual, try golden.array("detections"), golden.name)
    }
  }

  @Test func trainingIsRefused() throws {
    let golden = try goldenCases("gaussian_yolo")[0]
    try folder { folder in
      let network = try network(golden, folder)
      let plan = try network.makePlan(input: network.inputShape(batch: 1), mode: .training)
      plan.forward()
      #expect(throws: TaskError.untrainable(reason: GaussianHead.notTrained)) {
        _ = try DetectionTask(network).loss(plan, targets: [[]], step: LossStep())
      }
    }
  }
}
